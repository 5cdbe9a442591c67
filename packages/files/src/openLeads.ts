/** Opens a list of leads (LF-1, LF-2): tells from its first bytes and its first record how to read it, and starts to. */
import { type Bytes, openBytes } from "./bytes.ts"
import { CsvReader } from "./CsvReader.ts"
import { namedColumns, numberedColumns } from "./columns.ts"
import { decoded, decodedEither, encodingOf, failedRowsCoding, markIn, refuseKnown } from "./decode.ts"
import { beginningOf, formatOfContent, isEnough } from "./detect.ts"
import { fileError, optionHint } from "./FileError.ts"
import { recogniseFailedRows } from "./failedLayout.ts"
import { failedObjects } from "./failedObjects.ts"
import { followed } from "./followed.ts"
import { gunzip, isGzip } from "./gunzip.ts"
import { JsonReader } from "./JsonReader.ts"
import { type LeadFile, OpenLeadFile, patience, readError } from "./LeadFile.ts"
import { NdjsonReader } from "./NdjsonReader.ts"
import { objectRows } from "./objectRows.ts"
import { inPieces } from "./pieces.ts"
import {
  checkOptions,
  defaultMaxBytes,
  type Format,
  formatOf,
  maxColumns,
  type ReadOptions
} from "./ReadOptions.ts"
import { defaultMaxRecordBytes, type RowReader, tooLong } from "./RowReader.ts"
import { withoutLines } from "./skipLines.ts"
import { lineEndsIn } from "./text.ts"

/**
 * Opens a file by its path, or takes a stream of bytes: CSV, TSV, NDJSON or a JSON array, also gzipped. Rows go out as
 * `SourceRow`s for `Leads.importAll`, untrusted. Rejects with `FileError` when the list cannot be read at all (LF-4).
 */
export const openLeads = async (
  source: string | AsyncIterable<Uint8Array>,
  options: ReadOptions = {}
): Promise<LeadFile> => {
  checkOptions(options)
  const bytes = await openBytes(source)
  try {
    return await start(bytes, typeof source === "string" ? formatOf(source) : undefined, options)
  } catch (error) {
    await bytes.close()
    throw error
  }
}

const start = async (
  bytes: Bytes,
  extension: Format | undefined,
  options: ReadOptions
): Promise<LeadFile> => {
  const maxBytes = options.maxRecordBytes ?? defaultMaxRecordBytes
  const maxRows = options.maxRows ?? Number.POSITIVE_INFINITY
  const stored = await beginning(bytes)
  const plain = isGzip(stored.head) ? await beginning(gunzip(stored.all, bytes.closed)) : stored
  const { all, layout } = await recognised(plain, options, maxBytes)
  const { encoding, markLength, orUtf8 } =
    layout === null
      ? encodingOf(plain.head, options.encoding)
      : failedRowsCoding(plain.head, options.encoding)
  const bounded = inPieces(atMost(without(all, markLength), options.maxBytes ?? defaultMaxBytes))
  const skipLines = layout === null ? (options.skipLines ?? 0) : 0
  const decodedText = orUtf8 === true ? decodedEither(bounded, encoding) : decoded(bounded, encoding)
  const texts = withoutLines(decodedText, skipLines)
  const firstLine = skipLines + 1
  const known = layout === null ? { ...options, format: options.format ?? extension } : layout
  const { failure, isAll, text } = await firstText(texts, known, maxBytes)
  const format = known.format ?? formatOfContent(text)
  const rest = followed(text, texts, failure)
  const isFailedRows = layout !== null
  if (failure === undefined && text.trim() === "") {
    const what = skipLines > 0 ? `there is nothing below the first ${skipLines} lines` : "the file is empty"
    throw fileError("Empty", `${what}: check that this is the list`)
  }
  if (format === "ndjson" || format === "json") {
    const { map = {}, splitName = false } = options
    const unused = new Set(isFailedRows ? [] : Object.keys(map))
    const rows = isFailedRows ? failedObjects(options) : objectRows({ map, splitName, unused })
    const reader: RowReader =
      format === "json"
        ? new JsonReader(rows, maxBytes, firstLine)
        : new NdjsonReader(rows, maxBytes, firstLine)
    return new OpenLeadFile(bytes, rest, reader, { format, columns: [], maxRows, isFailedRows, unused })
  }
  const begun = beginningOf(text, known, firstLine)
  if (begun === null) throw badHeader(text, firstLine)
  if (begun?.isTerminated !== true) {
    if (failure !== undefined) throw readError(failure, firstLine + lineEndsIn(text))
    if (!isAll) throw tooLong(begun?.line ?? firstLine, maxBytes, " (or a quote in it is not closed)")
  }
  if (begun === undefined) throw badHeader(text, firstLine)
  if (begun.isWide) throw tooManyColumns(begun.line)
  const columnOptions = {
    map: options.map ?? {},
    splitName: options.splitName ?? false,
    addressColumn: begun.addressColumn
  }
  const columns = begun.hasHeader
    ? namedColumns(begun.cells, columnOptions)
    : numberedColumns(begun.cells, columnOptions)
  const reader = new CsvReader(columns, begun, maxBytes)
  const isTabbed = known.format === undefined && begun.delimiter === "\t"
  const found = { format: isTabbed ? "tsv" : format, columns, maxRows, isFailedRows } as const
  return new OpenLeadFile(bytes, rest, reader, found)
}

/** The line of the first record, past blank ones. */
const badHeader = (text: string, firstLine: number) => {
  const line = firstLine + lineEndsIn(text.slice(0, text.length - text.trimStart().length))
  return fileError(
    "BadHeader",
    `the quotes of the first record, on line ${line}, are broken or not closed: put quotes around whole cells, and double those inside`,
    line
  )
}

const tooManyColumns = (line: number) =>
  fileError(
    "TooManyColumns",
    `the record on line ${line} has more than ${maxColumns} columns: leave out those that are not needed`,
    line
  )

/** The first bytes, enough to tell what they are, and all of them. */
const beginning = async (bytes: AsyncIterable<Uint8Array>) => {
  const iterator = bytes[Symbol.asyncIterator]()
  let head: Uint8Array = new Uint8Array(0)
  while (head.length < 4) {
    const { done, value } = await iterator.next()
    if (done === true) break
    head = head.length === 0 ? value : Buffer.concat([head, value])
  }
  return { head, all: followed(head, iterator, undefined) }
}

/** The layout of a file of failed rows, null for another list, and all of its bytes. */
const recognised = async (
  { all, head }: { readonly all: AsyncIterable<Uint8Array>; readonly head: Uint8Array },
  { delimiter }: ReadOptions,
  maxBytes: number
) => {
  refuseKnown(head)
  const bytes = all[Symbol.asyncIterator]()
  const label = markIn(head)?.[0] ?? "latin1"
  const { failure, head: looked, layout } = await recogniseFailedRows(bytes, label, delimiter, maxBytes)
  return { layout, all: followed(looked, bytes, failure) }
}

/** As much text as tells the first record, or more than a record may have. */
const firstText = async (texts: AsyncIterator<string>, known: ReadOptions, maxBytes: number) => {
  let text = ""
  let looked = 0
  try {
    while (text.length <= maxBytes) {
      const { done, value } = await texts.next()
      if (done === true) return { text, isAll: true }
      text += value
      // Looked at again only when there is twice as much, so that small chunks do not add up.
      if (text.length < looked * 2 && looked > patience) continue
      looked = text.length
      if (isEnough(text, known)) break
    }
    return { text, isAll: false }
  } catch (failure) {
    return { text, isAll: false, failure }
  }
}

async function* without(chunks: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  let left = length
  for await (const chunk of chunks) {
    yield left > 0 ? chunk.subarray(left) : chunk
    left = 0
  }
}

/** Fails with `FileError`, reason TooManyBytes, beyond so many bytes. */
async function* atMost(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let left = maxBytes
  for await (const chunk of chunks) {
    if (chunk.length > left) {
      yield chunk.subarray(0, left)
      throw fileError(
        "TooManyBytes",
        `the list has more than ${maxBytes} bytes of text: split it, or raise maxBytes`,
        null,
        [optionHint("maxBytes")]
      )
    }
    left -= chunk.length
    yield chunk
  }
}
