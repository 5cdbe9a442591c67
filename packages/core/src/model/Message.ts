/**
 * A message: one step of a campaign for one lead, for ever (SQ-3). It is pending until it is
 * recorded as sent, is cancelled, or has failed too often. Handing it out leases it; later facts
 * about it each have the time at which they were first recorded (DE-3).
 */
import type { Campaign } from "./Campaign.ts"
import type { Enrollment } from "./Enrollment.ts"
import type { CampaignId, ClaimToken, LeadId, MessageId } from "./Ids.ts"
import type { Lead } from "./Lead.ts"

/**
 * `cancelled` by the end of its enrolment; `failed` after its last failure, or when it is too
 * large. A late `sent` is recorded in any state.
 */
export type MessageState = "pending" | "sent" | "cancelled" | "failed"

/** Who has the message in hand, and until when, in milliseconds since 1970. The token stays current until the next claim (DE-1). */
export interface Lease {
  readonly token: ClaimToken
  readonly until: number
}

/** A message as it stands. Times are milliseconds since 1970, or null where the thing has not happened. */
export interface Message {
  readonly id: MessageId
  readonly campaignId: CampaignId
  readonly leadId: LeadId
  /** Counts from 0. */
  readonly step: number
  readonly state: MessageState
  readonly dueAt: number
  /** How many times it has been handed out. It only grows. */
  readonly attempt: number
  /** Failed attempts: by a report, or by a lease that ran out, once another claim has it (DE-4). */
  readonly failures: number
  readonly lease: Lease | null
  readonly sentAt: number | null
  readonly deliveredAt: number | null
  readonly openedAt: number | null
  /** The first bounce, hard or soft. */
  readonly bouncedAt: number | null
  /** The first hard bounce. */
  readonly hardBouncedAt: number | null
  /** The first reply of a person: none by an absence notice. */
  readonly repliedAt: number | null
  readonly unsubscribedAt: number | null
}

/** A message that has just been queued. */
export const queuedMessage = (
  id: MessageId,
  { campaignId, leadId }: Pick<Enrollment, "campaignId" | "leadId">,
  step: number,
  dueAt: number
): Message => ({
  id,
  campaignId,
  leadId,
  step,
  state: "pending",
  dueAt,
  attempt: 0,
  failures: 0,
  lease: null,
  sentAt: null,
  deliveredAt: null,
  openedAt: null,
  bouncedAt: null,
  hardBouncedAt: null,
  repliedAt: null,
  unsubscribedAt: null
})

/** A message with all that a decision about it needs. */
export interface MessageInContext {
  readonly message: Message
  readonly campaign: Campaign
  readonly lead: Lead
  readonly enrollment: Enrollment
}
