/** The rates of all callers of one process, in memory. */
import { isOver, type JudgedCall, judgeCall, type RateLimit, type Usage } from "./judgeCall.ts"

/** Callers that are kept before those whose usage is over are looked for. */
const fewCallers = 1_000

export class Rates {
  readonly #limit: RateLimit
  readonly #usages = new Map<string, Usage>()
  #sweptAt = fewCallers

  constructor(limit: RateLimit) {
    this.#limit = limit
  }

  /** Callers whose usage is kept. */
  get size(): number {
    return this.#usages.size
  }

  /** Judges a call at a time in milliseconds of a clock that does not go back. */
  take(caller: string, now: number): JudgedCall {
    const at = Math.floor(now)
    const judged = judgeCall(this.#limit, this.#usages.get(caller), at)
    this.#usages.set(caller, judged.usage)
    if (this.#usages.size > this.#sweptAt) this.#sweep(at)
    return judged
  }

  /** Sweeps when the callers have doubled, so that a call costs the same however many there are. */
  #sweep(now: number): void {
    for (const [caller, usage] of this.#usages)
      if (isOver(this.#limit, usage, now)) this.#usages.delete(caller)
    this.#sweptAt = Math.max(fewCallers, 2 * this.#usages.size)
  }
}
