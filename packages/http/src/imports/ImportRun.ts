/**
 * Runs one import job: lands its list batch by batch, and keeps the record of the job behind each. A
 * batch whose record was lost is landed again under its key, which counts it once.
 */
import { ImportStopped, type Leads, SourceFailed } from "@leadterra/core"
import { type Engine, EngineClosed } from "@leadterra/core/promise"
import type { JobFailureCode } from "./failureCodes.ts"
import type { FailedRowsFile, ImportFailure, ImportJob, ImportsStore } from "./ImportsStore.ts"
import * as jobRules from "./jobRules.ts"
import { batchRows, firstWaitMillis, maxFailedBytes, maxWaits } from "./limits.ts"
import { type Spool, SpoolError, type SpooledList } from "./Spool.ts"

export interface RunOptions {
  readonly engine: Engine
  readonly store: ImportsStore
  readonly spool: Spool
  /** The process that runs the job. */
  readonly owner: string
  readonly now: () => number
  /** Told of an error that nothing foresees. */
  readonly report: (error: unknown) => void
  /** Ends the run behind the batch that is under way. */
  readonly signal: AbortSignal
  /** Whether others have waited long enough for the turn of this job. */
  readonly isTurnOver: () => boolean
}

/** How a run ends, as a change of its job. */
type End = (job: ImportJob) => ImportJob

const encoder = new TextEncoder()

/** Waits, at most until the signal. */
export const sleep = (millis: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener("abort", end)
      resolve()
    }
    const timer = setTimeout(end, millis)
    signal.addEventListener("abort", end)
    if (signal.aborted) end()
  })

const stopped = (signal: AbortSignal): Promise<"stopped"> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve("stopped")
    else signal.addEventListener("abort", () => resolve("stopped"), { once: true })
  })

/** Takes the next batch. Nobody hears of a rejection that comes behind a stop. */
const takeNext = <A>(batches: AsyncIterator<A>): Promise<IteratorResult<A>> => {
  const next = batches.next()
  next.catch(() => {})
  return next
}

/** Runs a claimed job until its end, its abort, the end of its turn or the signal. */
export const runImport = async (claimed: ImportJob, options: RunOptions): Promise<void> => {
  const run = new ImportRun(claimed, options)
  const end = await run.toEnd()
  await options.store.change(claimed, end)
}

class ImportRun {
  #job: ImportJob
  readonly #options: RunOptions

  constructor(job: ImportJob, options: RunOptions) {
    this.#job = job
    this.#options = options
  }

  get #turn() {
    return { owner: this.#options.owner, now: this.#options.now() }
  }

  /** Lands the list, and asks a store that is busy or away again. */
  async toEnd(): Promise<End> {
    const { signal } = this.#options
    let waits = 0
    for (;;) {
      const { next } = this.#job
      try {
        return await this.#land()
      } catch (error) {
        if (signal.aborted || error instanceof EngineClosed) return this.#requeue
        if (this.#job.next > next) waits = 0
        if (!isRetryable(error) || waits >= maxWaits) return this.#fail(error)
        await sleep(firstWaitMillis * 2 ** waits++, signal)
      }
    }
  }

  readonly #requeue: End = (job) => jobRules.requeued(job, this.#turn)

  /** Lands the list from where the job is. Rejects with the error that stops it. */
  async #land(): Promise<End> {
    const { engine, isTurnOver, owner, signal, spool } = this.#options
    const { campaignId, counts, id, next, options, workspaceId } = this.#job
    const list = await spool.open(this.#job, options)
    const told: Array<Leads.ImportProgress> = []
    const rows = {
      ...{ workspaceId, campaignId, leads: list.rows, batchSize: batchRows, from: next, resumeKey: id },
      onProgress: (progress: Leads.ImportProgress) => void told.push(progress)
    }
    const record = async () => {
      for (const progress of told.splice(0)) await this.#record(list, counts, progress)
    }
    const batches = engine.leads.importStream(rows)[Symbol.asyncIterator]()
    const stop = stopped(signal)
    try {
      for (;;) {
        const batch = await Promise.race([takeNext(batches), stop])
        await record()
        if (!jobRules.isRunBy(this.#job, owner)) return (job) => job
        // A turn has a batch at least, however long the way to its place is.
        const isOver = this.#job.next > next && isTurnOver()
        if (batch === "stopped" || this.#job.isAborting || isOver) return this.#requeue
        if (batch.done === true) return (job) => jobRules.completed(job, this.#turn)
      }
    } finally {
      // A batch that was under way lands first, and its news is there once the stream has ended.
      await batches.return?.()
      await record()
      await list.close()
    }
  }

  /** Keeps the failed rows of a batch, then its counts. */
  async #record(
    list: SpooledList,
    base: ImportJob["counts"],
    { batch, ...progress }: Leads.ImportProgress
  ): Promise<void> {
    if (batch === null) return
    const failedRows = await this.#keepFailed(list, batch.failedRows)
    const { enrolled, failed, next, rows, skipped, totalInCampaign, updated } = progress
    const advance = {
      counts: {
        rows: base.rows + rows,
        enrolled: base.enrolled + enrolled,
        updated: base.updated + updated,
        skipped: base.skipped + skipped,
        failed: base.failed + failed,
        totalInCampaign
      },
      next,
      bytesRead: list.bytesRead,
      failedRows
    }
    const { spool, store } = this.#options
    const turn = this.#turn
    const job = await store.change(this.#job, (job) => jobRules.advanced(job, turn, advance))
    if (job === undefined) this.#job = { ...this.#job, state: "aborted", lease: null }
    else this.#job = job
    if (this.#job.isErased) await spool.remove(this.#job, "failed rows")
  }

  /** Failed rows are kept from the first one on, as long as there is room. */
  async #keepFailed(list: SpooledList, rows: ReadonlyArray<Leads.FailedRow>): Promise<FailedRowsFile | null> {
    const { counts, failedRows: file, isErased } = this.#job
    const kept = file ?? { format: list.format, rows: 0, bytes: 0 }
    if (rows.length === 0 || isErased || kept.rows < counts.failed) return file
    const text = await list.failedText(rows, kept.bytes === 0)
    if (kept.bytes + encoder.encode(text).byteLength > maxFailedBytes) return file
    try {
      const bytes = await this.#options.spool.appendFailed(this.#job, kept.bytes, text)
      return { ...kept, rows: kept.rows + rows.length, bytes }
    } catch (error) {
      if (!(error instanceof SpoolError)) throw error
      if (error.reason === "WorkspaceFull" || error.reason === "SpoolFull") return file
      const found = error.reason === "Missing" ? await this.#options.store.get(this.#job) : undefined
      // An erasure has removed the file since the last batch.
      if (found?.isErased === true) return null
      throw error
    }
  }

  #fail(error: unknown): End {
    const { failure, keepsList } = this.#failureOf(error)
    return (job) => jobRules.failed(job, this.#turn, failure, { keepsList })
  }

  #failureOf(error: unknown): { readonly failure: ImportFailure; readonly keepsList: boolean } {
    const { report, spool } = this.#options
    const cause = causeOf(error)
    const failure = spool.listFailure(cause)
    if (failure !== undefined) return { failure, keepsList: false }
    if (cause instanceof SpoolError) {
      const code = cause.reason === "DiskFull" ? "insufficient_storage" : "spool_failed"
      return {
        failure: fault(code, cause.message),
        keepsList: cause.reason !== "Missing"
      }
    }
    switch (tagOf(cause)) {
      case "IdempotencyConflict":
        return { failure: listChanged, keepsList: false }
      case "CampaignNotFound":
        return { failure: noCampaign, keepsList: false }
    }
    if (isRetryable(error)) return { failure: unavailable, keepsList: true }
    report(cause)
    return { failure: internal, keepsList: true }
  }
}

const fault = (code: JobFailureCode, message: string): ImportFailure => ({ code, message, line: null })

const listChanged = fault(
  "list_changed",
  "the rows at this place are not those of the first try: upload the list again with ?from= the next of this import"
)
const noCampaign = fault("campaign_not_found", "the campaign is no longer there: name another one")
const unavailable = fault("unavailable", "the store was busy or away for too long: let it go on by /resume")
const internal = fault("internal", "the server failed: tell the operator, and let it go on by /resume")

const tagOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "_tag" in error ? error._tag : undefined

/** The error of the store or of the list that stopped an import. */
const causeOf = (error: unknown): unknown => {
  if (!(error instanceof ImportStopped)) return error
  return error.reason instanceof SourceFailed ? error.reason.cause : error.reason
}

/** Whether the same call may succeed later. A batch of a job is safe to land again. */
const isRetryable = (error: unknown): boolean => {
  const cause = causeOf(error)
  if (typeof cause !== "object" || cause === null) return false
  return "isRetryable" in cause && cause.isRetryable === true
}
