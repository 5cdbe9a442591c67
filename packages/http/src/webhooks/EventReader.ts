/**
 * Makes deliveries of events. It reads the events of each endpoint's workspace by cursor, and moves
 * the position of the endpoint in the same step that adds the deliveries, so that each event becomes
 * its deliveries once, however many processes read.
 */
import { nextBatch } from "./deliveriesOf.ts"
import { newDelivery } from "./newDelivery.ts"
import { type RelayOptions, relayLimits, unthrown } from "./RelayOptions.ts"
import { keptMillis, type Webhook } from "./Webhook.ts"
import { deliveryId } from "./webhookIds.ts"

export class EventReader {
  readonly #options: Pick<RelayOptions, "engine" | "store" | "onError">
  readonly #now: () => number
  #sweptAt = Number.NEGATIVE_INFINITY

  constructor(options: Pick<RelayOptions, "engine" | "store" | "onError">, now: () => number = Date.now) {
    this.#options = options
    this.#now = now
  }

  /** Makes deliveries of events. Returns whether there are more events. */
  async read(): Promise<boolean> {
    const { webhooks } = this.#options.store
    const now = this.#now()
    const taken = await webhooks.takeReads({
      now,
      until: now + relayLimits.pollMillis,
      limit: relayLimits.reads
    })
    const more = await Promise.all(
      taken.map((webhook) =>
        this.#readFor(webhook).catch((error) => {
          this.#failed(error)
          return false
        })
      )
    )
    await this.#sweep()
    return more.includes(true) || taken.length === relayLimits.reads
  }

  async #readFor(webhook: Webhook): Promise<boolean> {
    const { engine, store } = this.#options
    const { events: kinds, workspaceId } = webhook
    const limit = relayLimits.batch
    let { position } = webhook
    const page = await engine.events
      .read({ workspaceId, after: position.cursor, limit: relayLimits.events })
      .catch((error) => this.#skip(webhook, error))
    if (page === undefined) return true
    let { items } = page
    for (let batch = 1; items.length > 0; batch++) {
      const { told, to } = nextBatch(items, position, { kinds, limit })
      const handled = items.findIndex(({ cursor }) => cursor === to.cursor) + 1
      items = items.slice(handled)
      const more = items.length > 0 || page.more
      const now = this.#now()
      const isMoved = await store.webhooks.advance(webhook, {
        from: position,
        to,
        deliveries: await Promise.all(
          told.map(async ({ at, key, subject }) =>
            newDelivery(webhook, { id: await deliveryId(key), subject, at, now })
          )
        ),
        readAt: more ? now : now + relayLimits.pollMillis
      })
      if (!isMoved) return false
      if (batch === relayLimits.batches) return more
      position = to
    }
    return page.more
  }

  /**
   * Goes on behind the last event when that of the position no longer exists. The records of the server
   * and the leads then lie in two databases, one of which was restored.
   */
  async #skip(webhook: Webhook, error: unknown): Promise<undefined> {
    if (!isTagged(error, "CursorUnknown")) throw error
    const { engine, store } = this.#options
    const cursor = await engine.events.last({ workspaceId: webhook.workspaceId })
    await store.webhooks.advance(webhook, {
      from: webhook.position,
      to: { cursor, offset: 0 },
      deliveries: [],
      readAt: this.#now()
    })
    this.#failed(error)
  }

  async #sweep(): Promise<void> {
    const now = this.#now()
    if (now - this.#sweptAt < relayLimits.sweepMillis) return
    const { webhooks } = this.#options.store
    const sweep = { now, endedBefore: now - keptMillis, limit: relayLimits.swept }
    // The next look sweeps the rest.
    if (!(await webhooks.sweep(sweep))) this.#sweptAt = now
  }

  #failed(error: unknown): void {
    unthrown(() => this.#options.onError?.(error))
  }
}

const isTagged = (error: unknown, tag: string): boolean =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === tag
