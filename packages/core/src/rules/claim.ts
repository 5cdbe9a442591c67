/**
 * The rule of claims: the messages that can be claimed, and their leases (DE-1, DE-2, DE-4, SU-3).
 * A claim leases messages; a message whose lease has run out can be claimed again, under the same
 * id, with one attempt and one failure more. A message that cannot be handed out any more ends.
 */
import { type Change, type Decision, events } from "../model/Decision.ts"
import type { EmailKey } from "../model/EmailAddress.ts"
import type { Enrollment } from "../model/Enrollment.ts"
import type { CampaignId, ClaimToken, MessageId, WorkspaceId } from "../model/Ids.ts"
import type { Lead } from "../model/Lead.ts"
import * as Limits from "../model/Limits.ts"
import type { Lease, Message, MessageInContext } from "../model/Message.ts"
import type { Snapshot } from "../model/Snapshot.ts"
import type { Moment } from "./moment.ts"
import { MessageRenderer, type RenderedMessage } from "./renderMessage.ts"
import { suppressionOf } from "./suppression.ts"

/** A claimed message, rendered with the lead as it was at the claim (TK-6). */
export interface ClaimedMessage {
  /** Stable over all attempts: hand it to the provider as idempotency key. */
  readonly messageId: MessageId
  /** 1 for the first time that the message is handed out. */
  readonly attempt: number
  /** Goes into `release`, `extend` and a report of a failure. */
  readonly claimToken: ClaimToken
  /** When the lease runs out, in milliseconds since 1970. */
  readonly leasedUntil: number
  readonly to: string
  readonly subject: string
  readonly html: string
  readonly workspaceId: WorkspaceId
  readonly campaignId: CampaignId
  /** Counts from 0. */
  readonly step: number
  readonly lead: Lead
}

/** The arguments of a claim. */
export interface ClaimRequest {
  readonly lease: Lease
  readonly moment: Moment
  /** How many messages at most. */
  readonly limit: number
  /** How many bytes of rendered messages at most. */
  readonly maxBytes: number
}

/** The result of a claim. */
export interface Claimed {
  readonly messages: ReadonlyArray<ClaimedMessage>
  /** The UTF-8 bytes of the rendered messages. */
  readonly bytes: number
  /** How many messages ended instead of being handed out. */
  readonly ended: number
  /** Whether the next message would have passed `maxBytes`. */
  readonly isFull: boolean
  /**
   * Whether another decision may find more, since this one ended at a limit of its own: it saw as
   * many campaigns as one may, or rendered as much.
   */
  readonly isCut: boolean
}

/** Whether a message can be handed out at this moment (DE-2). */
export const isClaimable = (
  { campaign, message }: Pick<MessageInContext, "campaign" | "message">,
  { now, realNow }: Moment
): boolean =>
  campaign.status === "running" &&
  message.state === "pending" &&
  message.dueAt <= now &&
  (message.lease === null || message.lease.until <= realNow)

/** Whether a message whose lease has run out has failed for the last time by that (DE-4). */
export const isExhausted = ({ failures, lease }: Message): boolean =>
  lease !== null && failures + 1 >= Limits.maxFailures

/**
 * Leases and renders the messages that the snapshot shows and that can be claimed. Messages end
 * instead when the suppression list covers them by now (SU-3), when they have failed too often
 * (DE-4), and when they are too large (TK-6).
 */
export const decideClaim = (snapshot: Snapshot, request: ClaimRequest): Decision<Claimed> => {
  const claim = new Claim(snapshot, request)
  for (const found of snapshot.messages.values()) {
    if (!claim.takes()) break
    if (isClaimable(found, request.moment)) claim.take(found)
  }
  return { changes: claim.changes(), answer: claim.answer() }
}

class Claim {
  private readonly snapshot: Snapshot
  private readonly request: ClaimRequest
  private readonly renderer = new MessageRenderer()
  private readonly messages: Array<ClaimedMessage> = []
  private readonly campaigns = new Set<CampaignId>()
  private readonly covered = new Set<EmailKey>()
  private readonly failed: Array<{ readonly message: Message; readonly enrollment: Enrollment }> = []
  private bytes = 0
  private ended = 0
  private isFull = false
  private isCut = false

  constructor(snapshot: Snapshot, request: ClaimRequest) {
    this.snapshot = snapshot
    this.request = request
  }

  takes(): boolean {
    return !this.isFull && !this.isCut && this.messages.length < this.request.limit
  }

  take(found: MessageInContext): void {
    const { campaign, lead, message } = found
    this.campaigns.add(campaign.id)
    if (suppressionOf(this.snapshot, lead.key) !== undefined) {
      this.covered.add(lead.key)
      this.ended++
    } else if (isExhausted(message)) this.fail(found, message.failures + 1)
    else {
      const rendered = this.renderer.render(found)
      if (rendered === undefined) this.fail(found, message.failures)
      else if (this.bytes + rendered.bytes > this.request.maxBytes) this.isFull = true
      else this.handOut(found, rendered)
      this.isCut = this.renderer.renderedBytes >= Limits.maxRenderedInDecision
    }
  }

  private handOut({ campaign, lead, message }: MessageInContext, rendered: RenderedMessage): void {
    const { lease } = this.request
    const { bytes, html, subject } = rendered
    this.bytes += bytes
    this.messages.push({
      messageId: message.id,
      attempt: message.attempt + 1,
      claimToken: lease.token,
      leasedUntil: lease.until,
      to: lead.email,
      subject,
      html,
      workspaceId: campaign.workspaceId,
      campaignId: campaign.id,
      step: message.step,
      lead
    })
  }

  private fail({ enrollment, message }: MessageInContext, failures: number): void {
    this.ended++
    this.failed.push({
      message: { ...message, state: "failed", failures, lease: null },
      enrollment: { ...enrollment, state: "ended", endReason: "failed", endedAt: this.request.moment.now }
    })
  }

  changes(): ReadonlyArray<Change> {
    const {
      lease,
      moment: { now }
    } = this.request
    const changes: Array<Change> = []
    if (this.failed.length > 0) {
      const leadIds = this.failed.map(({ enrollment }) => enrollment.leadId)
      changes.push(
        { _tag: "MessagesChanged", messages: this.failed.map(({ message }) => message) },
        { _tag: "EnrollmentsChanged", enrollments: this.failed.map(({ enrollment }) => enrollment) },
        ...events(now, [{ kind: "enrollment.ended", reason: "failed", enrollments: leadIds.length, leadIds }])
      )
    }
    const ids = this.messages.map(({ messageId }) => messageId)
    if (ids.length > 0) changes.push({ _tag: "MessagesLeased", ids, lease })
    if (this.covered.size > 0)
      changes.push({
        _tag: "EnrollmentsEnded",
        entries: [...this.covered],
        reason: "suppressed",
        endedAt: now
      })
    return changes
  }

  answer(): Claimed {
    const { bytes, campaigns, ended, isFull, messages } = this
    const isCut = this.isCut || campaigns.size >= Limits.maxCampaignsInDecision
    return { messages, bytes, ended, isFull, isCut }
  }
}
