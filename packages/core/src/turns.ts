/**
 * Turns of the event loop for the calls of one engine. A store such as SQLite works without a
 * break, and a loop that awaits its calls never leaves the queue of microtasks: no timer fires and
 * no socket is read. So calls share each turn of the loop: they begin, or go on after a `yieldNow`,
 * while it has time left, and otherwise in a later one, in their order.
 */
import * as Effect from "effect/Effect"
import { MixedScheduler, type Scheduler } from "effect/Scheduler"

/** Milliseconds of one turn in which work may begin. */
const turnMillis = 5

/** How the calls of an engine take their turns. */
export interface Turns {
  /** Ends as soon as a call may begin. It only reads the clock while the turn has time left. */
  readonly begin: Effect.Effect<void>
  /** Runs fibers that yielded as the turns have time for them. */
  readonly scheduler: Scheduler
}

/** Shares the turns of a scheduler's event loop; `now` is in milliseconds. */
export const makeTurns = (host: Scheduler, now = () => performance.now()): Turns => {
  const dispatcher = host.makeDispatcher()
  /** When the first work of this turn began. */
  let startedAt: number | undefined
  const waiting = new Set<() => void>()

  const isSpent = (): boolean => {
    if (startedAt !== undefined) return now() - startedAt >= turnMillis
    startedAt = now()
    dispatcher.scheduleTask(runWaiting, 0)
    return false
  }

  const runWaiting = (): void => {
    startedAt = undefined
    for (const run of waiting) {
      if (isSpent()) break
      waiting.delete(run)
      run()
    }
  }

  const schedule = (run: () => void): (() => void) => {
    const once = () => run()
    waiting.add(once)
    isSpent()
    return () => void waiting.delete(once)
  }

  const wait: Effect.Effect<void> = Effect.callback((resume) => {
    const cancel = schedule(() => resume(Effect.void))
    return Effect.sync(cancel)
  })
  return {
    begin: Effect.suspend(() => (waiting.size === 0 && !isSpent() ? Effect.void : wait)),
    scheduler: new MixedScheduler(host.executionMode, schedule)
  }
}
