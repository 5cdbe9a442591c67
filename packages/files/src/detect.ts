/**
 * What a list says about itself by how it begins (LF-1): its format, delimiter and header. Only the first record counts, so
 * that the answer is the same whatever the chunks, and a stream can be read while it is still being written.
 */
import { CsvRecords, incomplete } from "./CsvRecords.ts"
import { isMark, meaningOf } from "./fields.ts"
import { looksLikeAddress } from "./looksLikeAddress.ts"
import type { FieldMap, Format } from "./ReadOptions.ts"

const delimiters = [",", ";", "\t", "|"]

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

export interface Beginning {
  readonly delimiter: string
  /** The first record's cells. */
  readonly cells: ReadonlyArray<string>
  readonly line: number
  /** Whether a line end follows it. */
  readonly isTerminated: boolean
  readonly hasHeader: boolean
  /** Records before the first row. */
  readonly skip: number
}

/** What the caller or the extension has said. */
interface Known {
  readonly format?: Format | undefined
  readonly delimiter?: string | undefined
  readonly header?: boolean | undefined
  readonly map?: FieldMap | undefined
}

/** Excel's line that names the delimiter comes before the header. */
const candidates = (text: string, { delimiter, format }: Known) => {
  const sep = sepLine.exec(text)?.[1]
  const fixed = delimiter ?? (format === "tsv" ? "\t" : sep)
  return { list: fixed === undefined ? delimiters : [fixed], skip: sep === undefined ? 0 : 1 }
}

/** The record after so many that are not blank; undefined when the text ends before it does. */
const recordIn = (text: string, delimiter: string, skip: number, isLast: boolean) => {
  const records = new CsvRecords(delimiter)
  records.feed(text)
  let left = skip
  for (let at = 0; at < text.length; ) {
    at = records.read(at, isLast)
    if (at === incomplete) return undefined
    if (records.cells.some((cell) => cell.trim() !== "") && left-- === 0) return records
  }
  return undefined
}

/** Whether there is text enough to tell how it begins: a whole record, by any delimiter, or for JSON anything. */
export const isEnough = (text: string, known: Known): boolean => {
  if (known.format === "json" || known.format === "ndjson") return text.trim() !== ""
  const { list, skip } = candidates(text, known)
  return list.every((delimiter) => recordIn(text, delimiter, skip, false) !== undefined)
}

/** How delimited text begins; undefined when its first record cannot be read. The delimiter is the one that tells the most. */
export const beginningOf = (text: string, known: Known): Beginning | undefined => {
  const { header, map = {} } = known
  const { list, skip } = candidates(text, known)
  const [found] = list
    .flatMap((delimiter) => {
      const record = recordIn(text, delimiter, skip, true)
      if (record === undefined || record.hasBadQuote) return []
      const { cells, isTerminated, line } = record
      return [{ delimiter, cells, isTerminated, line, told: cells.filter((cell) => tells(cell, map)).length }]
    })
    .toSorted((one, other) => other.told - one.told || other.cells.length - one.cells.length)
  if (found === undefined) return undefined
  const { cells, delimiter, isTerminated, line } = found
  const hasHeader = cells.some(isMark) || (header ?? !cells.some(looksLikeAddress))
  return { delimiter, cells, line, isTerminated, hasHeader, skip: skip + (hasHeader ? 1 : 0) }
}

const tells = (cell: string, map: FieldMap): boolean =>
  meaningOf(cell) !== undefined || looksLikeAddress(cell) || Object.hasOwn(map, cell.trim())
