/** Time and chance, as the client uses them. */
export interface Timing {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
  /** Waits; rejects with the reason of the signal as soon as that aborts. */
  readonly sleep: (millis: number, signal: AbortSignal | undefined) => Promise<void>
  /** Calls a function after a time, unless the returned function is called before. */
  readonly timeout: (millis: number, run: () => void) => () => void
}

const sleep = (millis: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const abort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort)
      resolve()
    }, millis)
    signal?.addEventListener("abort", abort, { once: true })
  })

export const systemTiming: Timing = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep,
  timeout: (millis, run) => {
    const timer = setTimeout(run, millis)
    return () => clearTimeout(timer)
  }
}
