/**
 * A row with the place that it came from: what a reader of files hands to `Leads.importAll`. A row that could not be read
 * as it stands there says so by its `issues`; it is then counted as failed, and never asked for its content.
 */
import type { RowIssue } from "./Report.ts"

/** What may land a row that failed: the row `corrected`, or the very same row `later`, when its source is complete. */
export type RetryAdvice = "corrected" | "later"

export class SourceRow {
  /** Tells a row of this class from anything else, a proxy that throws among them. */
  static is(row: unknown): row is SourceRow {
    return typeof row === "object" && row !== null && #isSourceRow in row
  }

  readonly #isSourceRow = true
  /** What `Leads.bulkUpsert` takes; of a row with issues whatever was there. */
  readonly row: unknown
  /** The line on which the row begins, from 1. */
  readonly line: number
  readonly issues: ReadonlyArray<RowIssue>
  readonly retry: RetryAdvice

  constructor(
    row: unknown,
    line: number,
    issues: ReadonlyArray<RowIssue> = [],
    retry: RetryAdvice = "corrected"
  ) {
    this.row = row
    this.line = line
    this.issues = Array.isArray(issues) ? issues : []
    this.retry = retry
  }
}
