/** Reads the body of an upload as it comes, and ends one that is too slow. */
import { Deadline, type DeadlineTimes } from "../Deadline.ts"

/** An upload ended before its list: its caller left, or it was too slow. */
export class UploadError extends Error {
  readonly _tag = "UploadError"
  readonly reason: "Broken" | "TooSlow"

  constructor(reason: "Broken" | "TooSlow") {
    super(
      reason === "Broken" ? "the upload broke off: send it again" : "the upload was too slow: send it faster"
    )
    this.reason = reason
  }
}

/** Yields the chunks of a body. Throws `UploadError`, and cancels a body that is left early. */
export async function* readUpload(
  body: ReadableStream<Uint8Array> | null,
  times: DeadlineTimes
): AsyncGenerator<Uint8Array, void, void> {
  if (body === null) return
  const reader = body.getReader()
  const deadline = new Deadline(reader, times)
  let isRead = false
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw new UploadError("Broken")
      })
      if (deadline.isOver) throw new UploadError("TooSlow")
      if (done) {
        isRead = true
        return
      }
      deadline.heard()
      yield value
    }
  } finally {
    deadline.clear()
    // A source that never ends its cancel holds nobody up.
    if (!isRead) reader.cancel().catch(() => {})
  }
}
