/** Turns of the event loop for a long list, which may be blank for megabytes. */
import { setImmediate } from "node:timers/promises"

/** Bytes of one piece: of the slowest lists they take some milliseconds to read. */
const pieceBytes = 16_384

/** Milliseconds of reading after which the next piece waits for a turn of the event loop. */
const turnMillis = 10

/** Cuts chunks into pieces. A reader that asks for one piece after the other holds nobody up. */
export async function* inPieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let turnedAt = performance.now()
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      yield chunk.subarray(at, at + pieceBytes)
      if (performance.now() - turnedAt < turnMillis) continue
      await setImmediate()
      turnedAt = performance.now()
    }
  }
}
