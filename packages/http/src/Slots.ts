/**
 * Slots for calls under way: each workspace has so many, and its further calls wait in their order,
 * so that a workspace with many calls leaves time and connections to the others. A wait ends after a
 * time.
 */

export interface SlotLimits {
  /** Calls of a workspace that are under way at once. */
  readonly atOnce: number
  /** Calls of a workspace that wait for those. */
  readonly waiting: number
  /** Milliseconds that a call waits. */
  readonly waitMillis: number
}

export interface Slot {
  /** Resolves when the call may begin, or to false when it has waited too long. */
  readonly begun: Promise<boolean>
  /** Gives the slot to the next call, or leaves the queue. A second time it does nothing. */
  readonly end: () => void
}

interface Queue {
  underWay: number
  readonly waiting: Set<() => void>
}

export class Slots {
  readonly #limits: SlotLimits
  readonly #queues = new Map<string, Queue>()

  constructor(limits: SlotLimits) {
    this.#limits = limits
  }

  /** Returns a slot, or undefined when too many calls of the workspace wait. */
  enter(workspaceId: string): Slot | undefined {
    const queue = this.#queues.get(workspaceId) ?? { underWay: 0, waiting: new Set() }
    const { atOnce, waiting } = this.#limits
    if (queue.underWay < atOnce) {
      this.#queues.set(workspaceId, queue)
      queue.underWay++
      return { begun: Promise.resolve(true), end: once(() => this.#leave(workspaceId, queue)) }
    }
    return queue.waiting.size < waiting ? this.#wait(workspaceId, queue) : undefined
  }

  #wait(workspaceId: string, queue: Queue): Slot {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const stop = (hasBegun: boolean): void => {
      clearTimeout(timer)
      queue.waiting.delete(begin)
      resolve(hasBegun)
    }
    const begin = (): void => {
      end = once(() => this.#leave(workspaceId, queue))
      stop(true)
    }
    let end = (): void => stop(false)
    const timer = setTimeout(() => stop(false), this.#limits.waitMillis)
    queue.waiting.add(begin)
    return { begun: promise, end: () => end() }
  }

  /** The next call takes over the slot. */
  #leave(workspaceId: string, queue: Queue): void {
    const [next] = queue.waiting
    if (next === undefined) queue.underWay--
    else next()
    if (queue.underWay === 0) this.#queues.delete(workspaceId)
  }
}

const once = (run: () => void): (() => void) => {
  let isDone = false
  return () => {
    if (!isDone) {
      isDone = true
      run()
    }
  }
}
