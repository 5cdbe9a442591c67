/**
 * The answer of a bulk upsert (UP-1, UP-9): four counts that add up to the rows, and one outcome per row in
 * input order. It holds no generated id and no time, so that a preview can equal the commit.
 */
import * as Schema from "effect/Schema"

/** Why a row failed: where in it, a reason to switch on, and what would be right. Never the value itself. */
export const RowIssue = Schema.Struct({
  path: Schema.String,
  reason: Schema.String,
  message: Schema.String
})
export interface RowIssue extends Schema.Schema.Type<typeof RowIssue> {}

const row = { index: Schema.Int }

/** One row's outcome. `email` is the row's own spelling, trimmed; of a failed row what stood there, if text. */
export const RowOutcome = Schema.Union([
  Schema.Struct({
    ...row,
    email: Schema.String,
    outcome: Schema.Literals(["enrolled", "updated", "skipped"])
  }),
  Schema.Struct({
    ...row,
    email: Schema.NullOr(Schema.String),
    outcome: Schema.Literal("failed"),
    issues: Schema.Array(RowIssue)
  })
])
export type RowOutcome = typeof RowOutcome.Type

/** What `Leads.bulkUpsert` and `Leads.preview` answer. `totalInCampaign` is after the call (UP-7). */
export const UpsertReport = Schema.Struct({
  enrolled: Schema.Int,
  updated: Schema.Int,
  skipped: Schema.Int,
  failed: Schema.Int,
  totalInCampaign: Schema.Int,
  outcomes: Schema.Array(RowOutcome)
})
export interface UpsertReport extends Schema.Schema.Type<typeof UpsertReport> {}
