/**
 * The bytes of answers that were made and not read yet. A workspace that holds its share gets no
 * further answers. When all of them together are too many, the oldest answer of the workspace that
 * holds the most is cut off, so that no workspace loses an answer to the slow readers of others.
 */

interface Held {
  readonly bytes: number
  readonly cut: () => void
}

interface Holder {
  bytes: number
  /** The oldest first. */
  readonly answers: Set<Held>
}

export class Unread {
  readonly #size: number
  readonly #share: number
  #bytes = 0
  readonly #holders = new Map<string, Holder>()

  constructor(size: number) {
    this.#size = size
    this.#share = size / 4
  }

  /** Bytes of all answers. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether a workspace holds less than its share. */
  hasRoom(workspaceId: string): boolean {
    return (this.#holders.get(workspaceId)?.bytes ?? 0) < this.#share
  }

  /**
   * Holds an answer until the returned function is called. `cut` ends the answer before that, and is
   * called once at most.
   */
  hold(workspaceId: string, bytes: number, cut: () => void): () => void {
    const holder = this.#holders.get(workspaceId) ?? { bytes: 0, answers: new Set() }
    this.#holders.set(workspaceId, holder)
    const held = { bytes, cut }
    holder.answers.add(held)
    holder.bytes += bytes
    this.#bytes += bytes
    while (this.#bytes > this.#size && this.#cutOldest()) {}
    return () => this.#drop(workspaceId, holder, held)
  }

  /** Returns false when there is no other answer than the last one. */
  #cutOldest(): boolean {
    let most: readonly [string, Holder] | undefined
    let answers = 0
    for (const entry of this.#holders) {
      answers += entry[1].answers.size
      if (most === undefined || entry[1].bytes > most[1].bytes) most = entry
    }
    const [oldest] = most?.[1].answers ?? []
    if (most === undefined || oldest === undefined || answers < 2) return false
    this.#drop(...most, oldest)
    oldest.cut()
    return true
  }

  #drop(workspaceId: string, holder: Holder, held: Held): void {
    if (!holder.answers.delete(held)) return
    holder.bytes -= held.bytes
    this.#bytes -= held.bytes
    if (holder.answers.size === 0) this.#holders.delete(workspaceId)
  }
}
