/**
 * Large answers are handed on in pieces as they are read, and held as unread bytes until then. An
 * answer that is not read within a time is cut off, so that a caller who stops reading holds nothing
 * for longer.
 */
import type { Call } from "./authentication.ts"
import type { Unread } from "./Unread.ts"

/** Bytes of an answer that the buffers of a connection take without being read. */
export const smallAnswerBytes = 65_536

/** Milliseconds in which an answer must be read. */
export const readMillis = 60_000

const pieceBytes = 65_536

/** The length that an answer announces; 0 for one whose length is not known, such as a stream. */
const lengthOf = ({ headers }: Response): number => Number(headers.get("content-length") ?? 0)

/** Returns the body of an answer, held as unread where it is large, and ends the slot of its call. */
export const heldBody = async (
  answer: Response,
  unread: Unread,
  { endSlot, workspaceId }: Call
): Promise<ReadableStream<Uint8Array> | null> => {
  try {
    if (answer.body === null || lengthOf(answer) <= smallAnswerBytes) return answer.body
    const bytes = new Uint8Array(await answer.arrayBuffer())
    return inPieces(bytes, (length, cut) => unread.hold(workspaceId ?? nobody, length, cut))
  } finally {
    endSlot()
  }
}

/** Stands for callers without a key. No workspace has this id. */
const nobody = ""

/** `hold` is told of the bytes, and returns what ends the holding. */
const inPieces = (
  whole: Uint8Array,
  hold: (bytes: number, cut: () => void) => () => void
): ReadableStream<Uint8Array> => {
  let bytes: Uint8Array = whole
  let at = 0
  let end = (): void => {}
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        const cut = (): void => {
          end()
          controller.error(new DOMException("the answer was not read in time", "TimeoutError"))
        }
        const timer = setTimeout(cut, readMillis)
        let isHeld = true
        let drop = (): void => {}
        end = () => {
          isHeld = false
          clearTimeout(timer)
          bytes = new Uint8Array()
          drop()
        }
        drop = hold(bytes.length, cut)
        if (!isHeld) drop()
      },
      pull: (controller) => {
        const piece = bytes.slice(at, at + pieceBytes)
        at += piece.length
        const isLast = at >= bytes.length
        controller.enqueue(piece)
        if (!isLast) return
        end()
        controller.close()
      },
      cancel: () => end()
    },
    { highWaterMark: 0 }
  )
}
