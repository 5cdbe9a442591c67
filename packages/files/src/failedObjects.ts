/**
 * Objects of JSON in a file of failed rows (LF-5). Their writer has settled what each key means, so
 * neither the map nor the names of keys count again. A line that was no JSON stands as a text, and
 * once that is corrected it is read as a line of the list.
 */
import { SourceRow } from "@leadterra/core"
import { isMark, marks } from "./fields.ts"
import { type RowOf, unreadLine, withLargeNumbers } from "./objectRows.ts"
import { parseJson } from "./parseJson.ts"
import { issue, setOwn } from "./rows.ts"

/** Wraps the reader of a list's values for a file of failed rows. Objects that were added to it are read as ever. */
export const failedObjects =
  (rowOf: RowOf): RowOf =>
  (parsed, line) => {
    const { hasLarge, value } = parsed
    if (typeof value !== "object" || value === null || !Object.keys(value).some(isMark)) {
      return rowOf(parsed, line)
    }
    const row: Record<string, unknown> = {}
    for (const key of Object.keys(value)) if (!isMark(key)) setOwn(row, key, Reflect.get(value, key))
    if (!Object.hasOwn(value, marks.text)) {
      const made = new SourceRow(row, line)
      return hasLarge ? withLargeNumbers(made, row) : made
    }
    if (Object.keys(row).length > 0) {
      const message = `the row has ${marks.text} and other keys: correct the text, or keep the keys and leave the text out`
      return new SourceRow(row, line, issue("TextAndKeys", message))
    }
    const text: unknown = Reflect.get(value, marks.text)
    if (typeof text !== "string") return rowOf({ value: text, hasLarge }, line)
    const inner = parseJson(text)
    return "value" in inner ? rowOf(inner, line) : unreadLine(text, line, inner.problem)
  }
