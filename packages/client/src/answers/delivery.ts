/** Answers for a sender. */
import type { RowIssue } from "./enrollments.ts"
import type { Lead } from "./leads.ts"

/** A message that was handed out, rendered. `messageId` is the same for all attempts. */
export interface ClaimedMessage {
  readonly messageId: string
  readonly attempt: number
  readonly claimToken: string
  readonly leasedUntil: string
  readonly to: string
  readonly subject: string
  readonly html: string
  readonly campaignId: string
  readonly step: number
  readonly lead: Lead
  /** The unsubscribe link and the headers to send, where the server knows its public url. */
  readonly unsubscribe?: {
    readonly url: string
    readonly headers: { readonly "List-Unsubscribe": string; readonly "List-Unsubscribe-Post": string }
  }
}

export interface ReportOutcome {
  readonly index: number
  readonly messageId: string | null
  readonly outcome: "recorded" | "repeated" | "ignored" | "failed"
  readonly reason?: string
  readonly issues?: ReadonlyArray<RowIssue>
  readonly retryable?: boolean
}

/** The counts add up to the reports; the outcomes come in their order. */
export interface ReportsAnswer {
  readonly recorded: number
  readonly repeated: number
  readonly ignored: number
  readonly failed: number
  readonly outcomes: ReadonlyArray<ReportOutcome>
}
