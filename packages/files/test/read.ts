/** Reads lists in tests: out of text that is encoded, packed and cut as told, to the rows and the fault that ended it. */
import { gzipSync } from "node:zlib"
import type { SourceRow } from "@leadterra/core"
import {
  CsvRow,
  type Encoding,
  FileError,
  type LeadFile,
  openLeads,
  type ReadOptions
} from "@leadterra/files"
import fc from "fast-check"

export const encoded = (text: string, encoding: Encoding = "utf-8", withMark = false): Uint8Array => {
  const marked = withMark ? `\ufeff${text}` : text
  if (encoding === "utf-8") return Buffer.from(marked)
  if (encoding === "latin1") return Buffer.from(text, "latin1")
  const little = Buffer.from(marked, "utf16le")
  return encoding === "utf-16le" ? little : little.swap16()
}

/** In chunks of the given sizes, again and again. */
export async function* cut(bytes: Uint8Array, sizes: ReadonlyArray<number> = [bytes.length]) {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? bytes.length)
    yield bytes.subarray(at, at + size)
    at += size
  }
}

export interface Reading {
  readonly file: LeadFile
  readonly rows: ReadonlyArray<SourceRow>
  readonly error: FileError | undefined
}

export const rowsOf = async (file: LeadFile): Promise<ReadonlyArray<SourceRow>> => {
  const rows: Array<SourceRow> = []
  for await (const row of file) rows.push(row)
  return rows
}

export const readAll = async (
  source: string | AsyncIterable<Uint8Array>,
  options?: ReadOptions
): Promise<Reading> => {
  const file = await openLeads(source, options)
  const rows: Array<SourceRow> = []
  try {
    for await (const row of file) rows.push(row)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    return { file, rows, error }
  }
  return { file, rows, error: undefined }
}

export const readText = (text: string, options?: ReadOptions) => readAll(cut(encoded(text)), options)

/** The fault of a list that cannot be opened, or not be read to its end. */
export const faultOf = async (
  source: string | AsyncIterable<Uint8Array>,
  options?: ReadOptions
): Promise<FileError> => {
  try {
    const { error } = await readAll(source, options)
    if (error !== undefined) return error
  } catch (error) {
    if (error instanceof FileError) return error
    throw error
  }
  throw new Error("nothing was at fault")
}

export const faultOfText = (text: string, options?: ReadOptions) => faultOf(cut(encoded(text)), options)

export const cellsOf = (row: SourceRow): ReadonlyArray<string> => (row instanceof CsvRow ? row.cells : [])

/** How a text may come: encoded, packed, and in which chunks. */
export const ways = fc.record({
  encoding: fc.constantFrom<Encoding>("utf-8", "utf-16le", "utf-16be"),
  withMark: fc.boolean(),
  isPacked: fc.boolean(),
  sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
})

export type Way = typeof ways extends fc.Arbitrary<infer A> ? A : never

export const comes = (text: string, { encoding, isPacked, sizes, withMark }: Way) => {
  const bytes = encoded(text, encoding, withMark)
  return cut(isPacked ? gzipSync(bytes) : bytes, sizes)
}

/** What must be said when the mark does not. */
export const saying = ({ encoding, withMark }: Way): ReadOptions => (withMark ? {} : { encoding })
