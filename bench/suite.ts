/**
 * The shape of what is measured. A section of the page has suites; a suite has contenders that do the same work and are
 * measured by the same cases, at one or more sizes. Each round of each contender is a process of its own (`round.ts`).
 */
import type { Chart } from "./charts.ts"
import type { Series } from "./results.ts"

export type Unit = "rows/s" | "messages/s" | "renders/s" | "ms" | "MB" | "bytes" | "times"

export interface Case {
  readonly name: string
  readonly unit: Unit
  /** The ratio that is wanted. */
  readonly goal?: number
  /** Left out of the table, for a chart alone. */
  readonly isHidden?: true
}

/** What a round has measured, for each case in order. */
export type Figures = ReadonlyArray<number>

export interface Contender {
  readonly name: string
  /** The contender that it is measured against: its own name for a limit. */
  readonly limit: string
  /** Does the work at a size. The folder is empty, and goes away. */
  readonly run: (size: number, folder: string) => Figures | Promise<Figures>
}

export interface Plan {
  readonly size: number
  readonly rounds: number
}

export interface Suite {
  readonly name: string
  readonly cases: ReadonlyArray<Case>
  readonly contenders: ReadonlyArray<Contender>
  readonly full: ReadonlyArray<Plan>
  readonly quick: ReadonlyArray<Plan>
  /** What a size counts; left out where there is one size that says nothing. */
  readonly size?: string
  /** `"to limit"` (default) is the figure over that of the limit, `"by ours"` the other way round. */
  readonly ratio?: "to limit" | "by ours"
}

export interface Section {
  readonly title: string
  /** What is measured, and against what: Markdown. */
  readonly about: string
  /** The libraries whose versions count. */
  readonly libraries: ReadonlyArray<string>
  readonly suites: ReadonlyArray<Suite>
  readonly charts: (series: ReadonlyArray<Series>) => ReadonlyArray<Chart>
  /** Runs once, before all rounds. */
  readonly prepare?: () => void | Promise<void>
}
