/**
 * Records of delimited text as rows (LF-1, LF-3). A cell is text and goes out as it stands; an empty one is absent, and
 * erases nothing. A record that cannot be trusted as it stands goes out as failed: more cells than columns, broken quotes,
 * or a last one that may still be written on.
 */
import type { SourceRow } from "@leadterra/core"
import type { Column } from "./Column.ts"
import { CsvRecords, incomplete } from "./CsvRecords.ts"
import { unescapeFormula } from "./cells.ts"
import type { Beginning } from "./detect.ts"
import { type FileError, fileError } from "./FileError.ts"
import { isMark, isStandard } from "./fields.ts"
import { splitName } from "./fullName.ts"
import { isLonger, type RowReader, tooLong } from "./RowReader.ts"
import { CsvRow, issue, setOwn } from "./rows.ts"
import { lineEndsIn } from "./text.ts"

/**
 * Empty cells beyond the columns that a record may have; they are cut off. A record with other
 * cells there keeps its text in one piece.
 */
const spareCells = 1_000

/** Most cells tell by their first character. */
const isBlank = (cell: string): boolean => {
  const code = cell.charCodeAt(0)
  return !(code > 32 && code < 127) && cell.trim() === ""
}

interface Target {
  readonly name: string
  readonly isStandard: boolean
  /** A full name, for `firstName` and `lastName`. */
  readonly isSplit: boolean
}

export class CsvReader implements RowReader {
  failure: FileError | null = null
  readonly #records: CsvRecords
  /** By column; null where the cells are left out. */
  readonly #targets: ReadonlyArray<Target | null>
  readonly #maxBytes: number
  /** A file of failed rows or an export, whose cells were neutralised. */
  readonly #isMarked: boolean
  /** Records that are no rows: the header. */
  #skip: number
  #rest = ""

  constructor(
    columns: ReadonlyArray<Column>,
    { delimiter, firstLine, skip }: Pick<Beginning, "delimiter" | "firstLine" | "skip">,
    maxBytes: number
  ) {
    this.#records = new CsvRecords(delimiter, columns.length + spareCells, firstLine)
    this.#targets = columns.map(({ fields: [name], reason }) =>
      name === undefined ? null : { name, isStandard: isStandard(name), isSplit: reason === "split" }
    )
    this.#isMarked = columns.some(({ name, reason }) => isMark(name) || reason === "enrollment")
    this.#skip = skip
    this.#maxBytes = maxBytes
  }

  get pending() {
    return this.#rest.length
  }

  get lineReached() {
    return this.#records.nextLine + lineEndsIn(this.#rest)
  }

  push(text: string) {
    return this.#read(text, false, false)
  }

  end(hasGrown: boolean) {
    return this.#read("", true, hasGrown)
  }

  #read(more: string, isLast: boolean, hasGrown: boolean): ReadonlyArray<SourceRow> {
    const text = this.#rest === "" ? more : this.#rest + more
    const records = this.#records
    const rows: Array<SourceRow> = []
    records.feed(text)
    let at = 0
    while (at < text.length) {
      const next = records.read(at, isLast)
      const end = next === incomplete ? text.length : next
      if (isLonger(text, at, end, this.#maxBytes)) {
        this.failure = tooLong(records.line, this.#maxBytes, openQuote(records))
        return rows
      }
      if (next === incomplete) break
      at = next
      if (!records.hasBadQuote && records.cells.every(isBlank)) continue
      if (this.#skip > 0) this.#skip--
      else rows.push(this.#row(records, isLast && hasGrown))
    }
    this.#rest = text.slice(at)
    if (isLast && at < text.length) this.failure = unclosed(records)
    return rows
  }

  #row(records: CsvRecords, hasGrown: boolean): SourceRow {
    const { line } = records
    const cells = this.#isMarked ? records.cells.map(unescapeFormula) : records.cells
    const targets = this.#targets
    if (records.hasBadQuote) {
      const message = "a quoted cell goes on after its closing quote: double the quotes that are part of it"
      return new CsvRow(cells[0], line, cells, issue("BadQuote", message))
    }
    if (records.isWide) {
      const message = `the row has more than ${targets.length + spareCells} cells and there are ${targets.length} columns: quote cells that hold the delimiter`
      return new CsvRow(cells[0], line, cells, issue("TooManyCells", message))
    }
    const row: Record<string, unknown> = {}
    let custom: Record<string, unknown> | undefined
    let count = cells.length
    if (count > targets.length) {
      while (count > targets.length && isBlank(cells[count - 1] ?? "")) count--
    }
    for (let index = 0; index < targets.length && index < count; index++) {
      const target = targets[index]
      let cell = cells[index]
      if (target === null || target === undefined || cell === undefined || isBlank(cell)) continue
      if (target.isStandard && records.quoted?.[index] !== true) cells[index] = cell = cell.trim()
      if (target.isSplit) Object.assign(row, splitName(cell))
      else if (target.isStandard) row[target.name] = cell
      else {
        if (custom === undefined) row["customFields"] = custom = {}
        setOwn(custom, target.name, cell)
      }
    }
    if (count > targets.length) {
      const message = `the row has ${count} cells and there are ${targets.length} columns: quote cells that hold the delimiter`
      return new CsvRow(row, line, cells, issue("TooManyCells", message))
    }
    if (!records.isTerminated && (hasGrown || cells.length < targets.length)) {
      const message = "the last row breaks off: it has no line end, and the file may still be written"
      return new CsvRow(row, line, cells, issue("BreaksOff", message), "later")
    }
    return new CsvRow(row, line, cells)
  }
}

const openQuote = ({ openQuoteLine }: CsvRecords): string =>
  openQuoteLine === null ? "" : ` (a quote that opens on line ${openQuoteLine} is not closed)`

const unclosed = ({ line, openQuoteLine }: CsvRecords): FileError => {
  const opens = openQuoteLine ?? line
  return fileError(
    "UnclosedQuote",
    `the quote that opens on line ${opens} is never closed, so the rows after it cannot be told apart: close it`,
    opens
  )
}
