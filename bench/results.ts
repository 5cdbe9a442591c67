/**
 * What was measured, as `docs/benchmarks.json` keeps it: the figure of every round, so that medians, spreads and ratios are
 * worked out in one place, here. A ratio is the median of each round's own ratio, since a machine is never the same twice.
 */
import type { Suite, Unit } from "./suite.ts"

/** One case of one contender at one size. */
export interface Series {
  readonly suite: string
  readonly size: number
  readonly case: string
  readonly unit: Unit
  readonly contender: string
  readonly limit: string
  /** A figure for each round. */
  readonly values: ReadonlyArray<number>
}

export interface Measured {
  readonly date: string
  readonly machine: string
  readonly versions: Readonly<Record<string, string>>
  readonly isQuick: boolean
  readonly series: ReadonlyArray<Series>
}

/** By the name of the section. */
export type Results = Readonly<Record<string, Measured>>

/** Leadterra, and not a limit or a peer: its contenders are named by its calls. */
export const isOurs = ({ contender }: Pick<Series, "contender">): boolean =>
  /^[A-Z]\w+\.[a-z]/.test(contender)

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}

/** The smallest value that a share of all values does not exceed. */
export const percentile = (values: ReadonlyArray<number>, share: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN

const limitOf = (series: Series, all: ReadonlyArray<Series>): Series | undefined =>
  all.find(
    (other) =>
      other.suite === series.suite &&
      other.size === series.size &&
      other.case === series.case &&
      other.contender === series.limit
  )

/** The ratio to the limit in each round, or of the limit to the contender. */
export const ratiosOf = (
  series: Series,
  all: ReadonlyArray<Series>,
  ratio: Suite["ratio"] = "to limit"
): ReadonlyArray<number> => {
  const limit = limitOf(series, all)
  return series.values.map((value, round) => {
    const other = limit?.values[round] ?? Number.NaN
    return ratio === "to limit" ? value / other : other / value
  })
}

export const ratioOf = (
  series: Series,
  all: ReadonlyArray<Series>,
  ratio: Suite["ratio"] = "to limit"
): number => median(ratiosOf(series, all, ratio))
