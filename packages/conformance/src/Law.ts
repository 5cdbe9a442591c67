/**
 * What a law is, and how one run of it is made. A law is an arbitrary and a predicate: a program that needs only a
 * `Repository` and fails where the law is broken. It never knows which store it runs on. Every run gets a fresh
 * store, a clock that stands still and a random that is seeded, so that a counterexample repeats.
 */
import type { Repository } from "@leadterra/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import fc from "fast-check"

/** A store, fresh for each build of the layer. */
export type StoreLayer = Layer.Layer<Repository, unknown>

export interface Law {
  /** Short and stable: mutants name the law that must catch them. */
  readonly name: string
  /** A sentence that begins with the ids of the rules that it holds. */
  readonly title: string
  /** The property: one async run per input, each on a store of its own. */
  readonly property: (layer: StoreLayer) => fc.IAsyncProperty<[unknown]>
  /** Counterexamples that were found once: every run begins with them. */
  readonly examples: Array<[unknown]>
}

/** States a law from its inputs and the program that must hold for each. */
export const law = <I>(
  name: string,
  title: string,
  input: fc.Arbitrary<I>,
  holds: (input: I) => Effect.Effect<void, unknown, Repository>,
  examples: ReadonlyArray<NoInfer<I>> = []
): Law => ({
  name,
  title,
  examples: examples.map((example) => [example]),
  property: (layer) =>
    fc.asyncProperty(input, (value) => onFreshStore(layer, holds(value))) as fc.IAsyncProperty<[unknown]>
})

/** Runs a program on a store of its own, at `noon` and with a fixed seed. */
export const onFreshStore = <A>(
  layer: StoreLayer,
  program: Effect.Effect<A, unknown, Repository>
): Promise<A> =>
  program.pipe(at(noon), Random.withSeed("leadterra"), Effect.provide(Layer.fresh(layer)), Effect.runPromise)

/** The moment at which a law's programs run, unless they say otherwise: milliseconds since 1970. */
export const noon = Date.UTC(2025, 5, 10, 12)

/** Runs a program with the wall clock standing at `millis`; sleeps stay real. */
export const at =
  (millis: number) =>
  <A, E, R>(program: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(Clock.Clock, (live) =>
      Effect.provideService(program, Clock.Clock, {
        ...live,
        currentTimeMillisUnsafe: () => millis,
        currentTimeMillis: Effect.succeed(millis),
        currentTimeNanosUnsafe: () => BigInt(millis) * 1_000_000n,
        currentTimeNanos: Effect.succeed(BigInt(millis) * 1_000_000n),
        monotonicTimeNanosUnsafe: () => live.monotonicTimeNanosUnsafe(),
        sleep: (duration) => live.sleep(duration)
      })
    )
