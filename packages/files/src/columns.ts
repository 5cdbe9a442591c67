/**
 * Which column goes to which field (LF-2), settled once for a file. The caller's map wins, then the strongest name of a
 * field; every other column is a custom field of its own name. What cannot be told apart is refused, and names the columns.
 */
import { type Column, described, listed, numberIn, numberKey } from "./Column.ts"
import { unescapeFormula } from "./cells.ts"
import { enrollmentColumns, isExportHeader } from "./exportLayout.ts"
import { type FileError, fileError, mapHint, optionHint } from "./FileError.ts"
import {
  customName,
  isAmbiguous,
  isFullName,
  isMark,
  isStandard,
  type Meaning,
  meaningBeside,
  meaningOf,
  plain,
  standardNames
} from "./fields.ts"
import { looksLikeAddress, looksLikeEntry } from "./looksLikeAddress.ts"
import type { FieldMap } from "./ReadOptions.ts"

/** The caller's options for columns, and findings from the rows below. */
export interface ColumnOptions {
  readonly map: FieldMap
  readonly splitName: boolean
  /** The number of a column whose cells look like addresses; null when none was seen. */
  readonly addressColumn: number | null
}

interface Named {
  readonly number: number
  readonly name: string
}

/** Columns by a header. Throws `FileError`: NoEmailColumn, UnknownColumn, ColumnsClash. */
export const namedColumns = (
  header: ReadonlyArray<string>,
  options: ColumnOptions
): ReadonlyArray<Column> => {
  const isExport = isExportHeader(header)
  const isMarked = !isExport && header.some(isMark)
  const named = header.map((cell, index) => ({
    number: index + 1,
    name: (isMarked || isExport ? unescapeFormula(cell) : cell).trim()
  }))
  if (isMarked && named.some(({ name }) => name === "email")) return settledColumns(named, options)
  if (isExport) return exportColumns(named, options)
  const mapped = mappedColumns(named, options.map)
  const meant = meanings(named, mapped)
  const ranks = bestRanks(meant, new Set(mapped.values()))
  const columns = named.map(({ name, number }, index): Column => {
    const column = { number, name, offer: null }
    const field = mapped.get(index)
    if (field !== undefined) return { ...column, fields: field === null ? [] : [field], reason: "map" }
    if (isMark(name)) return { ...column, fields: [], reason: "mark" }
    if (name === "") return { ...column, fields: [`column ${number}`], reason: "unnamed" }
    const meaning = meant[index]
    if (meaning === undefined) return { ...column, fields: [customName(name)], reason: "custom" }
    return meaning.rank === ranks.get(meaning.field)
      ? { ...column, fields: [meaning.field], reason: "name" }
      : { ...column, fields: [customName(name)], reason: "weaker" }
  })
  return numbered(withNames(checked(columns, options), options.splitName))
}

/**
 * Columns of a file of failed rows: its writer has put the names of fields into the header, so that
 * the map, `splitName` and usual names do not count again (LF-5).
 */
const settledColumns = (named: ReadonlyArray<Named>, options: ColumnOptions): ReadonlyArray<Column> => {
  const columns = named.map(({ name, number }): Column => {
    const column = { number, name, offer: null }
    if (isMark(name)) return { ...column, fields: [], reason: "mark" }
    if (name === "") return { ...column, fields: [`column ${number}`], reason: "unnamed" }
    return { ...column, fields: [name], reason: isStandard(name) ? "name" : "custom" }
  })
  return numbered(checked(columns, options))
}

/** Columns of an export: fields by their names, and none for the enrolment, unless the map says otherwise. */
const exportColumns = (named: ReadonlyArray<Named>, options: ColumnOptions): ReadonlyArray<Column> => {
  const mapped = mappedColumns(named, options.map)
  const enrollmentFrom = named.length - enrollmentColumns.length
  const taken = new Set(mapped.values())
  const columns = named.map(({ name, number }, index): Column => {
    const column = { number, name, offer: null }
    const field = mapped.get(index)
    const isEnrollment = index >= enrollmentFrom
    if (field !== undefined && !(isEnrollment && field === null)) {
      return { ...column, fields: field === null ? [] : [field], reason: "map" }
    }
    if (isEnrollment) return { ...column, fields: [], reason: "enrollment" }
    if (name === "") return { ...column, fields: [`column ${number}`], reason: "unnamed" }
    const isField = index < standardNames.length && !taken.has(name)
    return { ...column, fields: [isField ? name : customName(name)], reason: isField ? "name" : "custom" }
  })
  return numbered(withNames(checked(columns, options), options.splitName))
}

/**
 * Columns without a header, by the cells of the first record: the first address there is the lead's.
 * Without one it is the column that holds addresses in the records below.
 */
export const numberedColumns = (
  cells: ReadonlyArray<string>,
  options: ColumnOptions
): ReadonlyArray<Column> => {
  const named = cells.map((_, index) => ({ number: index + 1, name: `column ${index + 1}` }))
  const mapped = mappedColumns(named, options.map)
  const isTaken = [...mapped.values()].includes("email")
  const addressIn = (isAddress: (cell: string, index: number) => boolean) =>
    isTaken ? -1 : cells.findIndex((cell, index) => !mapped.has(index) && isAddress(cell, index))
  const address = [looksLikeAddress, looksLikeEntry, isBelow(options)]
    .map(addressIn)
    .find((index) => index !== -1)
  const columns = named.map(({ name, number }, index): Column => {
    const column = { number, offer: null }
    if (index === address) return { ...column, name: "email", fields: ["email"], reason: "address" }
    const field = mapped.get(index)
    if (field === undefined) return { ...column, name, fields: [name], reason: "unnamed" }
    return { ...column, name: field ?? name, fields: field === null ? [] : [field], reason: "map" }
  })
  return numbered(withNames(checked(columns, options), options.splitName))
}

const isBelow =
  ({ addressColumn }: ColumnOptions) =>
  (_: string, index: number): boolean =>
    index + 1 === addressColumn

/**
 * The map by column: a name as it stands, else `#` and a number, else a name without case and
 * punctuation, else a number.
 */
const mappedColumns = (columns: ReadonlyArray<Named>, map: FieldMap) => {
  const mapped = new Map<number, string | null>()
  const entries = Object.entries(map)
  if (entries.length === 0) return mapped
  const byName = Map.groupBy(columns.keys(), (index) => columns[index]?.name)
  const byPlain = Map.groupBy(columns.keys(), (index) => plain(columns[index]?.name ?? ""))
  byPlain.delete("")
  for (const [key, field] of entries) {
    const name = key.trim()
    const withNumber = (wanted: string) =>
      columns.flatMap(({ number }, index) => (String(number) === wanted ? [index] : []))
    const number = numberIn(key)
    const found =
      byName.get(name) ??
      (number === undefined ? (byPlain.get(plain(key)) ?? withNumber(name)) : withNumber(String(number)))
    if (found.length === 0) {
      throw fileError(
        "UnknownColumn",
        `the map names ${JSON.stringify(key)}, and there is no such column: there are ${listed(columns)}`
      )
    }
    for (const index of found) mapped.set(index, field?.trim() ?? null)
  }
  return mapped
}

/** The usual meanings of the columns that the map leaves, by their names. */
const meanings = (columns: ReadonlyArray<Named>, mapped: ReadonlyMap<number, unknown>) => {
  const isAnyAmbiguous = columns.some(({ name }) => isAmbiguous(name))
  const names = new Set(isAnyAmbiguous ? columns.map(({ name }) => plain(name)) : [])
  return columns.map(({ name }, index) =>
    mapped.has(index)
      ? undefined
      : (meaningOf(name) ?? (isAnyAmbiguous ? meaningBeside(name, names) : undefined))
  )
}

/** The strongest rank by field, without the fields that the map has given away. */
const bestRanks = (meant: ReadonlyArray<Meaning | undefined>, taken: ReadonlySet<unknown>) => {
  const ranks = new Map<string, number>()
  for (const meaning of meant) {
    if (meaning === undefined || taken.has(meaning.field)) continue
    ranks.set(meaning.field, Math.min(meaning.rank, ranks.get(meaning.field) ?? Number.POSITIVE_INFINITY))
  }
  return ranks
}

/**
 * Refuses two columns that mean one field by the map or by the names of standard fields, and a list
 * without addresses.
 */
const checked = (columns: ReadonlyArray<Column>, { addressColumn }: ColumnOptions): ReadonlyArray<Column> => {
  const seen = new Map<string, Column>()
  for (const column of columns) {
    const [field] = column.fields
    if (field === undefined || !(column.reason === "map" || isStandard(field))) continue
    const other = seen.get(field)
    if (other !== undefined) throw clash(columns, other, column, field)
    seen.set(field, column)
  }
  if (!seen.has("email")) throw noEmailColumn(columns, addressColumn)
  return columns
}

/** A header that holds a row loses it, so the error says both what is assumed and how to change it. */
const noEmailColumn = (columns: ReadonlyArray<Column>, addressColumn: number | null): FileError => {
  const missing = `no column holds the addresses: there are ${listed(columns)}`
  const byMap = mapHintAt(columns, addressColumn ?? 1, "email")
  if (columns.every(({ reason }) => reason === "unnamed" || reason === "map")) {
    return fileError("NoEmailColumn", `${missing}: map one of them to email`, null, [byMap])
  }
  const noHeader = optionHint("header", "false")
  const [first, second] = columns.some(({ name }) => name.includes("@"))
    ? [noHeader, byMap]
    : [byMap, noHeader]
  return fileError(
    "NoEmailColumn",
    `${missing}; the first line must hold the names of the columns: if it does, map one of them to email; if it is a row, read the list without a header; if the names stand further down, skip the lines above them`,
    null,
    [first, second, optionHint("skipLines")]
  )
}

const mapHintAt = (columns: ReadonlyArray<Column>, number: number, field: string | null) =>
  mapHint(number, numberKey(columns, number), field)

const clash = (columns: ReadonlyArray<Column>, first: Column, second: Column, field: string): FileError => {
  const what = isStandard(field) ? field : `the custom field ${JSON.stringify(field)}`
  return fileError(
    "ColumnsClash",
    `${described(first)} and ${described(second)} both mean ${what}: map each to a field of its own, or leave one out`,
    null,
    [mapHintAt(columns, second.number, null), mapHintAt(columns, first.number, null)]
  )
}

/**
 * Splits columns of full names on request, and otherwise offers it, where the list has neither
 * first nor last names.
 */
const withNames = (columns: ReadonlyArray<Column>, isSplit: boolean): ReadonlyArray<Column> => {
  const fields = new Set(columns.flatMap((column) => column.fields))
  if (fields.has("firstName") || fields.has("lastName")) return columns
  const full = columns.find(({ fields: [field] }) => field !== undefined && isFullName(field))
  if (isSplit && full === undefined) throw noNameColumn(columns)
  return columns.map((column) => {
    if (column !== full) return column
    return isSplit
      ? { ...column, fields: ["firstName", "lastName"], reason: "split" }
      : { ...column, offer: "splitName" }
  })
}

const noNameColumn = (columns: ReadonlyArray<Named>): FileError =>
  fileError(
    "UnknownColumn",
    `no column of full names can be split: there are ${listed(columns)}; map one of them to Full Name, or leave splitName out`
  )

/** Custom fields of one name with numbers: `Notes`, `Notes 2`. */
const numbered = (columns: ReadonlyArray<Column>): ReadonlyArray<Column> => {
  const named = columns.filter(({ reason }) => reason !== "unnamed")
  const taken = new Set<string>([...standardNames, ...named.flatMap(({ fields }) => fields)])
  const seen = new Set(columns.filter(({ reason }) => reason === "map").flatMap(({ fields }) => fields))
  const next = new Map<string, number>()
  return columns.map((column) => {
    const [field] = column.fields
    if (field === undefined || isStandard(field) || column.reason === "map") return column
    const isFree = column.reason === "unnamed" ? !taken.has(field) : !seen.has(field)
    if (isFree) {
      seen.add(field)
      taken.add(field)
      return column
    }
    let number = next.get(field) ?? 2
    while (taken.has(`${field} ${number}`)) number++
    next.set(field, number + 1)
    taken.add(`${field} ${number}`)
    return { ...column, fields: [`${field} ${number}`], reason: "duplicate" }
  })
}
