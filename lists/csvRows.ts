/**
 * Reads CSV for counting: commas, quotes doubled inside quotes, lines that end with LF or CRLF, blank lines left out. It
 * takes text in chunks that may end anywhere, and keeps no more than the record that is not complete. What is not plainly
 * one thing or another, such as text behind a closing quote, is an error and not a guess.
 */

/** The index of the quote that closes the cell whose text begins at `from`, or -1 when it is not there yet. */
const closingQuote = (text: string, from: number): number => {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at
  }
  return -1
}

export class CsvRows {
  #rest = ""
  #records = 0

  /** The rows that are complete with this chunk. */
  add(chunk: string): ReadonlyArray<ReadonlyArray<string>> {
    return this.#read(this.#rest + chunk, false)
  }

  /** The row that the end of the text completes, if any. */
  end(): ReadonlyArray<ReadonlyArray<string>> {
    const rows = this.#read(this.#rest === "" ? "" : `${this.#rest}\n`, true)
    if (this.#rest !== "") throw new Error(`Record ${this.#records + 1} has a quote that nothing closes`)
    return rows
  }

  #read(text: string, isLast: boolean): ReadonlyArray<ReadonlyArray<string>> {
    const rows: Array<ReadonlyArray<string>> = []
    let row: Array<string> = []
    let recordAt = 0
    let lineEnd = -1
    for (let at = 0; at < text.length; ) {
      let end: number
      if (text[at] === '"') {
        const quote = closingQuote(text, at + 1)
        // A quote at the end of the text may be the first of two.
        if (quote === -1 || (quote + 2 >= text.length && !isLast && text[quote + 1] !== "\n")) break
        row.push(text.slice(at + 1, quote).replaceAll('""', '"'))
        end = text.startsWith("\r\n", quote + 1) ? quote + 2 : quote + 1
        if (text[end] !== "," && text[end] !== "\n")
          throw new Error(`Record ${this.#records + 1} has text behind a closing quote`)
      } else {
        if (lineEnd < at) lineEnd = text.indexOf("\n", at)
        if (lineEnd === -1) break
        const comma = text.indexOf(",", at)
        end = comma !== -1 && comma < lineEnd ? comma : lineEnd
        const cell = text.slice(at, end)
        row.push(end === lineEnd && cell.endsWith("\r") ? cell.slice(0, -1) : cell)
      }
      at = end + 1
      if (text[end] === "\n") {
        if (row.length > 1 || row[0] !== "") rows.push(row)
        row = []
        recordAt = at
        this.#records++
      } else if (at >= text.length) break
    }
    this.#rest = text.slice(recordAt)
    return rows
  }
}
