/**
 * Room for what calls hold at once, such as bytes of bodies: so much in all, and a quarter of it for
 * one workspace, so that no workspace takes the room of the others. A call for which there is no room
 * is refused at once, and never waits.
 */
export class Room {
  readonly #size: number
  readonly #share: number
  #taken = 0
  readonly #takenBy = new Map<string, number>()

  constructor(size: number) {
    this.#size = size
    this.#share = size / 4
  }

  /**
   * Takes an amount for a call that holds some already, or returns false. A workspace may always hold
   * one call, where the room in all lets it.
   */
  take(workspaceId: string, amount: number, held = 0): boolean {
    const taken = this.#takenBy.get(workspaceId) ?? 0
    if (this.#taken > held && this.#taken + amount > this.#size) return false
    if (taken > held && taken + amount > this.#share) return false
    this.#taken += amount
    this.#takenBy.set(workspaceId, taken + amount)
    return true
  }

  give(workspaceId: string, amount: number): void {
    const left = (this.#takenBy.get(workspaceId) ?? 0) - amount
    this.#taken -= amount
    if (left > 0) this.#takenBy.set(workspaceId, left)
    else this.#takenBy.delete(workspaceId)
  }
}
