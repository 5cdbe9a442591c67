import { describe, expect, it } from "vitest"
import { doubling, exponentOf, tooSteep } from "./growth.ts"

/** A loop that the engine cannot leave out. */
const spin = (steps: number): void => {
  let state = 1
  for (let step = 0; step < steps; step++) state = (state * 31 + step) | 0
  if (state === 0.5) throw new Error("never")
}

/** A load that comes and goes can hide growth from one measurement, and feign it in another: of four, one is enough. */
const oneOfFour = (shows: () => boolean): boolean => [1, 2, 3, 4].some(() => shows())

describe("the measure of growth", () => {
  it.each([
    ["a constant cost", () => 500, true],
    ["a linear one", (size: number) => size, true],
    ["n log n", (size: number) => size * Math.log2(size), true],
    ["a quadratic one", (size: number) => size ** 2 / 16, false],
    ["a quadratic one beside a larger linear one", (size: number) => 100 * size + size ** 2, false]
  ])("TK-1: %s is told by its exponent", (_, steps, linear) => {
    const isLinear = () =>
      exponentOf(
        doubling(800),
        (size) => size,
        (size) => spin(steps(size))
      ) < tooSteep
    expect(oneOfFour(() => isLinear() === linear)).toBe(true)
  })

  it("TK-1: an expression that backtracks is told from one that does not", () => {
    const bait = (size: number) => "a".repeat(size)
    const steep = () => exponentOf(doubling(800), bait, (text) => /^a*a*b/.test(text)) >= tooSteep
    const flat = () => exponentOf(doubling(8_000), bait, (text) => /^a*b/.test(text)) < tooSteep
    expect([oneOfFour(steep), oneOfFour(flat)]).toEqual([true, true])
  })
})
