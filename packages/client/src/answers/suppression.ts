/** Answers about the suppression list. */
import type { RowIssue } from "./enrollments.ts"

export interface Suppression {
  readonly entry: string
  readonly reason: string
  readonly suppressedAt: string
}

export interface SuppressionPage {
  readonly suppressions: ReadonlyArray<Suppression>
  /** Goes into `after` of the next call; null on the last page. */
  readonly next: string | null
}

export interface SuppressAnswer {
  readonly result: {
    readonly suppressed: number
    readonly alreadySuppressed: number
    readonly total: number
  }
  /** Entries that are no addresses. */
  readonly invalid?: ReadonlyArray<RowIssue & { readonly index: number }>
}

export interface SuppressionCheck {
  readonly email: string
  readonly suppressed: boolean
  readonly suppression: Suppression | null
}
