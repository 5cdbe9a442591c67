/** Answers about leads in a campaign: batches, enrolments and explanations. */
import type { CampaignStatus } from "./campaigns.ts"

/** A fault of a row or an entry. `suggestion` is the address that was probably meant. */
export interface RowIssue {
  readonly path: string
  readonly reason: string
  readonly message: string
  readonly suggestion?: string
}

export interface RowOutcome {
  readonly index: number
  readonly email: string | null
  readonly outcome: "enrolled" | "updated" | "skipped" | "failed"
  readonly issues?: ReadonlyArray<RowIssue>
}

/** The counts of a batch, and the outcome of each row in order. */
export interface BulkAnswer {
  readonly result: {
    readonly enrolled: number
    readonly updated: number
    readonly skipped: number
    readonly totalInCampaign: number
    readonly failed: number
  }
  readonly outcomes: ReadonlyArray<RowOutcome>
  /** True when the batch had landed before under its key, and this is its first answer. */
  readonly replayed: boolean
}

export interface PendingMessage {
  readonly id: string
  readonly step: number
  readonly dueAt: string
  readonly attempt: number
  readonly failures: number
}

export type EndReason = "suppressed" | "bounced" | "unsubscribed" | "replied" | "failed"

export interface Enrollment {
  readonly campaignId: string
  readonly leadId: string
  readonly position: number
  readonly state: "active" | "completed" | "ended"
  readonly endReason: EndReason | null
  readonly enrolledAt: string
  readonly repliedAt: string | null
  readonly endedAt: string | null
  readonly pending: PendingMessage | null
}

interface PendingSince {
  readonly since: string
  readonly step: number
  readonly attempt: number
}

interface PendingUntil {
  readonly until: string
  readonly step: number
  readonly attempt: number
}

/** The one reason that holds now. It tells which members there are. */
export type Verdict =
  | { readonly reason: "suppressed"; readonly why: string; readonly since: string }
  | { readonly reason: "notEnrolled" }
  | { readonly reason: "notStarted" }
  | { readonly reason: "completed"; readonly since: string }
  | { readonly reason: "ended"; readonly why: EndReason; readonly since: string }
  | { readonly reason: "paused"; readonly since: string; readonly step: number; readonly dueAt: string }
  | ({ readonly reason: "claimed" } & PendingUntil)
  | ({ readonly reason: "waiting" } & PendingUntil)
  | ({ readonly reason: "exhausted" } & PendingSince)
  | ({ readonly reason: "oversized" } & PendingSince)
  | ({ readonly reason: "due" } & PendingSince)

export interface ExplainedMessage {
  readonly messageId: string
  readonly step: number
  readonly state: "pending" | "sent" | "cancelled" | "failed"
  readonly attempt: number
  readonly failures: number
  readonly sentAt: string | null
  readonly deliveredAt: string | null
  readonly openedAt: string | null
  readonly bouncedAt: string | null
  readonly hardBouncedAt: string | null
  readonly repliedAt: string | null
  readonly unsubscribedAt: string | null
}

export interface Explanation {
  /** The verdict as a sentence. It counts steps from 1, and members count them from 0. */
  readonly summary: string
  readonly verdict: Verdict
  readonly status: CampaignStatus
  readonly suppression: {
    readonly by: "address" | "domain"
    readonly reason: string
    readonly since: string
  } | null
  readonly messages: ReadonlyArray<ExplainedMessage>
}
