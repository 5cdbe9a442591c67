/**
 * How fast the cost of a function grows with its input, as an exponent: 1 is linear, 2 is
 * quadratic. A machine's speed and load cancel out, since only ratios of times count. Sizes take
 * turns, so that a slow spell meets them all, and each keeps its fastest batch: noise only ever
 * adds, so more rounds only make each time more exact. The middle one of the doublings counts,
 * since a step, as where the engine keeps a large object in another way, is in one of them only.
 */
import { expect } from "vitest"

/** Between n log n, which stays below 1.3 here, and quadratic. */
export const tooSteep = 1.55
const leastRounds = 3
const mostRounds = 40
const batchMs = 1

/** Sizes that double three times, the last of them `largest`. */
export const doubling = (largest: number): ReadonlyArray<number> => [8, 4, 2, 1].map((part) => largest / part)

const timeOf = (work: () => void, calls: number): number => {
  const started = performance.now()
  for (let call = 0; call < calls; call++) work()
  return performance.now() - started
}

/** The number of calls in a batch: enough for the clock, and too few to be cut by the scheduler. */
const callsFor = (work: () => void): number => {
  let calls = 1
  while (timeOf(work, calls) < batchMs && calls < 65_536) calls *= 2
  return calls
}

const middleOf = (times: ReadonlyArray<number>): number => {
  const exponents = times.slice(1).map((time, index) => Math.log2(time / (times[index] ?? time)))
  return exponents.toSorted((one, other) => one - other)[Math.floor(exponents.length / 2)] ?? 0
}

/**
 * The exponent with which the time of `run` grows over sizes that double; `make` builds an input
 * and is not timed.
 */
export const exponentOf = <A>(
  sizes: ReadonlyArray<number>,
  make: (size: number) => A,
  run: (input: A) => void
): number => {
  const batches = sizes.map((size) => {
    const input = make(size)
    const work = () => run(input)
    return { work, calls: callsFor(work), best: Number.POSITIVE_INFINITY }
  })
  let exponent = Number.POSITIVE_INFINITY
  for (let round = 1; round <= mostRounds && (round <= leastRounds || exponent >= tooSteep); round++) {
    for (const batch of batches)
      batch.best = Math.min(batch.best, timeOf(batch.work, batch.calls) / batch.calls)
    exponent = middleOf(batches.map(({ best }) => best))
  }
  return exponent
}

const attempts = 4

/**
 * Fails when the time of `run` grows clearly faster than its input, each time that it is measured
 * anew.
 */
export const expectLinear = <A>(
  what: string,
  sizes: ReadonlyArray<number>,
  make: (size: number) => A,
  run: (input: A) => void
): void => {
  let exponent = Number.POSITIVE_INFINITY
  for (let attempt = 1; attempt <= attempts && exponent >= tooSteep; attempt++) {
    exponent = exponentOf(sizes, make, run)
  }
  expect(exponent, `exponent of growth: ${what}`).toBeLessThan(tooSteep)
}
