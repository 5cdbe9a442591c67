/**
 * Splits rows over several statements, so that none is too long for the driver or the server's
 * memory.
 */

/**
 * UTF-16 code units of text in one statement. The driver sends 3 bytes for each at most, or 2 for
 * one that it escapes: some 12 MB.
 */
export const maxStatementLength = 4_000_000

/**
 * Splits rows, in order, wherever their text would be longer. A longer row is a piece of its own.
 */
export function* inPieces<Row>(
  rows: ReadonlyArray<Row>,
  lengthOf: (row: Row) => number
): Generator<ReadonlyArray<Row>> {
  let from = 0
  let length = 0
  for (const [index, row] of rows.entries()) {
    const more = lengthOf(row)
    if (length + more > maxStatementLength && index > from) {
      yield rows.slice(from, index)
      from = index
      length = 0
    }
    length += more
  }
  if (rows.length > from) yield from === 0 ? rows : rows.slice(from)
}

/** Adds the lengths of texts, null where there is none. */
export const lengthOf = (...texts: ReadonlyArray<string | null>): number => {
  let length = 0
  for (const text of texts) length += text?.length ?? 0
  return length
}
