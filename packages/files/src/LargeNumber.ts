/**
 * Numbers of JSON that JavaScript would change: integers beyond 2^53, and those beyond the largest
 * double. An id that is silently rounded is the id of somebody else.
 */
import { issueAt } from "./rows.ts"

/** Not yet in the types of JavaScript; there as of Node 22. */
const rawJson: unknown = Reflect.get(JSON, "rawJSON")

/** A number as it stood in its file. `JSON.stringify` writes it as that. */
export class LargeNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toJSON(): unknown {
    return typeof rawJson === "function" ? Reflect.apply(rawJson, JSON, [this.text]) : this.text
  }
}

/** Whether a parsed number may be another one than its text; fractions are rounded as they always are. */
export const isLarge = (value: unknown): boolean =>
  typeof value === "number" &&
  (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))

/** Whether a number that `isLarge` may be in the text of a value; it may be in a string, too. */
export const mayHoldLarge = (text: string): boolean => /\d{16}|\d[eE]\+?\d/.test(text)

/** Whether a value is, or holds at any depth, what the test says. */
export const holds = (value: unknown, test: (value: unknown) => boolean): boolean => {
  if (test(value)) return true
  if (typeof value !== "object" || value === null) return false
  return Object.values(value).some((member) => holds(member, test))
}

const isLargeNumber = (value: unknown): boolean => value instanceof LargeNumber

const isRecord = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isLargeNumber(value)

/** Issues of a row; more than these help nobody. */
const maxIssues = 10

/** The fields that hold large numbers, by their paths. */
const pathsIn = (row: unknown, prefix = ""): ReadonlyArray<string> =>
  Object.entries(Object(row)).flatMap(([key, value]) => {
    if (!holds(value, isLargeNumber)) return []
    return prefix === "" && key === "customFields" && isRecord(value)
      ? pathsIn(value, "customFields.")
      : [prefix + key]
  })

/** The issues of a row with numbers that cannot be kept; empty where it has none. */
export const largeNumberIssues = (row: unknown) => {
  const paths = isRecord(row) ? pathsIn(row) : holds(row, isLargeNumber) ? [""] : []
  const message = "the number is too large to be kept as it is: write it as text, in quotes"
  return paths.slice(0, maxIssues).flatMap((path) => issueAt(path, "NumberTooLarge", message))
}
