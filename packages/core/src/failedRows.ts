/**
 * Rows that failed, as input for another try (IM-4): those that their reader has given up, and those that break a rule, each
 * with its place in the whole source.
 */
import type { RowIssue, UpsertReport } from "./model/Report.ts"
import { type RetryAdvice, SourceRow } from "./model/SourceRow.ts"

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
export const sortOut = (batch: ReadonlyArray<unknown>, first: number) => {
  const readable: Array<unknown> = []
  const places: Array<number> = []
  const failedRows: Array<FailedRow> = []
  batch.forEach((row, place) => {
    const isSourceRow = SourceRow.is(row)
    if (isSourceRow && row.issues.length > 0) failedRows.push(failedRow(row, first + place, row.issues))
    else {
      readable.push(isSourceRow ? row.row : row)
      places.push(place)
    }
  })
  const failedWith = ({ outcomes }: UpsertReport): ReadonlyArray<FailedRow> => {
    for (const row of outcomes) {
      if (row.outcome !== "failed") continue
      const place = places[row.index] ?? row.index
      failedRows.push(failedRow(batch[place], first + place, row.issues))
    }
    return failedRows.sort((a, b) => a.index - b.index)
  }
  return { readable, failedWith }
}

const failedRow = (row: unknown, index: number, issues: ReadonlyArray<RowIssue>): FailedRow => {
  const { line, retry } = SourceRow.is(row) ? row : { line: null, retry: "corrected" as const }
  return { index, line, row, issues, retry }
}
