/**
 * An open list of leads: what is known about it, and its rows, once. Rows are read as they are asked for, a chunk at a time, so
 * that memory stays flat. A fault is thrown after the rows before it, and however the reading ends, the file is closed.
 */
import type { SourceRow } from "@leadterra/core"
import type { Bytes } from "./bytes.ts"
import type { Column } from "./Column.ts"
import { BadText } from "./decode.ts"
import { codeOf, FileError, fileError, optionHint } from "./FileError.ts"
import type { Format } from "./ReadOptions.ts"
import type { RowReader } from "./RowReader.ts"

/** What `openLeads` gives. Iterating throws `FileError`; leaving the loop closes the file. */
export interface LeadFile extends AsyncIterable<SourceRow> {
  readonly format: Format
  /** What was mapped to what (LF-2); empty for JSON, whose keys are mapped object by object. */
  readonly columns: ReadonlyArray<Column>
  /**
   * Keys of the map that no object of JSON has had so far; once the rows are read to the end, a host
   * tells them. Columns are known before: there a map that names none is a `FileError`.
   */
  readonly unusedMaps: ReadonlyArray<string>
  /**
   * Whether it is a file of failed rows, by the columns or keys that their writer added. It is read
   * in its own layout: `format`, `delimiter`, `encoding`, `header` and `skipLines` are left aside.
   */
  readonly isFailedRows: boolean
  /** Bytes on disk when it was opened; null for a pipe or a stream. */
  readonly size: number | null
  /** How many of them have been read, for a host that shows progress. */
  readonly bytesRead: number
  /** The rows, some thousand at a time: for a caller who takes lists, and saves a promise for each row. */
  readonly batches: () => AsyncIterable<ReadonlyArray<SourceRow>>
  readonly close: () => Promise<void>
}

/** Text that waits for its end is read again with what follows; beyond this, only once that is as long. */
export const patience = 4_096

export class OpenLeadFile implements LeadFile {
  readonly format: Format
  readonly columns: ReadonlyArray<Column>
  readonly isFailedRows: boolean
  readonly #bytes: Bytes
  readonly #texts: AsyncIterable<string>
  readonly #reader: RowReader
  readonly #maxRows: number
  readonly #unused: ReadonlySet<string>
  #isTaken = false
  #isClosed = false

  constructor(
    bytes: Bytes,
    texts: AsyncIterable<string>,
    reader: RowReader,
    found: Pick<LeadFile, "columns" | "format" | "isFailedRows"> & {
      readonly maxRows: number
      /** Keys of the map that are taken out as objects have them. */
      readonly unused?: ReadonlySet<string>
    }
  ) {
    this.#maxRows = found.maxRows
    this.#unused = found.unused ?? new Set()
    this.#bytes = bytes
    this.#texts = texts
    this.#reader = reader
    this.format = found.format
    this.columns = found.columns
    this.isFailedRows = found.isFailedRows
  }

  get unusedMaps() {
    return [...this.#unused]
  }

  get size() {
    return this.#bytes.size
  }

  get bytesRead() {
    return this.#bytes.bytesRead
  }

  async close() {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#bytes.close()
  }

  /** Row by row by hand, which is twice as fast as a generator; a closing comes through also while a row is waited for. */
  [Symbol.asyncIterator](): AsyncIterator<SourceRow, undefined> {
    const batches = this.batches()
    let batch: ReadonlyArray<SourceRow> = []
    let at = 0
    const take = async (): Promise<IteratorResult<SourceRow, undefined>> => {
      for (;;) {
        const value = batch[at++]
        if (value !== undefined) return { done: false, value }
        const next = await batches.next()
        if (next.done === true) return { done: true, value: undefined }
        batch = next.value
        at = 0
      }
    }
    let last: Promise<unknown> = Promise.resolve()
    return {
      next: () => {
        const value = batch[at]
        if (value !== undefined) {
          at++
          return Promise.resolve({ done: false, value })
        }
        const taken = last.then(take)
        last = taken.catch(() => {})
        return taken
      },
      return: async () => {
        batch = []
        await this.close()
        await batches.return(undefined)
        return { done: true, value: undefined }
      }
    }
  }

  async *batches(): AsyncGenerator<ReadonlyArray<SourceRow>, undefined> {
    if (this.#isTaken) throw fileError("AlreadyRead", "the rows can be read once: open the list again")
    this.#isTaken = true
    const maxRows = this.#maxRows
    let count = 0
    try {
      for await (const rows of this.#rowsByPiece()) {
        const some = rows.length > maxRows - count ? rows.slice(0, maxRows - count) : rows
        count += some.length
        if (some.length > 0) yield some
        if (some.length < rows.length) throw tooManyRows(maxRows)
      }
      if (count === 0 && !this.#isClosed) throw noRows(this.columns)
    } catch (error) {
      if (this.#isClosed) return
      throw readError(error, this.#reader.lineReached)
    } finally {
      await this.close()
    }
  }

  async *#rowsByPiece(): AsyncGenerator<ReadonlyArray<SourceRow>> {
    const reader = this.#reader
    for await (const text of this.#pieces()) {
      if (this.#isClosed) return
      yield reader.push(text)
      if (reader.failure !== null) throw reader.failure
    }
    if (this.#isClosed) return
    yield reader.end(await this.#bytes.hasGrown())
    if (reader.failure !== null) throw reader.failure
  }

  async *#pieces(): AsyncGenerator<string> {
    let waiting = ""
    for await (const text of this.#texts) {
      waiting += text
      if (waiting.length < this.#reader.pending && this.#reader.pending > patience) continue
      yield waiting
      waiting = ""
    }
    if (waiting !== "") yield waiting
  }
}

const noRows = (columns: ReadonlyArray<Column>): FileError =>
  fileError("NoRows", columns.length > 0 ? "the list has a header and no rows" : "the list has no rows")

const tooManyRows = (maxRows: number): FileError =>
  fileError("TooManyRows", `the list has more than ${maxRows} rows: split it, or raise maxRows`, null, [
    optionHint("maxRows")
  ])

/** What a failed read of bytes or text means, on the line that it has come to. */
export const readError = (error: unknown, line: number): unknown => {
  if (error instanceof BadText) return error.at(line)
  if (error instanceof FileError) return error.line === null && isAt(error) ? at(error, line) : error
  const code = codeOf(error)
  return fileError(
    "SourceFailed",
    `the list broke off on line ${line}${code === undefined ? "" : ` (${code})`}: read it again from its beginning`,
    line
  )
}

const isAt = ({ reason }: FileError): boolean => reason === "BadGzip" || reason === "TooManyBytes"

const at = ({ hints, message, reason }: FileError, line: number): FileError =>
  fileError(reason, `${message} (on line ${line} of what is in it)`, line, hints)
