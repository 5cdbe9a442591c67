/**
 * Cuts delimited text into records (LF-1): quoted cells with line ends and doubled quotes in them,
 * CRLF, LF and CR mixed, and the line on which each record begins. By hand, since csv-parse counts
 * a CRLF in a quoted cell twice and is three to ten times slower; the tests compare the two. A
 * record is copied out of its chunk, so that a kept cell does not keep the chunk in memory. Each
 * character is looked at a fixed number of times, whatever the text.
 */
import { copied, cr, find, isBlankFrom, lf, lineEndsIn, none, quote } from "./text.ts"

/** More of the text is needed to tell where the record ends. */
export const incomplete = -1

const space = 32
const tab = 9

export class CsvRecords {
  /** The line on which the next record begins. */
  nextLine: number
  /**
   * The last record read. A record with a bad quote, or too many cells, is one cell with its text.
   */
  cells: Array<string> = []
  /** By cell whether it was quoted; null when none was. */
  quoted: ReadonlyArray<boolean> | null = null
  /** The line on which it begins. */
  line: number
  hasBadQuote = false
  /** Whether it has more cells than are cut, and not only empty ones. */
  isWide = false
  /** Whether a line end follows it. */
  isTerminated = true
  /** The line on which a quote opens that the text does not close; null when there is none. */
  openQuoteLine: number | null = null

  readonly #delimiter: string
  readonly #delimiterCode: number
  readonly #maxCells: number
  #text = ""
  // The next place of each in the text, looked up once for many records.
  #lf = -1
  #cr = -1
  #quote = -1

  constructor(delimiter: string, maxCells: number, firstLine = 1) {
    this.#delimiter = delimiter
    this.#delimiterCode = delimiter.charCodeAt(0)
    this.#maxCells = maxCells
    this.nextLine = this.line = firstLine
  }

  /** The text to read next, which begins with what was left of the last one. */
  feed(text: string): void {
    this.#text = text
    this.#lf = this.#cr = this.#quote = -1
  }

  /** Reads the record at an index below the length of the text. Gives the index of the next one, or `incomplete`. */
  read(at: number, isLast: boolean): number {
    const text = this.#text
    if (this.#quote < at) this.#quote = find(text, '"', at)
    this.line = this.nextLine
    this.hasBadQuote = false
    this.isWide = false
    this.openQuoteLine = null
    const lineEnd = this.#lineEndFrom(at)
    if (this.#quote < lineEnd) return this.#readQuoted(at, isLast)
    if (lineEnd === none) return isLast ? this.#cut(at, text.length, text.length) : incomplete
    const next = this.#afterLineEnd(lineEnd, isLast)
    return next === incomplete ? incomplete : this.#cut(at, lineEnd, next)
  }

  #lineEndFrom(at: number): number {
    if (this.#lf < at) this.#lf = find(this.#text, "\n", at)
    if (this.#cr < at) this.#cr = find(this.#text, "\r", at)
    return Math.min(this.#lf, this.#cr)
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
    const maxCells = this.#maxCells
    const cells: Array<string> = []
    const record = this.#text.slice(from, to) + delimiter
    this.quoted = null
    for (let start = 0; start < record.length; ) {
      if (cells.length === maxCells && !isBlankFrom(record, start, this.#delimiterCode)) {
        return this.#keepText(from, to, next, 0)
      }
      if (cells.length === maxCells) break
      const end = record.indexOf(delimiter, start)
      cells.push(record.slice(start, end))
      start = end + 1
    }
    return this.#done(cells, to, next, 0)
  }

  /** The text once, since so many cells would take many times its room. */
  #keepText(from: number, to: number, next: number, linesInside: number): number {
    this.isWide = true
    this.quoted = null
    return this.#done([copied(this.#text.slice(from, to))], to, next, linesInside)
  }

  #done(cells: Array<string>, to: number, next: number, linesInside: number): number {
    this.cells = cells
    this.isTerminated = next > to
    this.nextLine = this.line + linesInside + (next > to ? 1 : 0)
    return next
  }

  #readQuoted(from: number, isLast: boolean): number {
    const text = this.#text
    const cells: Array<string> = []
    const quoted: Array<boolean> = []
    let lines = 0
    let isWide = false
    for (let at = from; ; at++) {
      const start = this.#skipBlanks(at)
      const isQuoted = text.charCodeAt(start) === quote
      const first = isQuoted ? start + 1 : at
      let end = first
      if (isQuoted) {
        end = this.#endOfQuoted(start, isLast, lines)
        if (end === incomplete) return incomplete
        at = this.#skipBlanks(end + 1)
      } else {
        while (end < text.length && !this.#endsCell(text.charCodeAt(end))) end++
        at = end
      }
      const inside = text.slice(first, end)
      if (isQuoted) lines += lineEndsIn(inside)
      if (cells.length < this.#maxCells) {
        cells.push(copied(isQuoted && inside.includes('"') ? inside.replaceAll('""', '"') : inside))
        quoted.push(isQuoted)
      } else isWide ||= inside.trim() !== ""
      const isAtEnd = at === text.length
      if (isAtEnd && !isLast) return incomplete
      const code = text.charCodeAt(at)
      if (isAtEnd || code === lf || code === cr) {
        const next = isAtEnd ? at : this.#afterLineEnd(at, isLast)
        if (next === incomplete) return incomplete
        if (isWide) return this.#keepText(from, at, next, lines)
        this.quoted = quoted
        return this.#done(cells, at, next, lines)
      }
      if (code !== this.#delimiterCode) return this.#skipBadQuote(from, at, isLast, lines)
    }
  }

  /** The index of the closing quote of the cell that opens here, or `incomplete`. */
  #endOfQuoted(from: number, isLast: boolean, lines: number): number {
    const text = this.#text
    for (let start = from + 1; ; ) {
      const end = text.indexOf('"', start)
      if (end === -1) {
        this.openQuoteLine = this.line + lines
        return incomplete
      }
      if (end + 1 === text.length && !isLast) return incomplete
      if (text.charCodeAt(end + 1) !== quote) return end
      start = end + 2
    }
  }

  #skipBlanks(from: number): number {
    let at = from
    for (;;) {
      const code = this.#text.charCodeAt(at)
      if ((code !== space && code !== tab) || code === this.#delimiterCode) return at
      at++
    }
  }

  #endsCell(code: number): boolean {
    return code === this.#delimiterCode || code === lf || code === cr
  }

  /**
   * The closing quote is followed by neither a delimiter nor a line end: the record is given up to
   * the end of that line.
   */
  #skipBadQuote(from: number, at: number, isLast: boolean, lines: number): number {
    const text = this.#text
    const lineEnd = this.#lineEndFrom(at)
    if (lineEnd === none && !isLast) return incomplete
    const to = Math.min(lineEnd, text.length)
    const next = lineEnd === none ? to : this.#afterLineEnd(to, isLast)
    if (next === incomplete) return incomplete
    this.hasBadQuote = true
    this.quoted = null
    return this.#done([copied(text.slice(from, to))], to, next, lines)
  }
}
