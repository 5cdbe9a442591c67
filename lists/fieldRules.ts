/**
 * Whether the fields of a row break a rule, the address left aside: docs/spec/upsert.md (UP-3, UP-8, Limits) for rows as
 * JSON gives them and for the cells of a CSV. A limit that only the merge of several rows can pass is not looked at here.
 */

const standardNames: ReadonlySet<string> = new Set(["firstName", "lastName", "company", "jobTitle"])

const isText = (value: unknown): boolean =>
  typeof value === "string" && value.length <= 5_000 && !value.includes("\0") && value.isWellFormed()

const isValue = (value: unknown): boolean =>
  value === null || typeof value === "boolean" || Number.isFinite(value) || isText(value)

const isName = (name: string): boolean => name.length <= 200 && !name.includes("\0") && name.isWellFormed()

export const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const cellsBreakRules = (cells: ReadonlyArray<string>, emailAt: number): boolean =>
  cells.some((cell, at) => at !== emailAt && !isText(cell))

/** The names of a row's custom fields, or undefined where one of its fields breaks a rule. */
export const customNamesOf = (row: object): ReadonlySet<string> | undefined => {
  const names = new Set<string>()
  for (const [name, value] of Object.entries(row)) {
    if (name === "email") continue
    if (name === "customFields") {
      if (!isObject(value)) return undefined
      for (const [inner, innerValue] of Object.entries(value)) {
        if (inner === "email" || standardNames.has(inner) || !isName(inner) || !isValue(innerValue))
          return undefined
        names.add(inner)
      }
    } else if (standardNames.has(name)) {
      if (value !== null && !isText(value)) return undefined
    } else {
      if (!isName(name) || !isValue(value)) return undefined
      names.add(name)
    }
  }
  return names.size > 500 ? undefined : names
}
