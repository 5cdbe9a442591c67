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
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          onBroken(error)
          controller.close()
        }
      },
      cancel: (reason) => reader.cancel(reason)
    },
    { highWaterMark: 0 }
  )
  return new Response(body, answer)
}
