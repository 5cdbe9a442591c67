/**
 * Cuts rows from anywhere into batches: an array or another iterable, an async iterable, an Effect stream. Each row is asked
 * for when its batch is due, so that nothing piles up. A source that fails gives the rows before it first.
 * When the rows are no longer wanted, the source is told so.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Limits from "./model/Limits.ts"
import { type TakenRow, takeRow } from "./takeRow.ts"

/** Rows from anywhere, of any number. */
export type Rows<R = never> = Iterable<unknown> | AsyncIterable<unknown> | Stream.Stream<unknown, unknown, R>

/** The source of the rows failed; `cause` is what it threw. */
export class SourceFailed extends Schema.TaggedError<SourceFailed>()("SourceFailed", {
  cause: Schema.Defect()
}) {
  override get message(): string {
    return "the source of the rows failed"
  }
}

type Batch = ReadonlyArray<TakenRow>

/** A batch that is filled: it is full by its number of rows, or by their bytes. */
class Filling {
  readonly rows: Array<TakenRow> = []
  private bytes = 0
  private readonly size: number

  constructor(size: number) {
    this.size = size
  }

  add(row: unknown): void {
    const taken = takeRow(row)
    this.bytes += taken.bytes
    this.rows.push(taken)
  }

  get isFull(): boolean {
    const { length } = this.rows
    return length > 0 && (length >= this.size || this.bytes >= Limits.maxImportBatchBytes)
  }
}

const has = (rows: object, symbol: symbol): boolean => typeof Reflect.get(rows, symbol) === "function"

/** Text and bytes are iterables, and a list of leads never. */
export const isRows = (rows: unknown): rows is Rows<unknown> =>
  typeof rows === "object" &&
  rows !== null &&
  !(rows instanceof String || ArrayBuffer.isView(rows)) &&
  (Stream.isStream(rows) || has(rows, Symbol.asyncIterator) || has(rows, Symbol.iterator))

/**
 * Splits rows into batches of that size, or of fewer where rows are large, and skips the first
 * `from` rows. A source that fails gives the rows before its failure first.
 */
export const batchesOf = <R>(
  rows: Rows<R>,
  size: number,
  from: number
): Stream.Stream<Batch, SourceFailed, R> => {
  if (Stream.isStream(rows)) return batchesOfStream(rows, size, from)
  const source = Symbol.asyncIterator in rows ? asyncSource(rows) : syncSource(rows)
  const take = Effect.fnUntraced(function* (isFirst: boolean) {
    // Piece by piece, so that a long way does not hold up the process, and can be interrupted.
    for (let left = isFirst ? from : 0; left > 0 && !source.isOver(); left -= pieceLength) {
      yield* source.take(Math.min(left, pieceLength), 0)
      yield* Effect.yieldNow
    }
    const batch = yield* source.take(0, size)
    return batch.length === 0 ? undefined : ([batch, false] as const)
  })
  return Stream.unwrap(
    Effect.as(
      Effect.addFinalizer(() => source.close),
      Stream.unfold(true, take)
    )
  )
}

const batchesOfStream = <R>(rows: Stream.Stream<unknown, unknown, R>, size: number, from: number) =>
  rows.pipe(
    Stream.drop(from),
    // As the last row, since a stream that fails drops a group that is not full.
    Stream.catchCause((cause) => Stream.succeed(new SourceFailed({ cause: Cause.squash(cause) }))),
    Stream.mapAccum(
      () => new Filling(size),
      (filling, row): readonly [Filling, ReadonlyArray<Batch | SourceFailed>] => {
        if (row instanceof SourceFailed) return [new Filling(size), [...whatIs(filling), row]]
        filling.add(row)
        return filling.isFull ? [new Filling(size), [filling.rows]] : [filling, []]
      },
      { onHalt: whatIs }
    ),
    Stream.mapEffect((batch) => (batch instanceof SourceFailed ? Effect.fail(batch) : Effect.succeed(batch)))
  )

/** The rows of a batch that is not full, if it has any. */
const whatIs = ({ rows }: Filling): ReadonlyArray<Batch> => (rows.length === 0 ? [] : [rows])

/** Rows that are passed over at a time. */
const pieceLength = 10_000

/** An iterator that is read batch by batch. */
interface Source {
  readonly isOver: () => boolean
  /** Passes over some rows and gives those that follow; none when it is over. */
  readonly take: (skip: number, size: number) => Effect.Effect<Batch, SourceFailed>
  readonly close: Effect.Effect<void>
}

/** How far a source has been read. */
class Reading {
  isOver = false
  private failure: SourceFailed | undefined = undefined

  fail(cause: unknown): void {
    this.isOver = true
    this.failure = new SourceFailed({ cause })
  }

  /** What there is of a batch; the failure comes after the last rows. */
  give(batch: Batch): Effect.Effect<Batch, SourceFailed> {
    const { failure } = this
    return batch.length === 0 && failure !== undefined ? Effect.fail(failure) : Effect.succeed(batch)
  }
}

/** What an iterator gave, which must be an object, as for a loop. */
const resultOf = <A>(result: IteratorResult<A>): IteratorResult<A> => {
  if (typeof result !== "object" || result === null) throw new TypeError("an iterator must give objects")
  return result
}

const syncSource = (rows: Iterable<unknown>): Source => {
  const reading = new Reading()
  let iterator: Iterator<unknown> | undefined
  return {
    isOver: () => reading.isOver,
    take: (skip, size) =>
      Effect.suspend(() => {
        const batch = new Filling(size)
        try {
          iterator ??= rows[Symbol.iterator]()
          for (let left = skip + size; left > 0 && !reading.isOver && !batch.isFull; left--) {
            const { done, value } = resultOf(iterator.next())
            if (done === true) reading.isOver = true
            else if (left <= size) batch.add(value)
          }
        } catch (cause) {
          reading.fail(cause)
        }
        return reading.give(batch.rows)
      }),
    close: Effect.suspend(() =>
      reading.isOver ? Effect.void : Effect.ignore(Effect.try(() => iterator?.return?.()))
    )
  }
}

const asyncSource = (rows: AsyncIterable<unknown>): Source => {
  const reading = new Reading()
  let iterator: AsyncIterator<unknown> | undefined
  let isWaiting = false
  return {
    isOver: () => reading.isOver,
    take: (skip, size) =>
      Effect.promise(async () => {
        const batch = new Filling(size)
        isWaiting = true
        try {
          iterator ??= rows[Symbol.asyncIterator]()
          for (let left = skip + size; left > 0 && !reading.isOver && !batch.isFull; left--) {
            const { done, value } = resultOf(await iterator.next())
            if (done === true) reading.isOver = true
            else if (left <= size) batch.add(value)
          }
        } catch (cause) {
          reading.fail(cause)
        }
        isWaiting = false
        return batch.rows
      }).pipe(Effect.flatMap((batch) => reading.give(batch))),
    close: Effect.suspend(() => {
      if (reading.isOver) return Effect.void
      const closed = Effect.ignore(Effect.tryPromise(async () => await iterator?.return?.()))
      // A source may never close: it is told, and waited for a while. One that waits for its next
      // row is not waited for.
      return Effect.flatMap(Effect.forkDetach(closed), (closing) =>
        isWaiting
          ? Effect.void
          : Effect.raceFirst(
              Effect.asVoid(Effect.interruptible(Fiber.await(closing))),
              Effect.interruptible(Effect.sleep(Limits.maxSourceCloseMillis))
            )
      )
    })
  }
}
