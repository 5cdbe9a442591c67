/**
 * The answer of a bulk upsert (UP-1, UP-9): four counts that add up to the rows, and one outcome per row in
 * input order. It holds no generated id and no time, so that a preview can equal the commit.
 */
import * as Schema from "effect/Schema"

/**
 * Why a row failed: the path in it, a reason to switch on, and a message that never repeats the
 * value.
 *
 * An issue of the path `email` may carry a `suggestion`, the address that was probably meant
 * (ID-4). It is personal data: outcomes show it, errors and logs do not.
 */
export const RowIssue = Schema.Struct({
  path: Schema.String,
  reason: Schema.String,
  message: Schema.String,
  suggestion: Schema.optionalKey(Schema.String)
})
export interface RowIssue extends Schema.Schema.Type<typeof RowIssue> {}

/** One row's outcome. `email` is the row's own spelling, trimmed; of a failed row what stood there, if text. */
export type RowOutcome =
  | {
      readonly index: number
      readonly email: string
      readonly outcome: "enrolled" | "updated" | "skipped"
    }
  | {
      readonly index: number
      readonly email: string | null
      readonly outcome: "failed"
      readonly issues: ReadonlyArray<RowIssue>
    }

/** The report of `Leads.bulkUpsert` and `Leads.preview`. `totalInCampaign` is after the call that landed (UP-7). */
export interface UpsertReport {
  readonly enrolled: number
  readonly updated: number
  readonly skipped: number
  readonly failed: number
  readonly totalInCampaign: number
  readonly outcomes: ReadonlyArray<RowOutcome>
  /** The batch has landed before under its idempotency key, and this call wrote nothing (UP-10). */
  readonly replayed?: true
}
