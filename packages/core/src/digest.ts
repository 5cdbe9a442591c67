/**
 * SHA-256 in hexadecimal, by the Web Crypto that every host of this library has. Text of any length: it is hashed in pieces,
 * each with the hash of those before it, so that no piece has to fit all of them.
 */
import * as Effect from "effect/Effect"

/** UTF-16 code units after which a piece is hashed. */
const pieceLength = 1_000_000

const sha256 = async (text: string): Promise<string> => {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

/** The hash of some texts in their order. Equal texts, cut alike, have equal ones. */
export const digest = (texts: Iterable<string>): Effect.Effect<string> =>
  Effect.promise(async () => {
    let hash = ""
    let piece = ""
    for (const text of texts) {
      piece += `${text}\n`
      if (piece.length < pieceLength) continue
      hash = await sha256(hash + piece)
      piece = ""
    }
    return await sha256(hash + piece)
  })
