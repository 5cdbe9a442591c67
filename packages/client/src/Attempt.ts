/** One request: it ends by the caller's signal, by a time limit, or by itself. */
import { LeadterraError } from "./LeadterraError.ts"
import type { Timing } from "./Timing.ts"

export class Attempt {
  readonly #controller = new AbortController()
  readonly #outer: AbortSignal | undefined
  readonly #timing: Timing
  readonly #abort = () => this.#controller.abort(this.#outer?.reason)
  #clear = () => {}

  constructor(timing: Timing, outer: AbortSignal | undefined) {
    this.#timing = timing
    this.#outer = outer
    if (outer?.aborted) this.#abort()
    else outer?.addEventListener("abort", this.#abort, { once: true })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Sets the time limit, from now on, in place of the one before. */
  limit(millis: number): void {
    this.unlimit()
    this.#clear = this.#timing.timeout(millis, () => {
      const detail = `no answer came within ${millis} ms: send the call again, or allow more time`
      this.#controller.abort(new LeadterraError({ code: "timed_out", detail }))
    })
  }

  /**
   * Waits for a promise, at most until the attempt ends. Rejects with the reason of the caller's
   * signal, or with a `LeadterraError` that tells a time limit from a lost connection.
   */
  race<A>(promise: Promise<A>): Promise<A> {
    return new Promise((resolve, reject) => {
      const { signal } = this
      const end = () => reject(signal.reason)
      if (signal.aborted) end()
      else signal.addEventListener("abort", end, { once: true })
      promise
        .then(resolve, (error: unknown) => reject(connectionFailed(error)))
        .finally(() => signal.removeEventListener("abort", end))
    })
  }

  /** `race` for one read of a body, with a time limit of its own. The time between two reads does not count. */
  async raceWithin<A>(millis: number, read: Promise<A>): Promise<A> {
    this.limit(millis)
    try {
      return await this.race(read)
    } finally {
      this.unlimit()
    }
  }

  /** Takes the time limit away. */
  unlimit(): void {
    this.#clear()
    this.#clear = () => {}
  }

  /** Frees the timer and the listener. */
  close(): void {
    this.unlimit()
    this.#outer?.removeEventListener("abort", this.#abort)
  }
}

/** The reason of a lost connection as Node knows it, such as `ECONNREFUSED`. */
const reasonOf = (error: unknown): string => {
  if (typeof error !== "object" || error === null) return ""
  const source: unknown = "cause" in error ? error.cause : error
  const code: unknown = typeof source === "object" && source !== null && "code" in source ? source.code : ""
  return typeof code === "string" && /^[A-Z][A-Z_\d]{0,40}$/.test(code) ? ` (${code})` : ""
}

const connectionFailed = (error: unknown) =>
  new LeadterraError({
    code: "connection_failed",
    detail: `the connection failed${reasonOf(error)}: check the url and the network, or send the call again`
  })
