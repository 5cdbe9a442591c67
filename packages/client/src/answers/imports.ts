/** Answers about imports. */

export type ImportState = "queued" | "running" | "completed" | "failed" | "aborted"

/** An import: a list of any length into a campaign, as a job. */
export interface Import {
  readonly id: string
  readonly campaignId: string
  readonly state: ImportState
  /** Rows that were taken; the counts of `result` add up to them. */
  readonly rows: number
  readonly result: {
    readonly enrolled: number
    readonly updated: number
    readonly skipped: number
    readonly totalInCampaign: number
    readonly failed: number
  }
  /** Bytes of the list as it was sent, and how many of them were read. */
  readonly bytes: number
  readonly bytesRead: number
  /** The place to go on from: rows of the list that were taken or passed over. */
  readonly next: number
  /** Whether `resume` lets a failed import go on. */
  readonly resumable: boolean
  readonly failure: {
    /** Such as `interrupted` or `no_email_column`: the README of `@leadterra/http` lists them. */
    readonly code: string
    readonly message: string
    readonly line: number | null
  } | null
  /** Null when no row has failed, or the rows are no longer kept. */
  readonly failedRows: {
    readonly format: "csv" | "ndjson"
    readonly rows: number
    readonly bytes: number
  } | null
  readonly createdAt: string
  readonly startedAt: string | null
  readonly endedAt: string | null
}

export interface ImportAnswer {
  readonly import: Import
}

export interface ImportPage {
  readonly imports: ReadonlyArray<Import>
  /** Goes into `after` of the next call; null on the last page. */
  readonly next: string | null
}
