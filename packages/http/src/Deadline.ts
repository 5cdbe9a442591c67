/** Ends the reading of a body that comes too slowly. */

export interface DeadlineTimes {
  /** Milliseconds in all. */
  readonly totalMillis: number
  /** Milliseconds without a byte; by default any number. */
  readonly idleMillis?: number
}

/** Cancels a reader when its time is over: the read that waits then tells the end of the body. */
export class Deadline {
  /** Whether the reader was canceled. */
  isOver = false
  #heardAt = performance.now()
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #endsAt: number
  readonly #idleMillis: number
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>

  constructor(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    { idleMillis = Number.POSITIVE_INFINITY, totalMillis }: DeadlineTimes
  ) {
    this.#reader = reader
    this.#idleMillis = idleMillis
    this.#endsAt = this.#heardAt + totalMillis
    this.#wait()
  }

  /** Bytes have come. */
  heard(): void {
    this.#heardAt = performance.now()
  }

  /** Frees the timer. */
  clear(): void {
    clearTimeout(this.#timer)
  }

  /** One timer for many chunks: it looks again when the last of them is old enough. */
  #wait(): void {
    const left = Math.min(this.#endsAt, this.#heardAt + this.#idleMillis) - performance.now()
    if (left > 0) this.#timer = setTimeout(() => this.#wait(), left)
    else {
      this.isOver = true
      this.#reader.cancel().catch(() => {})
    }
  }
}
