/** Counts the failures of a call, and waits before it is sent again. */
import type { LeadterraError } from "./LeadterraError.ts"
import type { Timing } from "./Timing.ts"

export interface RetryLimits {
  /** Times that a call is sent again. */
  readonly retries: number
  /** Milliseconds of all waits of a call. */
  readonly maxWaitMillis: number
}

/** The first wait, without a `Retry-After`, and the longest. Each failure doubles it. */
const firstWaitMillis = 500
const longestWaitMillis = 10_000
/** Spreads clients that were all told the same time. */
const spreadMillis = 250

const retryableStatuses = [429, 502, 503, 504]

const isRetryable = ({ code, status }: LeadterraError): boolean =>
  code === "connection_failed" ||
  code === "timed_out" ||
  (status !== null && retryableStatuses.includes(status))

export class Patience {
  readonly #limits: RetryLimits
  readonly #timing: Timing
  #failures = 0
  #waited = 0

  constructor(limits: RetryLimits, timing: Timing) {
    this.#limits = limits
    this.#timing = timing
  }

  /** Waits after a failure, or throws it when it is final or the limits are reached. */
  async wait(failure: LeadterraError, signal: AbortSignal | undefined): Promise<void> {
    if (!isRetryable(failure) || this.#failures >= this.#limits.retries) throw failure
    const random = this.#timing.random()
    const doubled = Math.min(firstWaitMillis * 2 ** this.#failures, longestWaitMillis)
    const asked = failure.retryAfterMillis
    const millis = Math.round(asked === null ? doubled * (0.5 + random / 2) : asked + random * spreadMillis)
    if (this.#waited + millis > this.#limits.maxWaitMillis) throw failure
    this.#failures++
    this.#waited += millis
    await this.#timing.sleep(millis, signal)
  }

  /** Begins anew, after the call has got somewhere. */
  reset(): void {
    this.#failures = 0
    this.#waited = 0
  }
}
