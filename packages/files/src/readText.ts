/** Reads a whole text of lines that is no list of leads, such as addresses one to a line (LF-1, LF-4). */
import { BadText, decoded, encodingOf, refuseKnown } from "./decode.ts"
import type { ReadOptions } from "./ReadOptions.ts"
import { lineEndsIn } from "./text.ts"

/**
 * Returns the text, without its byte order mark. Throws `FileError`, with the line where bytes are
 * no text of the encoding.
 */
export const readText = async (
  bytes: Uint8Array,
  { encoding: chosen }: Pick<ReadOptions, "encoding"> = {}
): Promise<string> => {
  refuseKnown(bytes)
  const { encoding, markLength } = encodingOf(bytes, chosen)
  let text = ""
  try {
    for await (const piece of decoded(once(bytes.subarray(markLength)), encoding)) text += piece
  } catch (error) {
    throw error instanceof BadText ? error.at(1 + lineEndsIn(text)) : error
  }
  return text
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
