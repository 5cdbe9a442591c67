/**
 * An enrolment: one lead's place in one campaign (ID-1). Its position is the number of steps sent (SQ-1). While
 * it is active in a campaign that has started, it has exactly one pending message, for step = position (SQ-2).
 */
import type { CampaignId, LeadId } from "./Ids.ts"

/** `completed` (every step was sent) and `ended` (something stopped it) are final: nothing starts either again. */
export type EnrollmentState = "active" | "completed" | "ended"

/**
 * Why an enrolment ended before its last step (SQ-6); `failed`: a message failed too often, or was
 * too large.
 */
export type EndReason = "suppressed" | "bounced" | "unsubscribed" | "replied" | "failed"

export interface Enrollment {
  readonly campaignId: CampaignId
  readonly leadId: LeadId
  /** The number of steps sent, and so the index of the next one. */
  readonly position: number
  readonly state: EnrollmentState
  readonly endReason: EndReason | null
  /** Milliseconds since 1970. */
  readonly enrolledAt: number
  /** The first reply of a person to any step, in milliseconds since 1970 (DE-5). */
  readonly repliedAt: number | null
  /** When its end, by the last step or before, was recorded. */
  readonly endedAt: number | null
}
