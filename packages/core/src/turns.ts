/**
 * Turns of the event loop for the calls of one engine. A store such as SQLite works without a break, and a loop that
 * awaits its calls never leaves the queue of microtasks: no timer fires and no socket is read. So calls share each turn of
 * the loop: they begin while it has time left, and otherwise wait for a later one, in the order of their arrival.
 */
import * as Effect from "effect/Effect"
import { MixedScheduler } from "effect/Scheduler"

/** Milliseconds of one turn in which calls may begin. */
const turnMillis = 5

/** The clock and the event loop; `onNextTurn` runs a function in a later turn. */
export interface EventLoop {
  readonly now: () => number
  readonly onNextTurn: (run: () => void) => void
}

/** The event loop of this process, as Effect's own scheduler yields to it. */
const hostLoop = (): EventLoop => {
  const dispatcher = new MixedScheduler().makeDispatcher()
  return { now: () => performance.now(), onNextTurn: (run) => dispatcher.scheduleTask(run, 0) }
}

/** Returns an effect that ends as soon as a call may begin. It costs a reading of the clock while the turn has time left. */
export const makeTurns = ({ now, onNextTurn }: EventLoop = hostLoop()): Effect.Effect<void> => {
  /** When the first call of this turn began. */
  let startedAt: number | undefined
  const waiting = new Set<() => void>()

  const isSpent = (): boolean => {
    if (startedAt !== undefined) return now() - startedAt >= turnMillis
    startedAt = now()
    onNextTurn(begin)
    return false
  }

  const begin = (): void => {
    startedAt = undefined
    for (const resume of waiting) {
      if (isSpent()) break
      waiting.delete(resume)
      resume()
    }
  }

  const wait: Effect.Effect<void> = Effect.callback((resume) => {
    const onTurn = () => resume(Effect.void)
    waiting.add(onTurn)
    return Effect.sync(() => waiting.delete(onTurn))
  })
  return Effect.suspend(() => (waiting.size === 0 && !isSpent() ? Effect.void : wait))
}
