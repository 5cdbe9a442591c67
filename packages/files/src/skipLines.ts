/** Leaves out the first lines of a text that comes in chunks: CRLF, LF and CR end a line. */
import { cr, lf } from "./text.ts"

export async function* withoutLines(texts: AsyncIterable<string>, count: number): AsyncGenerator<string> {
  let left = count
  let isAfterCr = false
  for await (const text of texts) {
    let at = 0
    while (at < text.length && (left > 0 || isAfterCr)) {
      const code = text.charCodeAt(at)
      if (isAfterCr && code === lf) {
        isAfterCr = false
        at++
        continue
      }
      if (left === 0) break
      isAfterCr = code === cr
      if (code === cr || code === lf) left--
      at++
    }
    if (at > 0 && left === 0 && at < text.length) isAfterCr = false
    if (at < text.length) yield text.slice(at)
  }
}
