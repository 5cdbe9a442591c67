/**
 * What a product's export is: the names of its columns in their order, the cells of a lead, and how its CSV is written.
 * Small words that only some exports hold are chosen by the lead's trait, dates are spelled from its day.
 */
import type { Lead } from "./lead.ts"

export interface Product {
  readonly columns: ReadonlyArray<string>
  readonly cells: (lead: Lead) => ReadonlyArray<string>
  /** Which cells stand in quotes: all, those that need it, or those with white space and backslashes as well. */
  readonly quotes: "all" | "needed" | "spaces"
  readonly lineEnd: "\n" | "\r\n"
  readonly byteOrderMark: boolean
}

/** One of a list by a number that stays the lead's own: other lists take another part of it. */
export const traitOf = <A>(list: ReadonlyArray<A>, trait: number, part: number): A => {
  const chosen = list[Math.floor(trait / part) % list.length]
  if (chosen === undefined) throw new Error("A dictionary is empty")
  return chosen
}

const dates = Array.from({ length: 3_300 }, (_, day) =>
  new Date(Date.UTC(2018, 0, 1 + day)).toISOString().slice(0, 10)
)

/** `2024-05-01`. */
export const dateOf = ({ day }: Lead): string => dates[day] ?? ""

const times = Array.from({ length: 600 }, (_, minute) =>
  new Date(Date.UTC(2018, 0, 1, 8, minute)).toISOString().slice(11, 16)
)

/** `2024-05-01 09:07`, at a time of day of the lead's own. */
export const momentOf = (lead: Lead): string => `${dateOf(lead)} ${traitOf(times, lead.trait, 1)}`
