/**
 * Objects of JSON in a file of failed rows (LF-5). Their writer has settled what each key means, so
 * neither the map nor the names of keys count again. A line that was no JSON stands as a text, and
 * once that is corrected it is read as a line of the list: by the map that stands beside it, unless
 * the caller gives one.
 */
import { SourceRow } from "@leadterra/core"
import { isMark, marks } from "./fields.ts"
import { type ObjectRows, objectRows, unreadLine, withLargeNumbers } from "./objectRows.ts"
import { parseJson } from "./parseJson.ts"
import { type FieldMap, isField, type KeyOptions, type ReadOptions } from "./ReadOptions.ts"
import { issue, setOwn } from "./rows.ts"

type Given = Pick<ReadOptions, "map" | "splitName">

/** Reads the objects of a file of failed rows. Those that were added to it are read as ever. */
export const failedObjects = (given: Given): ObjectRows => {
  const ordinary = objectRows({ map: given.map ?? {}, splitName: given.splitName ?? false })
  const rowsBy = remembered()
  return {
    unread: ordinary.unread,
    rowOf: (parsed, line) => {
      const { hasLarge, value } = parsed
      if (typeof value !== "object" || value === null || !Object.keys(value).some(isMark)) {
        return ordinary.rowOf(parsed, line)
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
      const options = optionsFor(value, given)
      if (options === undefined) {
        const message = `${marks.map} or ${marks.splitName} is not as it was written: put it back`
        return new SourceRow(value, line, issue("BadMap", message))
      }
      const rows = rowsBy(options)
      const text: unknown = Reflect.get(value, marks.text)
      if (typeof text !== "string") return rows.rowOf({ value: text, hasLarge }, line)
      const inner = parseJson(text)
      return "value" in inner ? rows.rowOf(inner, line) : rows.unread(text, line, unreadLine(inner.problem))
    }
  }
}

/** The options of one text: the caller's, else those that stand beside it; undefined when these are none. */
const optionsFor = (value: object, { map = {}, splitName }: Given): KeyOptions | undefined => {
  const mapBeside: unknown = Object.hasOwn(value, marks.map) ? Reflect.get(value, marks.map) : {}
  const splitBeside: unknown = Object.hasOwn(value, marks.splitName) && Reflect.get(value, marks.splitName)
  if (!isFieldMap(mapBeside) || typeof splitBeside !== "boolean") return undefined
  return {
    map: Object.keys(map).length > 0 ? map : mapBeside,
    splitName: splitName ?? splitBeside
  }
}

const isFieldMap = (value: unknown): value is FieldMap =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((field) => field === null || isField(field))

/** Rows by options, which are the same for most rows of a file. */
const remembered = (): ((options: KeyOptions) => ObjectRows) => {
  let last: { readonly key: string; readonly rows: ObjectRows } | undefined
  return (options) => {
    const key = JSON.stringify(options)
    if (last?.key !== key) last = { key, rows: objectRows(options) }
    return last.rows
  }
}
