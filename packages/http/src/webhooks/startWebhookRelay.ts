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
    while (!stopping.signal.aborted) {
      const isBusy = await work().catch((error) => {
        unthrown(() => options.onError?.(error))
        return false
      })
      if (isBusy) await new Promise((resolve) => setTimeout(resolve))
      else await wait(early())
    }
  }
  const wait = async (early: Promise<void>): Promise<void> => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const polled = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, relayLimits.pollMillis)
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
