/**
 * Which column goes to which field (LF-2), settled once for a file. The caller's map wins, then the strongest name of a
 * field; every other column is a custom field of its own name. What cannot be told apart is refused, and names the columns.
 */
import { unescapeFormula } from "./cells.ts"
import { type FileError, fileError } from "./FileError.ts"
import { customName, isMark, isStandard, meaningOf, plain, standardNames } from "./fields.ts"
import type { FieldMap } from "./ReadOptions.ts"

/** A column as its header names it, and the field that its cells go to; null when they are left out. */
export interface Column {
  readonly name: string
  readonly field: string | null
}

/** Tells an address from other text, to find a column of them. What an address is, core decides. */
export const looksLikeAddress = (cell: string): boolean =>
  /^[^\s@,;|"<>]+@[^\s@,;|"<>]+\.[^\s@,;|"<>]+$/.test(cell.trim())

/** A message names so many columns, and of a name so many characters. */
const namedAtMost = 20
const nameLength = 60

const place = (index: number, { name }: { readonly name: string }): string => {
  const short = name.length > nameLength ? `${name.slice(0, nameLength)}...` : name
  return name === "" ? `column ${index + 1}` : `column ${index + 1} (${JSON.stringify(short)})`
}

const listed = (columns: ReadonlyArray<{ readonly name: string }>): string => {
  const named = columns.slice(0, namedAtMost).map((column, index) => place(index, column))
  const more = columns.length > namedAtMost ? `, and ${columns.length - namedAtMost} more` : ""
  return named.join(", ") + more
}

/** Columns by a header. Throws `FileError`: NoEmailColumn, UnknownColumn, ColumnsClash. */
export const namedColumns = (header: ReadonlyArray<string>, map: FieldMap): ReadonlyArray<Column> => {
  const isMarked = header.some(isMark)
  const named = header.map((cell) => ({ name: (isMarked ? unescapeFormula(cell) : cell).trim() }))
  const mapped = mappedColumns(named, map)
  const taken = new Set(mapped.values())
  const meant = named.map(({ name }, index) => (mapped.has(index) ? undefined : meaningOf(name)))
  const best = (field: string) =>
    Math.min(...meant.map((meaning) => (meaning?.field === field ? meaning.rank : Infinity)))
  const ranks = new Map(standardNames.map((field) => [field, best(field)]))
  return checked(
    named.map(({ name }, index) => {
      const explicit = mapped.get(index)
      if (explicit !== undefined) return { name, field: explicit }
      if (isMark(name)) return { name, field: null }
      if (name === "") return { name, field: `column ${index + 1}` }
      const meaning = meant[index]
      const takes =
        meaning !== undefined && !taken.has(meaning.field) && meaning.rank === ranks.get(meaning.field)
      return { name, field: takes ? meaning.field : customName(name) }
    })
  )
}

/** Columns without a header, by the cells of the first record: the first address there is the lead's. */
export const numberedColumns = (cells: ReadonlyArray<string>, map: FieldMap): ReadonlyArray<Column> => {
  const numbered = cells.map((_, index) => ({ name: `column ${index + 1}` }))
  const mapped = mappedColumns(numbered, map)
  const isTaken = [...mapped.values()].includes("email")
  const address = isTaken
    ? -1
    : cells.findIndex((cell, index) => !mapped.has(index) && looksLikeAddress(cell))
  return checked(
    numbered.map(({ name }, index) => {
      const field = index === address ? "email" : mapped.get(index)
      return { name: field ?? name, field: field === undefined ? name : field }
    })
  )
}

/** The map by column: a name as it stands, else without case and punctuation, else a number. */
const mappedColumns = (columns: ReadonlyArray<{ readonly name: string }>, map: FieldMap) => {
  const mapped = new Map<number, string | null>()
  for (const [key, field] of Object.entries(map)) {
    const tests: ReadonlyArray<(name: string, index: number) => boolean> = [
      (name) => name === key.trim(),
      (name) => plain(name) !== "" && plain(name) === plain(key),
      (_, index) => String(index + 1) === key.trim()
    ]
    const found = tests
      .map((test) => columns.flatMap(({ name }, index) => (test(name, index) ? [index] : [])))
      .find(({ length }) => length > 0)
    if (found === undefined) {
      throw fileError(
        "UnknownColumn",
        `the map names ${JSON.stringify(key)}, and there is no such column: there are ${listed(columns)}`
      )
    }
    for (const index of found) mapped.set(index, field?.trim() ?? null)
  }
  return mapped
}

const checked = (columns: ReadonlyArray<Column>): ReadonlyArray<Column> => {
  const seen = new Map<string, number>()
  for (const [index, column] of columns.entries()) {
    if (column.field === null) continue
    const other = seen.get(column.field)
    if (other !== undefined) throw clash(columns, other, index, column.field)
    seen.set(column.field, index)
  }
  if (!seen.has("email")) {
    throw fileError(
      "NoEmailColumn",
      `no column holds the addresses: there are ${listed(columns)}; name it with a map, such as { "1": "email" }`
    )
  }
  return columns
}

const clash = (columns: ReadonlyArray<Column>, first: number, second: number, field: string): FileError => {
  const both = [first, second].map((index) => place(index, columns[index] ?? { name: "" })).join(" and ")
  const what = isStandard(field) ? field : "one custom field"
  return fileError(
    "ColumnsClash",
    `${both} both mean ${what}: say what each is with a map, such as { "${second + 1}": null } to leave one out`
  )
}
