/**
 * Rows that failed, as input for another try (IM-4): those that their reader has given up, and those that break a rule, each
 * with its place in the whole source.
 */
import * as Limits from "./model/Limits.ts"
import type { RowIssue, UpsertReport } from "./model/Report.ts"
import { type RetryAdvice, SourceRow } from "./model/SourceRow.ts"
import { bytesOf, type TakenRow } from "./takeRow.ts"

/** A row that failed, as input for another try (IM-4). */
export interface FailedRow {
  /** Its place among all rows of the source, from 0. */
  readonly index: number
  /** The line of the file on which it begins, from 1; null for a row that is no `SourceRow`. */
  readonly line: number | null
  /** As it was handed over: of a row from a file, the `SourceRow`. */
  readonly row: unknown
  readonly issues: ReadonlyArray<RowIssue>
  /** What may land it: the row `corrected`, or the same row `later`. */
  readonly retry: RetryAdvice
}

/**
 * Sorts out the rows of a batch that their reader has given up. The rest are `readable`; `failedWith` gives all that failed, in
 * the order of their places, `first` that of the first row.
 */
export const sortOut = (batch: ReadonlyArray<TakenRow>, first: number) => {
  const readable: Array<unknown> = []
  const places: Array<number> = []
  const failedRows: Array<FailedRow> = []
  batch.forEach(({ lead, row }, place) => {
    if (SourceRow.is(row) && row.issues.length > 0) failedRows.push(failedRow(row, first + place, row.issues))
    else {
      readable.push(lead)
      places.push(place)
    }
  })
  const failedWith = ({ outcomes }: UpsertReport): ReadonlyArray<FailedRow> => {
    for (const row of outcomes) {
      if (row.outcome !== "failed") continue
      const place = places[row.index] ?? row.index
      failedRows.push(failedRow(batch[place]?.row, first + place, row.issues))
    }
    return failedRows.sort((a, b) => a.index - b.index)
  }
  return { readable, failedWith }
}

const failedRow = (row: unknown, index: number, issues: ReadonlyArray<RowIssue>): FailedRow => {
  const { line, retry } = SourceRow.is(row) ? row : { line: null, retry: "corrected" as const }
  return { index, line, row, issues, retry }
}

/**
 * The failed rows that an import keeps until its end: the first ones, within limits of number and
 * bytes.
 */
export class KeptRows {
  readonly rows: Array<FailedRow> = []
  private bytes = 0
  private isFull = false

  keep(failed: ReadonlyArray<FailedRow>): void {
    for (const row of failed) {
      if (this.isFull) return
      const bytes = bytesOf(row)
      // A single row of such a size is told of by its batch alone.
      if (bytes > Limits.maxKeptRowBytes) continue
      this.isFull =
        this.rows.length >= Limits.maxKeptFailedRows || this.bytes + bytes > Limits.maxKeptFailedBytes
      if (this.isFull) return
      this.bytes += bytes
      this.rows.push(row)
    }
  }
}
