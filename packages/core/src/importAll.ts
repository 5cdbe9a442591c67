/**
 * The use case for lists of any length: importAll, and importStream, which tells how it goes. Rows are taken from their
 * source batch by batch and landed one batch at a time, each as `Leads.bulkUpsert` lands it, so memory stays flat; other work
 * of the process gets its turn between two of them. However an import stops, what it told of has landed, nothing is landed
 * in part, and the whole list once more ends in the state of an undisturbed import (IM-1 to IM-4).
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { batchesOf, isRows, type Rows } from "./batches.ts"
import { bulkUpsert } from "./bulkUpsert.ts"
import { type FailedRow, KeptRows, sortOut } from "./failedRows.ts"
import { ImportStopped, type Landed } from "./ImportStopped.ts"
import { CampaignNotFound } from "./model/Errors.ts"
import * as Limits from "./model/Limits.ts"
import { isStorable } from "./model/text.ts"
import { Repository } from "./Repository.ts"
import { type CampaignRef, decodeExactly, inCampaign } from "./request.ts"
import type { TakenRow } from "./takeRow.ts"

/** The arguments of `importAll` and `importStream`. */
export interface ImportInput<R = never> extends CampaignRef {
  /** Rows as `Leads.bulkUpsert` takes them, or `SourceRow`s: any iterable but text, async iterable or Effect stream. */
  readonly leads: Rows<R>
  /**
   * Rows in a batch: 500 to 10,000, by default 1,000. A batch of large rows closes earlier, at 8
   * MB.
   */
  readonly batchSize?: number | undefined
  /** Rows to pass over: the `next` of an import that has stopped. */
  readonly from?: number | undefined
  /**
   * Names an import that goes on from the last `next` that was told, and from nowhere else: 1 to 200
   * characters. A batch whose answer was lost is then counted once, as it landed (IM-3). A key
   * serves for a week, and for the same rows in batches of the same size.
   */
  readonly resumeKey?: string | undefined
  /** How often a batch is tried again when the store was too busy for it: 0 to 20, by default 8. */
  readonly retries?: number | undefined
  /** Called at the start and when a batch has landed, before anything can stop the import. It must not throw. */
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined
}

/** One batch. */
export interface BatchProgress {
  readonly rows: number
  /** From asking the store to its answer, waits and tries included, in milliseconds. */
  readonly millis: number
  /** How often it was tried: 1 when the store was not busy. */
  readonly tries: number
  readonly failedRows: ReadonlyArray<FailedRow>
}

/** How far an import has come: first with nothing landed and no batch, then after each batch. */
export interface ImportProgress extends Landed {
  /** Where to go on: the rows that were taken, those passed over among them. */
  readonly next: number
  /** Since the start of the import, in milliseconds. */
  readonly millis: number
  readonly rowsPerSecond: number
  readonly batch: BatchProgress | null
}

/** What `importAll` answers. The four counts add up to `rows`. */
export interface ImportSummary extends Landed {
  readonly next: number
  readonly batches: number
  readonly millis: number
  readonly rowsPerSecond: number
  /**
   * The first failed rows, up to 10,000 and 16 MB, without those above 1 MB. Progress has all of
   * them.
   */
  readonly failedRows: ReadonlyArray<FailedRow>
}

const integer = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** Leaves room for the place of a batch in its idempotency key. */
const resumeKeyText = Schema.String.check(
  Schema.makeFilter((text: string) =>
    text.length >= 1 && text.length <= Limits.maxResumeKeyLength && isStorable(text)
      ? undefined
      : `a resume key is 1 to ${Limits.maxResumeKeyLength} characters of well-formed text without NUL`
  )
)

const decodeImport = decodeExactly(
  Schema.Struct({
    ...inCampaign,
    leads: Schema.Unknown.check(
      Schema.makeFilter((rows: unknown) =>
        isRows(rows) ? undefined : "leads must be an iterable, an async iterable or a stream of rows"
      )
    ),
    batchSize: Schema.optional(integer(Limits.minImportBatch, Limits.maxImportBatch)),
    from: Schema.optional(integer(0, Number.MAX_SAFE_INTEGER)),
    resumeKey: Schema.optional(resumeKeyText),
    retries: Schema.optional(integer(0, Limits.maxImportRetries)),
    onProgress: Schema.optional(Schema.declare(isListener, { expected: "a function" }))
  })
)

function isListener(value: unknown): value is (progress: ImportProgress) => void {
  return typeof value === "function"
}

const backoff = Schedule.jittered(Schedule.exponential("100 millis"))

/** The import as a stream; each element is handed to `keep` before anything can come between. */
const importWith = <R>(input: ImportInput<R>, keep: (progress: ImportProgress) => void) =>
  Stream.unwrap(
    Effect.gen(function* () {
      const {
        batchSize = Limits.defaultImportBatch,
        from = 0,
        leads,
        onProgress = () => {},
        resumeKey,
        retries = Limits.defaultImportRetries,
        ...ref
      } = yield* decodeImport(input)
      const repository = yield* Repository
      const { campaign, counters } = yield* repository.read(ref)
      if (campaign === null) return yield* new CampaignNotFound({ campaignId: ref.campaignId })
      // What a stream needs, only its type knows.
      const rows = leads as Rows<R>
      const startedAt = yield* Clock.currentTimeMillis
      let progress: ImportProgress = Object.freeze({
        rows: 0,
        enrolled: 0,
        updated: 0,
        skipped: 0,
        failed: 0,
        totalInCampaign: counters.enrolled,
        next: from,
        millis: 0,
        rowsPerSecond: 0,
        batch: null
      })
      const tell = (progress: ImportProgress) => {
        keep(progress)
        onProgress(progress)
      }
      const stopped = (reason: ImportStopped["reason"]) => {
        const { enrolled, failed, next, rows, skipped, totalInCampaign, updated } = progress
        const landed = { rows, enrolled, updated, skipped, failed, totalInCampaign }
        return new ImportStopped({ reason, landed, next })
      }

      const land = Effect.fnUntraced(function* (batch: ReadonlyArray<TakenRow>) {
        yield* Effect.yieldNow
        const { next } = progress
        const { failedWith, readable } = sortOut(batch, next)
        const idempotencyKey = resumeKey === undefined ? undefined : `${resumeKey}:${next}`
        const beganAt = yield* Clock.currentTimeMillis
        let tries = 0
        const attempt = Effect.gen(function* () {
          tries++
          const report = yield* bulkUpsert({ ...ref, leads: readable, idempotencyKey })
          const now = yield* Clock.currentTimeMillis
          const failedRows = failedWith(report)
          const landed = progress.rows + batch.length
          const millis = now - startedAt
          progress = Object.freeze({
            rows: landed,
            enrolled: progress.enrolled + report.enrolled,
            updated: progress.updated + report.updated,
            skipped: progress.skipped + report.skipped,
            failed: progress.failed + failedRows.length,
            totalInCampaign: report.totalInCampaign,
            next: next + batch.length,
            millis,
            rowsPerSecond: Math.round((landed * 1_000) / Math.max(1, millis)),
            batch: { rows: batch.length, millis: now - beganAt, tries, failedRows }
          })
          tell(progress)
          return progress
        })
        return yield* Effect.retry(Effect.uninterruptible(attempt), {
          schedule: backoff,
          times: retries,
          // A lost connection may have hidden that the batch has landed: a retry would count its rows
          // as updated.
          while: (error) => error._tag === "RepositoryError" && error.reason._tag === "StoreBusy"
        })
      })

      tell(progress)
      return Stream.concat(
        Stream.make(progress),
        Stream.mapEffect(batchesOf(rows, batchSize, from), land)
      ).pipe(
        Stream.mapError((error) =>
          error._tag === "RepositoryError" || error._tag === "SourceFailed" ? stopped(error) : error
        )
      )
    })
  )

/**
 * Imports a list of any length, and tells how it goes: a first element before anything has landed, then one for each batch,
 * which is asked for when it is wanted (IM-2). Fails like `importAll`.
 */
export const importStream = <R = never>(input: ImportInput<R>) => importWith(input, () => {})

/**
 * Imports a list of any length in batches, as `Leads.bulkUpsert` lands each (IM-1). A store that is busy is asked again, after
 * 0.1 seconds, 0.2, 0.4 and so on. Fails with `ImportStopped` when the store or the source fails, and tells what has landed and
 * where to go on (IM-3). After a lost connection the batch at that place may have landed too: to go on is safe, and counts its
 * rows as updated; under the same `resumeKey` they count as they landed. Fails with `CampaignNotFound`, with `IdempotencyConflict`
 * when the rows at that place are others under that key, and with `RepositoryError` when it cannot even begin. An interruption waits
 * for the batch that is under way.
 */
export const importAll = Effect.fn("Leads.importAll")(function* <R = never>(input: ImportInput<R>) {
  const kept = new KeptRows()
  let batches = -1
  const keep = ({ batch }: ImportProgress) => {
    batches++
    if (batch !== null) kept.keep(batch.failedRows)
  }
  const { batch: _, ...landed } = Option.getOrThrow(yield* Stream.runLast(importWith(input, keep)))
  const summary: ImportSummary = { ...landed, batches, failedRows: kept.rows }
  return summary
})
