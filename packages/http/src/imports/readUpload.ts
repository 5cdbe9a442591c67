/** Reads the body of an upload as it comes, and ends one that is too slow. */

/** An upload ended before its list: its caller left, or it was too slow. */
export class UploadError extends Error {
  readonly _tag = "UploadError"
  readonly reason: "Broken" | "TooSlow"

  constructor(reason: "Broken" | "TooSlow") {
    super(reason === "Broken" ? "the upload broke off" : "the upload was too slow")
    this.reason = reason
  }
}

export interface UploadTimes {
  /** Milliseconds that may pass without a byte, and in all. */
  readonly idleMillis: number
  readonly totalMillis: number
}

const tooSlow = Symbol("too slow")

/** Yields the chunks of a body. Throws `UploadError`, and cancels a body that is left early. */
export async function* readUpload(
  body: ReadableStream<Uint8Array> | null,
  { idleMillis, totalMillis }: UploadTimes
): AsyncGenerator<Uint8Array, void, void> {
  if (body === null) return
  const reader = body.getReader()
  const endsAt = performance.now() + totalMillis
  let isRead = false
  try {
    for (;;) {
      const result = await within(reader.read(), Math.min(idleMillis, endsAt - performance.now()))
      if (result === tooSlow) throw new UploadError("TooSlow")
      if (result.done) {
        isRead = true
        return
      }
      yield result.value
    }
  } finally {
    if (!isRead) await reader.cancel().catch(() => {})
  }
}

/** Waits for a chunk, at most so many milliseconds. */
const within = <A>(read: Promise<A>, millis: number): Promise<A | typeof tooSlow> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(tooSlow), Math.max(0, millis))
    read.then(resolve, () => reject(new UploadError("Broken"))).finally(() => clearTimeout(timer))
  })
