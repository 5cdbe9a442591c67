/** The arithmetic of the page. */
import { describe, expect, it } from "vitest"
import { median, percentile, ratioOf, ratiosOf, type Series } from "../results.ts"

const series = (contender: string, values: ReadonlyArray<number>): Series => ({
  suite: "s",
  size: 1,
  case: "c",
  unit: "rows/s",
  contender,
  limit: "limit",
  values
})

describe("a ratio", () => {
  const limit = series("limit", [100, 200, 50])
  const ours = series("ours", [50, 150, 50])

  it("is the median of each round's own ratio, not the ratio of medians", () => {
    expect(ratiosOf(ours, [limit, ours])).toEqual([0.5, 0.75, 1])
    expect(ratioOf(ours, [limit, ours])).toBe(0.75)
  })

  it("may be asked for the other way round", () => {
    expect(ratioOf(ours, [limit, ours], "by ours")).toBeCloseTo(1 / 0.75)
  })

  it("without a limit is no number", () => expect(ratioOf(ours, [ours])).toBeNaN())
})

it("a median is the middle, or the mean of the two in the middle", () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
})

it("a percentile is one of the values", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect([percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1)]).toEqual([50, 99, 100])
})
