/**
 * `ServerStore.imports`: the port for import jobs. A job is one record, and a store reads none of its
 * members but those that it looks jobs up by. It holds no address: the list and its failed rows are
 * files of a `Spool`.
 */
import * as Schema from "effect/Schema"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** How the list is to be read. The members have the names and meanings of `openLeads`. */
export const ListOptions = Schema.Struct({
  format: Schema.Literals(["csv", "ndjson"]),
  delimiter: Schema.optionalKey(Schema.String),
  encoding: Schema.optionalKey(Schema.String),
  header: Schema.optionalKey(Schema.Boolean),
  /** Columns or keys to fields; null leaves one out. */
  map: Schema.optionalKey(Schema.Record(Schema.String, Schema.NullOr(Schema.String))),
  skipLines: Schema.optionalKey(Count),
  splitName: Schema.optionalKey(Schema.Boolean),
  maxRecordBytes: Schema.optionalKey(Count),
  maxBytes: Schema.optionalKey(Count)
})
export interface ListOptions extends Schema.Schema.Type<typeof ListOptions> {}

/** Rows that were taken, and what became of them. */
export const ImportCounts = Schema.Struct({
  rows: Count,
  enrolled: Count,
  updated: Count,
  skipped: Count,
  failed: Count,
  totalInCampaign: Count
})
export interface ImportCounts extends Schema.Schema.Type<typeof ImportCounts> {}

export const ImportState = Schema.Literals(["queued", "running", "completed", "failed", "aborted"])
export type ImportState = Schema.Schema.Type<typeof ImportState>

/** The reason of a stop: a code, a sentence without a value of the list, and the line of the list, from 1. */
export const ImportFailure = Schema.Struct({
  code: Schema.String,
  message: Schema.String,
  line: Schema.NullOr(Schema.Int)
})
export interface ImportFailure extends Schema.Schema.Type<typeof ImportFailure> {}

/** A file of failed rows: its format, and the rows and bytes in it. */
export const FailedRowsFile = Schema.Struct({
  format: Schema.Literals(["csv", "ndjson"]),
  rows: Count,
  bytes: Count
})
export interface FailedRowsFile extends Schema.Schema.Type<typeof FailedRowsFile> {}

/** An import job. Times are milliseconds since the epoch. */
export const ImportJob = Schema.Struct({
  /** `imp_` and a ULID. */
  id: Schema.String,
  workspaceId: Schema.String,
  campaignId: Schema.String,
  /** The spool that has the files of the job. */
  spoolId: Schema.String,
  state: ImportState,
  options: ListOptions,
  /** Bytes of the list as it was sent, and how many of them were read. */
  bytes: Count,
  bytesRead: Count,
  counts: ImportCounts,
  /** The rows of the list that were taken or passed over: the place to go on from. */
  next: Count,
  /** Whether the list is kept. */
  hasList: Schema.Boolean,
  /** Null when there are no failed rows, or they are no longer kept. */
  failedRows: Schema.NullOr(FailedRowsFile),
  /** Whether an erasure removed failed rows: the job keeps none from then on. */
  isErased: Schema.Boolean,
  /** Whether a running job is to end as `aborted` after its batch. */
  isAborting: Schema.Boolean,
  failure: Schema.NullOr(ImportFailure),
  /** The process that runs the job, and until when it does unless it renews the lease. */
  lease: Schema.NullOr(Schema.Struct({ owner: Schema.String, until: Schema.Finite })),
  createdAt: Schema.Finite,
  /** The place in the line of waiting jobs. */
  queuedAt: Schema.Finite,
  startedAt: Schema.NullOr(Schema.Finite),
  endedAt: Schema.NullOr(Schema.Finite),
  /** When time alone next changes the job. */
  dueAt: Schema.Finite
})
export interface ImportJob extends Schema.Schema.Type<typeof ImportJob> {}

/** Names a job. */
export interface ImportRef {
  readonly workspaceId: string
  readonly id: string
}

export interface ImportsPage {
  readonly workspaceId: string
  /** Jobs that were created before this one. */
  readonly before?: string | undefined
  readonly limit: number
}

/** Import jobs. Each method is atomic, also between processes on one store. */
export interface ImportsStore {
  /**
   * Adds a job, and returns whether it did: not when the workspace has `maxOpen` jobs that are queued
   * or running, or keep a list. Removes the oldest other jobs of the workspace above `maxKept`.
   */
  readonly add: (
    job: ImportJob,
    limits: { readonly maxOpen: number; readonly maxKept: number }
  ) => Promise<boolean>
  /** Returns undefined for a job of another workspace. */
  readonly get: (ref: ImportRef) => Promise<ImportJob | undefined>
  /** Returns the jobs of a workspace, newest first. */
  readonly list: (page: ImportsPage) => Promise<ReadonlyArray<ImportJob>>
  /**
   * Puts in place of a job what a rule makes of it, and returns the new one; undefined when there is
   * no such job. The rule is pure: a store may run it again. It changes neither `id` nor `workspaceId`.
   */
  readonly change: (ref: ImportRef, rule: (job: ImportJob) => ImportJob) => Promise<ImportJob | undefined>
  /**
   * Returns jobs of a spool that wait for their turn: the first one of each workspace that has none
   * running, in the order of `queuedAt`.
   */
  readonly waiting: (of: {
    readonly spoolId: string
    readonly limit: number
  }) => Promise<ReadonlyArray<ImportJob>>
  /** Returns jobs of all workspaces whose `dueAt` has come, the longest due first. */
  readonly due: (of: { readonly at: number; readonly limit: number }) => Promise<ReadonlyArray<ImportJob>>
  /** Removes a job if the rule still says so. The rule is pure. */
  readonly remove: (ref: ImportRef, rule: (job: ImportJob) => boolean) => Promise<void>
}

/** Whether a job counts towards those that a workspace may have at once. */
export const isOpen = ({ hasList, state }: ImportJob): boolean =>
  hasList || state === "queued" || state === "running"
