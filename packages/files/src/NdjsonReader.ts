/**
 * One value of JSON in each line (LF-1). A line that is no JSON goes out as a failed row, with its text, and the reading goes
 * on; when it is the last one and has no line end, it may be complete later. Blank lines are no rows.
 */
import type { SourceRow } from "@leadterra/core"
import type { FileError } from "./FileError.ts"
import { type ObjectRows, unreadLine } from "./objectRows.ts"
import { parseJson } from "./parseJson.ts"
import { isLonger, type RowReader, tooLong } from "./RowReader.ts"
import { issue } from "./rows.ts"
import { find } from "./text.ts"

export class NdjsonReader implements RowReader {
  failure: FileError | null = null
  lineReached: number
  readonly #rows: ObjectRows
  readonly #maxBytes: number
  #rest = ""

  constructor(rows: ObjectRows, maxBytes: number, firstLine: number) {
    this.#rows = rows
    this.#maxBytes = maxBytes
    this.lineReached = firstLine
  }

  get pending() {
    return this.#rest.length
  }

  push(text: string) {
    return this.#read(text, false)
  }

  end() {
    return this.#read("", true)
  }

  #read(more: string, isLast: boolean): ReadonlyArray<SourceRow> {
    const text = this.#rest === "" ? more : this.#rest + more
    const rows: Array<SourceRow> = []
    let at = 0
    let lf = -1
    let cr = -1
    while (at < text.length) {
      if (lf < at) lf = find(text, "\n", at)
      if (cr < at) cr = find(text, "\r", at)
      const end = Math.min(lf, cr, text.length)
      const isWhole = end < text.length - 1 || (end === text.length - 1 && (end === lf || isLast))
      if (isLonger(text, at, end, this.#maxBytes)) {
        this.failure = tooLong(this.lineReached, this.#maxBytes)
        return rows
      }
      if (!isWhole && !isLast) break
      const line = text.slice(at, end)
      if (line.trim() !== "") rows.push(this.#row(line, isWhole))
      if (isWhole) this.lineReached++
      at = end === cr && lf === end + 1 ? end + 2 : end + 1
    }
    this.#rest = text.slice(at)
    return rows
  }

  #row(text: string, isWhole: boolean): SourceRow {
    const parsed = parseJson(text)
    if ("value" in parsed) return this.#rows.rowOf(parsed, this.lineReached)
    const { problem } = parsed
    if (problem === "NotJson" && !isWhole) {
      const message = "the last line breaks off: wait until the file is whole, or end the line"
      return this.#rows.unread(text, this.lineReached, issue("BreaksOff", message), "later")
    }
    return this.#rows.unread(text, this.lineReached, unreadLine(problem))
  }
}
