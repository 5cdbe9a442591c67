/**
 * Places in text, and the lines that they are on: CRLF, LF and CR end a line, CRLF once. What is cut out of a chunk and kept
 * is copied, since in V8 a longer slice keeps all of the text that it is cut from.
 */
export const lf = 10
export const cr = 13
export const quote = 34

/** Where nothing is found. */
export const none = Number.POSITIVE_INFINITY

export const find = (text: string, part: string, from: number): number => {
  const at = text.indexOf(part, from)
  return at === -1 ? none : at
}

export const copied = (slice: string): string => (slice.length < 13 ? slice : `${slice} `.slice(0, -1))

export const lineEndsIn = (text: string): number => {
  let count = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === lf || (code === cr && text.charCodeAt(at + 1) !== lf)) count++
  }
  return count
}

/** Whether nothing but white space and delimiters is left of a record. */
export const isBlankFrom = (record: string, from: number, delimiterCode: number): boolean => {
  for (let at = from; at < record.length; at++) {
    const code = record.charCodeAt(at)
    if (code === delimiterCode || code <= 32) continue
    if (code < 127 || record[at]?.trim() !== "") return false
  }
  return true
}
