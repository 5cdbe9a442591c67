/**
 * Cuts delimited text into records (LF-1): quoted cells with line ends and doubled quotes in them, CRLF, LF and CR mixed, and
 * the line on which each record begins. By hand, since csv-parse counts a CRLF in a quoted cell twice and is three to ten
 * times slower; the tests hold the two against each other. A record is copied out of the chunk that it came in, so that a
 * cell that is kept does not keep the chunk.
 */
import { copied, cr, find, lf, lineEndsIn, none, quote } from "./text.ts"

/** More of the text is needed to tell where the record ends. */
export const incomplete = -1

export class CsvRecords {
  /** The line on which the next record begins. */
  nextLine = 1
  /** The record that was read last. Of one with a bad quote its text. */
  cells: ReadonlyArray<string> = []
  /** The line on which it begins. */
  line = 1
  hasBadQuote = false
  /** Whether a line end follows it. */
  isTerminated = true
  /** The line on which a quote opens that the text does not close; null when there is none. */
  openQuoteLine: number | null = null

  readonly #delimiter: string
  readonly #delimiterCode: number
  #text = ""
  // Where the next of each stands, looked up once for many records.
  #lf = -1
  #cr = -1
  #quote = -1

  constructor(delimiter: string) {
    this.#delimiter = delimiter
    this.#delimiterCode = delimiter.charCodeAt(0)
  }

  /** The text to read next, which begins with what was left of the last one. */
  feed(text: string): void {
    this.#text = text
    this.#lf = this.#cr = this.#quote = -1
  }

  /** Reads the record at an index below the length of the text. Gives the index of the next one, or `incomplete`. */
  read(at: number, isLast: boolean): number {
    const text = this.#text
    if (this.#lf < at) this.#lf = find(text, "\n", at)
    if (this.#cr < at) this.#cr = find(text, "\r", at)
    if (this.#quote < at) this.#quote = find(text, '"', at)
    const lineEnd = Math.min(this.#lf, this.#cr)
    this.line = this.nextLine
    this.hasBadQuote = false
    this.openQuoteLine = null
    if (this.#quote < lineEnd) return this.#readQuoted(at, isLast)
    if (lineEnd === none) return isLast ? this.#cut(at, text.length, text.length) : incomplete
    const next = this.#afterLineEnd(lineEnd, isLast)
    return next === incomplete ? incomplete : this.#cut(at, lineEnd, next)
  }

  /** A CR at the very end may be half of a CRLF. */
  #afterLineEnd(at: number, isLast: boolean): number {
    const text = this.#text
    if (text.charCodeAt(at) !== cr) return at + 1
    if (at + 1 === text.length) return isLast ? at + 1 : incomplete
    return text.charCodeAt(at + 1) === lf ? at + 2 : at + 1
  }

  #cut(from: number, to: number, next: number): number {
    const delimiter = this.#delimiter
    const cells: Array<string> = []
    const record = this.#text.slice(from, to) + delimiter
    for (let start = 0; start < record.length; ) {
      const end = record.indexOf(delimiter, start)
      cells.push(record.slice(start, end))
      start = end + 1
    }
    return this.#done(cells, to, next, 0)
  }

  #done(cells: ReadonlyArray<string>, to: number, next: number, linesInside: number): number {
    this.cells = cells
    this.isTerminated = next > to
    this.nextLine = this.line + linesInside + (next > to ? 1 : 0)
    return next
  }

  #readQuoted(from: number, isLast: boolean): number {
    const text = this.#text
    const cells: Array<string> = []
    let lines = 0
    for (let at = from; ; at++) {
      if (text.charCodeAt(at) === quote) {
        let value = ""
        let start = at + 1
        for (;;) {
          const end = text.indexOf('"', start)
          if (end === -1) {
            this.openQuoteLine = this.line + lines
            return incomplete
          }
          if (end + 1 === text.length && !isLast) return incomplete
          value += text.slice(start, end)
          start = end + 1
          if (text.charCodeAt(start) !== quote) break
          value += '"'
          start++
        }
        lines += lineEndsIn(value)
        cells.push(copied(value))
        at = start
      } else {
        const start = at
        while (at < text.length && !this.#endsCell(text.charCodeAt(at))) at++
        cells.push(copied(text.slice(start, at)))
      }
      if (at === text.length) return isLast ? this.#done(cells, at, at, lines) : incomplete
      const code = text.charCodeAt(at)
      if (code === lf || code === cr) {
        const next = this.#afterLineEnd(at, isLast)
        return next === incomplete ? incomplete : this.#done(cells, at, next, lines)
      }
      if (code !== this.#delimiterCode) return this.#skipBadQuote(from, at, isLast, lines)
    }
  }

  #endsCell(code: number): boolean {
    return code === this.#delimiterCode || code === lf || code === cr
  }

  /** What follows a closing quote is neither delimiter nor line end: the record is given up to the end of that line. */
  #skipBadQuote(from: number, at: number, isLast: boolean, lines: number): number {
    const text = this.#text
    const lineEnd = Math.min(find(text, "\n", at), find(text, "\r", at))
    if (lineEnd === none && !isLast) return incomplete
    const to = Math.min(lineEnd, text.length)
    const next = lineEnd === none ? to : this.#afterLineEnd(to, isLast)
    if (next === incomplete) return incomplete
    this.hasBadQuote = true
    return this.#done([copied(text.slice(from, to))], to, next, lines)
  }
}
