/** Reads the body of a request: bounded in bytes, and in the memory that it takes. */

import { Deadline } from "./Deadline.ts"

/** The body has more bytes than the limit, there is no room for them, or they come too slowly. */
export type BodyFault = "TooLarge" | "NoRoom" | "TooSlow"

/** The bytes that a request announces, or undefined. */
export const announcedBytes = (request: Request): number | undefined => {
  const header = request.headers.get("content-length")
  return header !== null && /^\d{1,15}$/.test(header) ? Number(header) : undefined
}

export interface BodyBounds {
  readonly limit: number
  /** Takes room for so many further bytes, before they are held, or returns false. */
  readonly take: (bytes: number) => boolean
  /** Milliseconds that the body may take in all. */
  readonly millis: number
}

const firstBytes = 16_384

/**
 * Reads the whole body. It reads no more than the limit, and one chunk. The bytes are collected in
 * one buffer that doubles, so that a body of many small chunks takes no more than one of few.
 */
export const readBody = async (
  request: Request,
  { limit, millis, take }: BodyBounds
): Promise<Uint8Array<ArrayBuffer> | { readonly fault: BodyFault }> => {
  const announced = announcedBytes(request) ?? limit
  let buffer = new Uint8Array()
  if (request.body === null) return buffer
  const reader = request.body.getReader()
  const refuse = async (fault: BodyFault) => {
    await reader.cancel()
    return { fault }
  }
  const deadline = new Deadline(reader, { totalMillis: millis })
  try {
    let length = 0
    for (;;) {
      const { done, value } = await reader.read()
      if (deadline.isOver) return { fault: "TooSlow" }
      if (done) return buffer.subarray(0, length)
      const needed = length + value.byteLength
      if (needed > limit) return await refuse("TooLarge")
      if (needed > buffer.length) {
        const most = needed > announced ? limit : announced
        const size = Math.min(Math.max(needed, 2 * buffer.length, firstBytes), most)
        if (!take(size - buffer.length)) return await refuse("NoRoom")
        const grown = new Uint8Array(size)
        grown.set(buffer.subarray(0, length))
        buffer = grown
      }
      buffer.set(value, length)
      length = needed
    }
  } finally {
    deadline.clear()
  }
}
