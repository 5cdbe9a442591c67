/** Leaves out the first lines of a text that comes in chunks: CRLF, LF and CR end a line. */
import { cr, lf } from "./text.ts"

export async function* withoutLines(texts: AsyncIterable<string>, count: number): AsyncGenerator<string> {
  let left = count
  /** The last character was a CR that ended a line: an LF that follows belongs to it. */
  let isAfterCr = false
  for await (const text of texts) {
    let at = 0
    for (; at < text.length && (left > 0 || isAfterCr); at++) {
      const code = text.charCodeAt(at)
      const isSecondHalf = isAfterCr && code === lf
      isAfterCr = false
      if (isSecondHalf) continue
      if (left === 0) break
      isAfterCr = code === cr
      if (code === cr || code === lf) left--
    }
    if (at < text.length) yield text.slice(at)
  }
}
