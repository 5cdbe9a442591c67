/**
 * The attempts that a process makes at once. Endpoints whose last attempt failed or was slow have
 * places of their own, so that dead ones never take the places of the others, and one workspace takes
 * a few of all.
 */

/** Attempts of prompt endpoints at once, as many of slow ones, and those of one workspace. */
export const maxInLane = 32
export const maxOfWorkspace = 4

export class Lanes {
  #prompt = 0
  #slow = 0
  readonly #ofWorkspace = new Map<string, number>()

  /** Places that are free. */
  free(isSlow: boolean): number {
    return maxInLane - (isSlow ? this.#slow : this.#prompt)
  }

  /** Workspaces that have no further place. */
  full(): ReadonlyArray<string> {
    return Array.from(this.#ofWorkspace).flatMap(([workspaceId, taken]) =>
      taken >= maxOfWorkspace ? [workspaceId] : []
    )
  }

  enter(workspaceId: string, isSlow: boolean): void {
    this.#move(workspaceId, isSlow, 1)
  }

  leave(workspaceId: string, isSlow: boolean): void {
    this.#move(workspaceId, isSlow, -1)
  }

  #move(workspaceId: string, isSlow: boolean, by: number): void {
    if (isSlow) this.#slow += by
    else this.#prompt += by
    const taken = (this.#ofWorkspace.get(workspaceId) ?? 0) + by
    if (taken > 0) this.#ofWorkspace.set(workspaceId, taken)
    else this.#ofWorkspace.delete(workspaceId)
  }
}
