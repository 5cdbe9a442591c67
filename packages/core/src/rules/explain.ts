/**
 * Why a lead is, or is not, being sent something in a campaign: from state alone, and in agreement with what a claim
 * of the same moment would do (DE-2). Nothing here is a person's data, so that an explanation may stand in a log.
 */
import type { CampaignStatus } from "../model/Campaign.ts"
import type { EmailKey } from "../model/EmailAddress.ts"
import type { EndReason, Enrollment } from "../model/Enrollment.ts"
import type { ClaimToken, MessageId } from "../model/Ids.ts"
import type { Message } from "../model/Message.ts"
import type { Snapshot } from "../model/Snapshot.ts"
import { isExhausted } from "./claim.ts"
import type { Moment } from "./moment.ts"
import { MessageRenderer } from "./renderMessage.ts"
import { suppressionOf } from "./suppression.ts"

/** The one reason that holds now. Times are milliseconds since 1970; steps count from 0. */
export type Verdict =
  /** The address or its domain is suppressed, and so it was never enrolled here. */
  | { readonly reason: "suppressed"; readonly why: string; readonly since: number }
  | { readonly reason: "notEnrolled" }
  /** The campaign has not started. */
  | { readonly reason: "notStarted" }
  | { readonly reason: "completed"; readonly since: number }
  | { readonly reason: "ended"; readonly why: EndReason; readonly since: number }
  /** The campaign is paused; the step was, or will be, due then. */
  | { readonly reason: "paused"; readonly since: number; readonly step: number; readonly dueAt: number }
  /** A worker has it in hand. */
  | {
      readonly reason: "claimed"
      readonly claimToken: ClaimToken
      readonly until: number
      readonly step: number
      readonly attempt: number
    }
  | { readonly reason: "waiting"; readonly until: number; readonly step: number; readonly attempt: number }
  /**
   * Its last attempt failed too, since its lease ran out: the next claim that reaches it ends the
   * enrolment.
   */
  | { readonly reason: "exhausted"; readonly since: number; readonly step: number; readonly attempt: number }
  /** It is too large when it is rendered: the next claim that gets this far ends the enrolment. */
  | { readonly reason: "oversized"; readonly since: number; readonly step: number; readonly attempt: number }
  /** The next claim that gets this far hands it out. */
  | { readonly reason: "due"; readonly since: number; readonly step: number; readonly attempt: number }

/** What became of one message. */
export interface MessageHistory {
  readonly messageId: MessageId
  readonly step: number
  readonly state: Message["state"]
  /** How many times it was handed out. */
  readonly attempt: number
  /** How many of these attempts have failed. */
  readonly failures: number
  readonly sentAt: number | null
  readonly deliveredAt: number | null
  readonly openedAt: number | null
  readonly bouncedAt: number | null
  readonly hardBouncedAt: number | null
  readonly repliedAt: number | null
  readonly unsubscribedAt: number | null
}

/** Where a lead stands in a campaign, and why. */
export interface Standing {
  readonly verdict: Verdict
  readonly status: CampaignStatus
  /** The entry that covers the address now, if one does, by its kind, reason and time. */
  readonly suppression: {
    readonly by: "address" | "domain"
    readonly reason: string
    readonly since: number
  } | null
  /** The steps sent, and what became of them; the last may be pending. */
  readonly messages: ReadonlyArray<MessageHistory>
}

const verdictOf = (
  snapshot: Snapshot,
  status: CampaignStatus,
  pausedAt: number | null,
  key: EmailKey,
  { now, realNow }: Moment
): Verdict => {
  const enrollment: Enrollment | undefined = snapshot.enrollments.get(key)
  const suppression = suppressionOf(snapshot, key)
  if (enrollment === undefined) {
    return suppression === undefined
      ? { reason: "notEnrolled" }
      : { reason: "suppressed", why: suppression.reason, since: suppression.suppressedAt }
  }
  const { endReason, endedAt, enrolledAt, state } = enrollment
  if (state === "completed") return { reason: "completed", since: endedAt ?? enrolledAt }
  if (endReason !== null) return { reason: "ended", why: endReason, since: endedAt ?? enrolledAt }
  const pending = snapshot.history.get(key)?.find((message) => message.state === "pending")
  if (pending === undefined) return { reason: "notStarted" }
  const { attempt, dueAt, lease, step } = pending
  if (lease !== null && lease.until > realNow)
    return { reason: "claimed", claimToken: lease.token, until: lease.until, step, attempt }
  if (status === "paused") return { reason: "paused", since: pausedAt ?? enrolledAt, step, dueAt }
  if (dueAt > now) return { reason: "waiting", until: dueAt, step, attempt }
  if (isExhausted(pending)) return { reason: "exhausted", since: lease?.until ?? dueAt, step, attempt }
  return isOversized(snapshot, key, pending)
    ? { reason: "oversized", since: dueAt, step, attempt }
    : { reason: "due", since: dueAt, step, attempt }
}

const isOversized = ({ campaign, leads }: Snapshot, key: EmailKey, message: Message): boolean => {
  const lead = leads.get(key)
  if (campaign === null || lead === undefined) return false
  return new MessageRenderer().render({ campaign, lead, message }) === undefined
}

/** Explains a lead of a campaign that the snapshot shows with its history. Null when there is no such campaign. */
export const explain = (snapshot: Snapshot, key: EmailKey, moment: Moment): Standing | null => {
  const { campaign } = snapshot
  if (campaign === null) return null
  const verdict = verdictOf(snapshot, campaign.status, campaign.pausedAt, key, moment)
  const suppression = suppressionOf(snapshot, key)
  return {
    verdict,
    status: campaign.status,
    suppression:
      suppression === undefined
        ? null
        : {
            by: suppression.entry === key ? "address" : "domain",
            reason: suppression.reason,
            since: suppression.suppressedAt
          },
    messages: (snapshot.history.get(key) ?? []).map(
      ({ campaignId: _c, dueAt: _d, id, lease: _l, leadId: _lead, ...facts }) => ({ messageId: id, ...facts })
    )
  }
}
