/**
 * Detects the format, the delimiter and the header of a list by its beginning (LF-1). The first
 * record decides, or the first ten lines where it does not. So the answer does not depend on the
 * chunks, and a stream can be read while it is still being written.
 */
import { CsvRecords, incomplete } from "./CsvRecords.ts"
import { isMark, meaningOf, plain } from "./fields.ts"
import { looksLikeAddress, looksLikeEntry } from "./looksLikeAddress.ts"
import { type FieldMap, type Format, maxColumns } from "./ReadOptions.ts"

export const delimiters: ReadonlyArray<string> = [",", ";", "\t", "|"]

/** Lines in which the names of the columns are looked for, below a title. */
export const headerLines = 10

/** The format of the content: JSON by how it begins, delimited text otherwise. */
export const formatOfContent = (text: string): "csv" | "ndjson" | "json" => {
  const begins = text.trimStart()
  if (/^\[\s*(?:[{\]]|$)/.test(begins)) return "json"
  if (!begins.startsWith("{")) return "csv"
  try {
    JSON.parse(begins.split(/[\r\n]/, 1)[0] ?? "")
    return "ndjson"
  } catch {
    return /^\{\s*[\r\n]/.test(begins) ? "json" : "ndjson"
  }
}

const sepLine = /^"?sep=([^"\r\n])"?(?=[\r\n]|$)/i

/** One record of the beginning that is not blank. */
interface HeadRecord {
  readonly cells: ReadonlyArray<string>
  readonly line: number
  readonly hasBadQuote: boolean
  readonly isWide: boolean
  /** Whether a line end follows it. */
  readonly isTerminated: boolean
}

export interface Beginning extends HeadRecord {
  readonly delimiter: string
  readonly hasHeader: boolean
  /** Records before the first row. */
  readonly skip: number
  /** The line of the text on which reading begins. */
  readonly firstLine: number
  /** The number of a column that holds addresses below the first record; null when none does. */
  readonly addressColumn: number | null
}

/** What the caller or the extension has said. */
interface Known {
  readonly format?: Format | undefined
  readonly delimiter?: string | undefined
  readonly header?: boolean | undefined
  readonly map?: FieldMap | undefined
  readonly skipLines?: number | undefined
}

/** Excel's line that names the delimiter comes before the header. */
const candidates = (text: string, { delimiter, format }: Known) => {
  const sep = sepLine.exec(text)?.[1]
  const fixed = delimiter ?? (format === "tsv" ? "\t" : sep)
  return { list: fixed === undefined ? delimiters : [fixed], skip: sep === undefined ? 0 : 1 }
}

/** A delimiter with the records that it makes of the beginning. */
interface Candidate {
  readonly delimiter: string
  readonly records: ReadonlyArray<HeadRecord>
}

/** The records of the first lines, so many of them left out; at most `most`. */
const recordsIn = (text: string, delimiter: string, skip: number, most: number, isLast: boolean) => {
  const records = new CsvRecords(delimiter, maxColumns)
  const found: Array<HeadRecord> = []
  records.feed(text)
  let left = skip
  for (let at = 0; at < text.length && found.length < most; ) {
    at = records.read(at, isLast)
    if (at === incomplete) break
    const { cells, hasBadQuote, isTerminated, isWide, line } = records
    if (cells.every((cell) => cell.trim() === "") || left-- > 0) continue
    found.push({ cells, hasBadQuote, isTerminated, isWide, line })
    if (line >= headerLines) break
  }
  return found
}

export const candidatesIn = (
  text: string,
  known: Known,
  most: number,
  isLast: boolean
): ReadonlyArray<Candidate> => {
  const { list, skip } = candidates(text, known)
  return list.map((delimiter) => ({ delimiter, records: recordsIn(text, delimiter, skip, most, isLast) }))
}

/** Whether the content of the first record, or the map, tells that the list begins with it. */
const isKnown = ({ cells }: HeadRecord, { map = {} }: Known): boolean =>
  cells.some((cell) => isAddressName(cell) || looksLikeAddress(cell)) ||
  Object.entries(map).some(([key, field]) => field?.trim() === "email" && namesColumn(key, cells))

const isAddressName = (cell: string): boolean => isMark(cell) || meaningOf(cell)?.field === "email"

const namesColumn = (key: string, cells: ReadonlyArray<string>): boolean =>
  /^\s*#*\d{1,6}\s*$/.test(key) || cells.some((cell) => cell.trim() === key.trim() || isSame(cell, key))

const isSame = (cell: string, key: string): boolean => plain(key) !== "" && plain(cell) === plain(key)

/** Cells that are not blank; a title has one. */
const widthOf = ({ cells }: HeadRecord): number => cells.filter((cell) => cell.trim() !== "").length

/**
 * The index of the header below a title; -1 when there is none, or a row comes first. A record that
 * is no wider than one above it is a row below its header, with a cell like the name of a column.
 */
const headerIn = (records: ReadonlyArray<HeadRecord>): number => {
  const at = records.findIndex(({ cells }) =>
    cells.some((cell) => isAddressName(cell) || looksLikeAddress(cell))
  )
  const found = records[at]
  if (found === undefined || found.cells.some(looksLikeAddress)) return -1
  const width = widthOf(found)
  return records.slice(0, at).every((above) => widthOf(above) <= 1 || widthOf(above) < width) ? at : -1
}

/** Whether any delimiter makes a first record that is known. */
const isAnyKnown = (all: ReadonlyArray<Candidate>, known: Known): boolean =>
  all.some(({ records: [record] }) => record !== undefined && isKnown(record, known))

/**
 * Whether there is text enough to tell how it begins, and for JSON anything. Without a first record
 * that is known it takes the first lines, also when an option says that they have no title: the
 * column of addresses is found there, and must not depend on the chunks.
 */
export const isEnough = (text: string, known: Known): boolean => {
  if (known.format === "json" || known.format === "ndjson") return text.trim() !== ""
  const first = candidatesIn(text, known, 1, false)
  if (first.some(({ records }) => records.length === 0)) return false
  if (isAnyKnown(first, known)) return true
  return candidatesIn(text, known, headerLines, false).every(
    ({ records }) => records.length === headerLines || (records.at(-1)?.line ?? 0) >= headerLines
  )
}

/**
 * The beginning of delimited text; null when its quotes are broken, undefined when there is no
 * record. The delimiter is the one that gives the most known names and addresses.
 */
export const beginningOf = (text: string, known: Known, firstLine: number): Beginning | null | undefined => {
  const all = candidatesIn(text, known, headerLines, true)
  const isSure = isAnyKnown(all, known)
  const isFirst = isSure || known.header !== undefined || known.skipLines !== undefined
  const { skip } = candidates(text, known)
  const found = all.flatMap(({ delimiter, records }) => {
    const index = isFirst ? 0 : headerIn(records)
    const record = records[Math.max(0, index)]
    if (record === undefined) return []
    const told = record.cells.filter((cell) => tells(cell, known.map ?? {})).length
    return [{ delimiter, index, record, records, told }]
  })
  const [best] = found
    .filter(({ record }) => !record.hasBadQuote)
    .toSorted((one, other) => other.told - one.told || other.record.cells.length - one.record.cells.length)
  if (best === undefined) return found.length === 0 ? undefined : null
  const { delimiter, index, record, records } = best
  const hasHeader =
    index > 0 || record.cells.some(isMark) || (known.header ?? !record.cells.some(looksLikeEntry))
  return {
    ...record,
    line: record.line + firstLine - 1,
    delimiter,
    hasHeader,
    firstLine,
    skip: skip + Math.max(0, index) + (hasHeader ? 1 : 0),
    addressColumn: addressColumnIn(isSure ? [record] : records)
  }
}

const addressColumnIn = (records: ReadonlyArray<HeadRecord>): number | null => {
  for (const { cells } of records) {
    const index = cells.findIndex(looksLikeAddress)
    if (index !== -1) return index + 1
  }
  return null
}

const tells = (cell: string, map: FieldMap): boolean =>
  meaningOf(cell) !== undefined || looksLikeEntry(cell) || Object.hasOwn(map, cell.trim())
