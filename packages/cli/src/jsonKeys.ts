/** Finds the key of a JSON object that a field of its row comes from. */

import { SourceRow } from "@leadterra/core"
import { JsonRow } from "@leadterra/files"

/** A key of the object; else a key in its `customFields`, which no map reaches, or none that can be told. */
export type Origin = { readonly key: string } | "customFields" | undefined

/** The entries of an object by name; of anything else none. */
export const entriesOfObject = (value: unknown): ReadonlyMap<string, unknown> =>
  new Map(typeof value === "object" && value !== null ? Object.entries(value) : [])

/** Returns where the field stands in the object that a row was made from. */
export const originOf = (source: unknown, field: string): Origin => {
  if (!SourceRow.is(source)) return undefined
  const row = entriesOfObject(source.row)
  const value = source instanceof JsonRow ? entriesOfObject(source.value) : row
  const isNested = entriesOfObject(value.get("customFields")).has(field)
  if (value.has(field)) return isNested ? undefined : { key: field }
  if (isNested) return "customFields"
  // The key had another name: it is the one whose value the field has.
  const content = row.get(field)
  const keys = [...value].flatMap(([key, other]) => (other === content && !row.has(key) ? [key] : []))
  const [key] = keys
  return row.has(field) && keys.length === 1 && key !== undefined ? { key } : undefined
}
