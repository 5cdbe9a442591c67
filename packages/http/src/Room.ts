/** The bytes of bodies that may be in memory at once. A call for which there is no room is refused at once, and never waits. */
export class Room {
  readonly #bytes: number
  #taken = 0

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** Takes bytes, or returns false. One call alone is always taken. */
  take(bytes: number): boolean {
    if (this.#taken > 0 && this.#taken + bytes > this.#bytes) return false
    this.#taken += bytes
    return true
  }

  give(bytes: number): void {
    this.#taken -= bytes
  }
}
