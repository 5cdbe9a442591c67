/**
 * What can be claimed, and what a claim does (DE-1, DE-2, SU-3). A claim leases messages and moves nothing else; a
 * message whose lease has run out can be claimed again, under the same id and with one attempt more.
 */
import type { Change, Decision } from "../model/Decision.ts"
import type { EmailKey } from "../model/EmailAddress.ts"
import type { Lease, MessageInContext } from "../model/Message.ts"
import type { Snapshot } from "../model/Snapshot.ts"
import { suppressionOf } from "./suppression.ts"

/** Whether a message can be handed out at this time, in milliseconds since 1970 (DE-2). */
export const isClaimable = (
  { campaign, message }: Pick<MessageInContext, "campaign" | "message">,
  at: number
): boolean =>
  campaign.status === "running" &&
  message.state === "pending" &&
  message.dueAt <= at &&
  (message.lease === null || message.lease.until <= at)

/**
 * Leases the messages that the snapshot shows and that can be claimed. The suppression list is asked once more
 * (SU-3): a message that it covers is not handed out, and what it should have ended before ends now.
 */
export const decideClaim = (
  snapshot: Snapshot,
  lease: Lease,
  now: number
): Decision<ReadonlyArray<MessageInContext>> => {
  const claimed: Array<MessageInContext> = []
  const covered = new Set<EmailKey>()
  for (const found of snapshot.messages.values()) {
    if (!isClaimable(found, now)) continue
    if (suppressionOf(snapshot, found.lead.key) !== undefined) covered.add(found.lead.key)
    else {
      const { campaign, enrollment, lead, message } = found
      claimed.push({
        campaign,
        enrollment,
        lead,
        message: { ...message, attempt: message.attempt + 1, lease }
      })
    }
  }
  const changes: Array<Change> = []
  if (claimed.length > 0)
    changes.push({ _tag: "MessagesLeased", ids: claimed.map(({ message }) => message.id), lease })
  if (covered.size > 0)
    changes.push({ _tag: "EnrollmentsEnded", entries: [...covered], reason: "suppressed", endedAt: now })
  return { changes, answer: claimed }
}
