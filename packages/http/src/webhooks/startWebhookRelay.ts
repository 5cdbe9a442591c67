/**
 * Runs the relay of webhooks until it is stopped: events are read and deliveries sent in two loops
 * beside each other. Any number of processes run one on a store.
 */
import { Dispatcher } from "./Dispatcher.ts"
import { EventReader } from "./EventReader.ts"
import { type RelayOptions, relayLimits, unthrown } from "./RelayOptions.ts"

export interface WebhookRelay {
  /**
   * Starts no more attempts, and waits for those under way, at most the given milliseconds (by default
   * ten seconds). Those that it cuts off then come again in another process.
   */
  readonly stop: (graceMillis?: number) => Promise<void>
}

/** Starts a relay. It never rejects: errors are told to `onError`, and it goes on. */
export const startWebhookRelay = (options: RelayOptions): WebhookRelay => {
  const reader = new EventReader(options)
  const dispatcher = new Dispatcher(options)
  const stopping = new AbortController()
  const stopped = new Promise<void>((resolve) => {
    stopping.signal.addEventListener("abort", () => resolve(), { once: true })
  })
  let wake = (): void => {}

  /** Works until there is nothing to do, then waits a while, or for `early`. */
  const loop = async (work: () => Promise<boolean>, early: () => Promise<void>): Promise<void> => {
    let failures = 0
    while (!stopping.signal.aborted) {
      try {
        const isBusy = await work()
        failures = 0
        if (isBusy) await new Promise((resolve) => setTimeout(resolve))
        else await wait(early(), relayLimits.pollMillis)
      } catch (error) {
        unthrown(() => options.onError?.(error))
        // A store that is away for an hour is not asked, and not told of, every second.
        const millis = relayLimits.pollMillis * 2 ** failures++
        await wait(new Promise(() => {}), Math.min(millis, relayLimits.maxBackoffMillis))
      }
    }
  }
  const wait = async (early: Promise<void>, millis: number): Promise<void> => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const polled = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, millis)
    })
    await Promise.race([polled, early, stopped])
    clearTimeout(timer)
  }

  const reading = loop(
    async () => {
      const more = await reader.read()
      wake()
      return more
    },
    () => new Promise(() => {})
  )
  const sending = loop(
    () => dispatcher.send(),
    () =>
      Promise.race([
        dispatcher.ended(),
        new Promise<void>((resolve) => {
          wake = resolve
        })
      ])
  )

  return {
    stop: async (graceMillis = relayLimits.attemptMillis) => {
      stopping.abort()
      const timer = setTimeout(() => dispatcher.cut(), graceMillis)
      await Promise.all([reading, sending])
      await dispatcher.settle()
      clearTimeout(timer)
    }
  }
}
