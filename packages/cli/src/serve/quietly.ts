/** Answers whose bodies break off. The listener of the server would print the error with its stack. */

/** An answer up to this length has all of its bytes when it is made. */
const wholeBytes = 65_536

/**
 * Returns an answer whose body ends where the body of the given one fails. `onBroken` is told of the
 * error then, and closes the connection, so that nobody takes a part for the whole.
 */
export const quietly = (answer: Response, onBroken: (error: unknown) => void): Response => {
  const length = answer.headers.get("content-length")
  if (answer.body === null || (length !== null && Number(length) <= wholeBytes)) return answer
  const reader = answer.body.getReader()
  let isLeft = false
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        // A reader that is slow asks for nothing, and must not keep its connection for that.
        reader.closed.catch((error) => {
          if (isLeft) return
          onBroken(error)
          controller.close()
        })
      },
      pull: async (controller) => {
        const read = await reader.read().catch(() => undefined)
        if (read?.done === true) controller.close()
        else if (read !== undefined) controller.enqueue(read.value)
      },
      cancel: (reason) => {
        isLeft = true
        return reader.cancel(reason)
      }
    },
    { highWaterMark: 0 }
  )
  return new Response(body, answer)
}
