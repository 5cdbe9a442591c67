/** How an import says that it came to a stop: why, what has landed, and where to go on (IM-3). */
import * as Schema from "effect/Schema"
import { SourceFailed } from "./batches.ts"
import { RepositoryError } from "./Repository.ts"

/** What has landed so far: counts of rows. `totalInCampaign` is as `Leads.bulkUpsert` last told it (UP-7). */
export interface Landed extends Schema.Schema.Type<typeof Landed> {}
const Landed = Schema.Struct({
  rows: Schema.Int,
  enrolled: Schema.Int,
  updated: Schema.Int,
  skipped: Schema.Int,
  failed: Schema.Int,
  totalInCampaign: Schema.Int
})

/**
 * An import came to a stop. The rows that it counts have landed, and no others, unless the reason is
 * `StoreDisconnected`: then the whole batch at `next` may have landed too.
 */
export class ImportStopped extends Schema.TaggedError<ImportStopped>()("ImportStopped", {
  reason: Schema.Union([RepositoryError, SourceFailed]),
  landed: Landed,
  /** Where to go on: the `from` of the next import of these rows. */
  next: Schema.Int
}) {
  override get message(): string {
    return `The import stopped after ${this.landed.rows} rows, which have landed: ${this.reason.message}. Import the whole list again, or go on with from: ${this.next}`
  }
}
