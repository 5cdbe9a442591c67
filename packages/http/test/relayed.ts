/** A workspace whose messages are sent, with relays of webhooks that a test drives by hand. */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { type Engine, open } from "@leadterra/core/promise"
import { onTestFinished } from "vitest"
import { MemoryServerStore, type ServerStore } from "../src/index.ts"
import { healthy } from "../src/webhooks/afterAttempt.ts"
import { Dispatcher } from "../src/webhooks/Dispatcher.ts"
import { EventReader } from "../src/webhooks/EventReader.ts"
import type { AttemptedWebhook, RelayOptions } from "../src/webhooks/RelayOptions.ts"
import type { SendWebhook, WebhookAnswer, WebhookRequest } from "../src/webhooks/SendWebhook.ts"
import { type Webhook, webhookEvents } from "../src/webhooks/Webhook.ts"
import { drawSecret } from "../src/webhooks/webhookSecrets.ts"

/** The answer of a receiver, or undefined for one that never answers. */
export type Receive = (request: WebhookRequest) => WebhookAnswer | undefined

export const answered = (status: number): WebhookAnswer => ({ kind: "answered", status })

export interface Process {
  /** Reads all events, sends all that is due now, and waits for the attempts. */
  readonly turn: () => Promise<void>
  readonly reader: EventReader
  readonly dispatcher: Dispatcher
}

export interface Relayed {
  readonly engine: Engine
  readonly store: ServerStore
  readonly sent: ReadonlyArray<WebhookRequest>
  /** Resolves when so many requests were sent. */
  readonly reached: (count: number) => Promise<void>
  readonly attempts: ReadonlyArray<AttemptedWebhook>
  /** Resolves when so many attempts have ended. */
  readonly made: (count: number) => Promise<void>
  readonly errors: ReadonlyArray<unknown>
  /** Adds an endpoint that is told of what comes. */
  readonly add: (more?: Partial<Webhook>) => Promise<Webhook>
  /** A campaign of so many leads, started, with the ids of its messages, which are claimed. */
  readonly campaign: (leads: number, workspaceId?: string) => Promise<ReadonlyArray<string>>
  readonly process: (more?: Partial<RelayOptions>, attemptMillis?: number) => Process
  /** The time of the relays, in milliseconds since the epoch. */
  readonly clock: { now: number }
  readonly deliveries: (webhook: Webhook) => ReturnType<ServerStore["webhooks"]["deliveries"]>
}

let added = 0

export const startRelayed = async (
  receive: Receive = () => answered(200),
  store: ServerStore = MemoryServerStore.make()
): Promise<Relayed> => {
  const engine = await open(MemoryRepository.layer)
  onTestFinished(() => engine.close())
  const clock = { now: Date.now() }
  const sent: Array<WebhookRequest> = []
  const attempts: Array<AttemptedWebhook> = []
  const errors: Array<unknown> = []
  let tell = (): void => {}
  const until = async (isThere: () => boolean): Promise<void> => {
    while (!isThere())
      await new Promise<void>((resolve) => {
        tell = resolve
      })
  }
  const send: SendWebhook = (request) => {
    sent.push(request)
    tell()
    const outcome = receive(request)
    return outcome === undefined ? new Promise(() => {}) : Promise.resolve(outcome)
  }
  const process = (more: Partial<RelayOptions> = {}, attemptMillis?: number): Process => {
    const options: RelayOptions = {
      engine,
      store,
      send,
      onAttempt: (one) => {
        attempts.push(one)
        tell()
      },
      onError: (error) => void errors.push(error),
      ...more
    }
    const reader = new EventReader(options, () => clock.now)
    const dispatcher = new Dispatcher(options, () => clock.now, attemptMillis)
    const turn = async () => {
      clock.now += 1_000
      while (await reader.read());
      do {
        while (await dispatcher.send());
        await dispatcher.settle()
      } while (await dispatcher.send())
      await dispatcher.settle()
    }
    return { dispatcher, reader, turn }
  }
  const add = async (more: Partial<Webhook> = {}): Promise<Webhook> => {
    const number = ++added
    const workspaceId = more.workspaceId ?? "acme"
    const webhook: Webhook = {
      id: `wh_${String(number).padStart(26, "0")}`,
      workspaceId,
      url: `https://receiver.example/${number}`,
      events: webhookEvents,
      createdAt: clock.now,
      status: { state: "active" },
      secrets: { current: drawSecret(), previous: null },
      health: healthy,
      position: { cursor: await engine.events.last({ workspaceId }), offset: 0 },
      ...more
    }
    await store.webhooks.add(webhook)
    return webhook
  }
  const campaign = async (leads: number, workspaceId = "acme"): Promise<ReadonlyArray<string>> => {
    const steps = [{ subject: "Hi {{firstName}}", bodyHtml: "<p>Hi</p>" }]
    const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "Spring", steps })
    const rows = Array.from({ length: leads }, (_, index) => ({
      email: `ava.${index}@acmecorp.com`,
      firstName: "Avalina"
    }))
    await engine.leads.bulkUpsert({ workspaceId, campaignId, leads: rows })
    await engine.campaigns.start({ workspaceId, campaignId })
    const ids: Array<string> = []
    for (let found = -1; found !== ids.length; ) {
      found = ids.length
      const claimed = await engine.delivery.claim({ workspaceId, limit: 1_000 })
      ids.push(...claimed.map(({ messageId }) => messageId))
    }
    return ids
  }
  return {
    add,
    attempts,
    campaign,
    clock,
    deliveries: (webhook) => store.webhooks.deliveries(webhook, { after: null, limit: 20_000, state: null }),
    engine,
    errors,
    made: (count) => until(() => attempts.length >= count),
    process,
    reached: (count) => until(() => sent.length >= count),
    sent,
    store
  }
}
