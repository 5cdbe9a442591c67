/** Figures as people read them. */
import type { Unit } from "./suite.ts"

export const count = (value: number): string => {
  if (value >= 1_000_000) return `${(value / 1_000_000).toFixed(value >= 10_000_000 ? 0 : 1)}M`
  return value >= 1_000 ? `${(value / 1_000).toFixed(value >= 10_000 ? 0 : 1)}k` : value.toFixed(0)
}

/** Without its unit. */
export const bare = (value: number, unit: Unit): string => {
  if (unit === "times") return value.toFixed(2)
  if (unit === "ms" || unit === "MB") return value.toFixed(value >= 100 ? 0 : 1)
  return count(value)
}

export const figure = (value: number, unit: Unit): string =>
  unit === "times" ? bare(value, unit) : `${bare(value, unit)} ${unit}`
