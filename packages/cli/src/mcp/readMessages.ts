/**
 * Reads the messages of a stream, one JSON value a line. A line that is no message is a fault, and
 * the stream goes on behind it. At most one message is in memory.
 */
import { isMessage } from "./isMessage.ts"
import { maxDepth, maxMessageBytes } from "./limits.ts"

export type MessageFault = "Malformed" | "TooLong" | "TooDeep" | "Invalid"

/** A line of one message with its end, or why it is none. */
export type ReadMessage = { readonly line: string } | { readonly fault: MessageFault }

const newline = 0x0a

export async function* readMessages(stream: AsyncIterable<Uint8Array>): AsyncGenerator<ReadMessage> {
  let pieces: Array<Uint8Array> = []
  let size = 0
  const add = (piece: Uint8Array): void => {
    size += piece.length
    // The rest of a line that is too long is counted, and not kept.
    if (size > maxMessageBytes) pieces = []
    else pieces.push(piece)
  }
  for await (const chunk of stream) {
    let start = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      add(chunk.subarray(start, end))
      const read = size > maxMessageBytes ? ({ fault: "TooLong" } as const) : messageOf(pieces)
      pieces = []
      size = 0
      start = end + 1
      if (read !== undefined) yield read
    }
    add(chunk.slice(start))
  }
}

/** The message of a line; undefined for an empty one. */
const messageOf = (pieces: ReadonlyArray<Uint8Array>): ReadMessage | undefined => {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(pieces))
    if (text.trim() === "") return undefined
    const message: unknown = JSON.parse(text)
    if (isTooDeep(message)) return { fault: "TooDeep" }
    return isMessage(message) ? { line: `${text}\n` } : { fault: "Invalid" }
  } catch {
    return { fault: "Malformed" }
  }
}

/** Goes level by level, since a function that calls itself has no room for thousands of them. */
const isTooDeep = (message: unknown): boolean => {
  let level = [message].filter(isContainer)
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === maxDepth) return true
    level = level.flatMap((container) => Object.values(container).filter(isContainer))
  }
  return false
}

const isContainer = (value: unknown): value is object => typeof value === "object" && value !== null
