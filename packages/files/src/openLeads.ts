/** Opens a list of leads (LF-1, LF-2): tells from its first bytes and its first record how to read it, and starts to. */
import { type Bytes, openBytes } from "./bytes.ts"
import { CsvReader } from "./CsvReader.ts"
import { namedColumns, numberedColumns } from "./columns.ts"
import { decoded, encodingOf } from "./decode.ts"
import { beginningOf, formatOfContent, isEnough } from "./detect.ts"
import { fileError } from "./FileError.ts"
import { gunzip, isGzip } from "./gunzip.ts"
import { JsonReader } from "./JsonReader.ts"
import { type LeadFile, OpenLeadFile, readError } from "./LeadFile.ts"
import { NdjsonReader } from "./NdjsonReader.ts"
import { objectRows } from "./objectRows.ts"
import { checkOptions, type Format, formatOf, type ReadOptions } from "./ReadOptions.ts"
import { defaultMaxRecordBytes, type RowReader, tooLong } from "./RowReader.ts"
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
  const stored = await beginning(bytes)
  const plain = isGzip(stored.head) ? await beginning(gunzip(stored.all)) : stored
  const { encoding, markLength } = encodingOf(plain.head, options.encoding)
  const texts = decoded(without(plain.all, markLength), encoding)[Symbol.asyncIterator]()
  const known = { ...options, format: options.format ?? extension }
  const { failure, isAll, text } = await firstText(texts, known, maxBytes)
  const format = known.format ?? formatOfContent(text)
  const rest = followed(text, texts, failure)
  if (failure === undefined && text.trim() === "") throw fileError("Empty", "the file is empty")
  if (format === "ndjson" || format === "json") {
    const rowOf = objectRows({ map: options.map ?? {}, splitName: options.splitName ?? false })
    const reader: RowReader =
      format === "json" ? new JsonReader(rowOf, maxBytes) : new NdjsonReader(rowOf, maxBytes)
    return new OpenLeadFile(bytes, rest, reader, format, [])
  }
  const begun = beginningOf(text, known)
  if (begun?.isTerminated !== true) {
    if (failure !== undefined) throw readError(failure, 1 + lineEndsIn(text))
    if (!isAll) throw tooLong(begun?.line ?? 1, maxBytes, " (or a quote in it is not closed)")
  }
  if (begun === undefined) {
    throw fileError("BadHeader", "the quotes of the first record cannot be made out: mend them", 1)
  }
  const columnOptions = {
    map: options.map ?? {},
    splitName: options.splitName ?? false,
    addressColumn: null
  }
  const columns = begun.hasHeader
    ? namedColumns(begun.cells, columnOptions)
    : numberedColumns(begun.cells, columnOptions)
  const reader = new CsvReader(columns, begun.delimiter, begun.skip, maxBytes)
  const isTabbed = known.format === undefined && begun.delimiter === "\t"
  return new OpenLeadFile(bytes, rest, reader, isTabbed ? "tsv" : format, columns)
}

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
      if (text.length < looked * 2 && looked > 65_536) continue
      looked = text.length
      if (isEnough(text, known)) break
    }
    return { text, isAll: false }
  } catch (failure) {
    return { text, isAll: false, failure }
  }
}

/** The head, then the rest, or the failure that came in its place. */
async function* followed<A>(head: A, rest: AsyncIterator<A>, failure: unknown): AsyncGenerator<A> {
  yield head
  if (failure !== undefined) throw failure
  for (;;) {
    const { done, value } = await rest.next()
    if (done === true) return
    yield value
  }
}

async function* without(chunks: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  let left = length
  for await (const chunk of chunks) {
    yield left > 0 ? chunk.subarray(left) : chunk
    left = 0
  }
}
