/**
 * An enrolment: one lead's place in one campaign (ID-1). Its position is the number of steps sent (SQ-1). While
 * it is active in a campaign that has started, it has exactly one pending message, for step = position (SQ-2).
 */
import type { CampaignId, LeadId, MessageId } from "./Ids.ts"

/** `ended` is final: nothing starts an ended enrolment again. */
export type EnrollmentState = "active" | "ended"

/** Why an enrolment ended. */
export type EndReason = "suppressed"

export interface Enrollment {
  readonly campaignId: CampaignId
  readonly leadId: LeadId
  /** The number of steps sent, and so the index of the next one. */
  readonly position: number
  readonly state: EnrollmentState
  readonly endReason: EndReason | null
  /** Milliseconds since 1970. */
  readonly enrolledAt: number
  readonly endedAt: number | null
}

/** The message that an active enrolment waits for; `step` counts from 0, `dueAt` is milliseconds since 1970. */
export interface PendingMessage {
  readonly id: MessageId
  readonly step: number
  readonly dueAt: number
}
