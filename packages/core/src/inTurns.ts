/**
 * Long work in pieces, with a turn of the event loop between two of them: other work of the process
 * runs meanwhile, and the call can be interrupted.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** Elements in one piece, and nanoseconds after which a piece ends before that. */
const elementsInPiece = 500
const pieceNanos = 10_000_000n

/**
 * Elements between two readings of the clock. The largest element takes less than a millisecond.
 */
const elementsPerReading = 8

/** Runs work to its end; each `yield` of the generator is a turn of the event loop. */
export const inTurns = Effect.fnUntraced(function* <A>(work: Generator<void, A>) {
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
    yield* Effect.yieldNow
  }
})

/** Maps a list piece by piece. A list of one short piece is mapped at once. */
export const mapInTurns = <A, B>(
  elements: ReadonlyArray<A>,
  f: (element: A, index: number) => B
): Effect.Effect<ReadonlyArray<B>> => Clock.clockWith((clock) => inTurns(mapInPieces(elements, f, clock)))

function* mapInPieces<A, B>(
  elements: ReadonlyArray<A>,
  f: (element: A, index: number) => B,
  clock: Clock.Clock
): Generator<void, ReadonlyArray<B>> {
  const mapped: Array<B> = []
  let from = 0
  let startedAt = clock.monotonicTimeNanosUnsafe()
  for (const [index, element] of elements.entries()) {
    mapped.push(f(element, index))
    if (index % elementsPerReading !== 0) continue
    if (index - from < elementsInPiece && clock.monotonicTimeNanosUnsafe() - startedAt < pieceNanos) continue
    yield
    from = index
    startedAt = clock.monotonicTimeNanosUnsafe()
  }
  return mapped
}
