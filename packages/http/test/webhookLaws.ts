/** The laws of `ServerStore.webhooks`, held by each adapter. */
import fc from "fast-check"
import { expect, it } from "vitest"
import { MemoryServerStore, type ServerStore } from "../src/index.ts"
import {
  type DeliveryState,
  maxPendingDeliveries,
  maxWebhooks,
  type Webhook,
  type WebhookDelivery
} from "../src/webhooks/Webhook.ts"
import type { WebhookStore } from "../src/webhooks/WebhookStore.ts"

/** Opens one store any number of times, as processes would. */
export type Opener = () => Promise<ServerStore>

const now = Date.UTC(2026, 4, 1)

export const webhookFor = (number: number, more: Partial<Webhook> = {}): Webhook => ({
  id: `wh_${String(number).padStart(26, "0")}`,
  workspaceId: "acme",
  url: `https://receiver.example/${number}`,
  events: ["message.sent", "message.bounced"],
  createdAt: now,
  status: { state: "active" },
  secrets: { current: `whsec_${number}`, previous: null },
  health: { failingSince: null, failures: 0, isSlow: false },
  position: { cursor: null, offset: 0 },
  ...more
})

const deliveryFor = (
  webhook: Webhook,
  number: number,
  more: Partial<WebhookDelivery> = {}
): WebhookDelivery => ({
  id: `evt_${String(number).padStart(4, "0")}`,
  webhookId: webhook.id,
  subject: { kind: "message.sent", messageId: `msg_${number}` },
  at: now,
  createdAt: now,
  state: { kind: "pending", nextAt: now },
  attempts: 0,
  attemptsBefore: 0,
  lastAttempt: null,
  ...more
})

const pageOfAll = { after: null, limit: 1_000, state: null }

const succeeded =
  (at: number) =>
  (_: WebhookDelivery, { status }: Webhook) => ({
    delivery: {
      state: { kind: "delivered", endedAt: at } satisfies DeliveryState,
      lastAttempt: { at, outcome: { kind: "answered", status: 204 } } as const
    },
    webhook: { status, health: { failingSince: null, failures: 0, isSlow: false } }
  })

const failed =
  (at: number) =>
  (_: WebhookDelivery, { health, status }: Webhook) => ({
    delivery: {
      state: { kind: "failed", endedAt: at } satisfies DeliveryState,
      lastAttempt: { at, outcome: { kind: "timed_out" } } as const
    },
    webhook: {
      status,
      health: { failingSince: health.failingSince ?? at, failures: health.failures + 1, isSlow: true }
    }
  })

const retried = (at: number, nextAt: number) => (delivery: WebhookDelivery, webhook: Webhook) => ({
  ...failed(at)(delivery, webhook),
  delivery: {
    state: { kind: "pending", nextAt } satisfies DeliveryState,
    lastAttempt: { at, outcome: { kind: "answered", status: 500 } } as const
  }
})

const reading = { now: now + 1, until: now + 60_000, limit: 100 }
const sending = { ...reading, isSlow: false, without: [] }

/** An operation on a store of webhooks, in words that a counterexample shows. */
type Operation =
  | { readonly do: "add" | "remove" | "disable" | "enable" | "rotate" | "list"; readonly webhook: number }
  | {
      readonly do: "advance" | "queue"
      readonly webhook: number
      readonly deliveries: ReadonlyArray<number>
      readonly isRepeat: boolean
    }
  | { readonly do: "takeReads"; readonly limit: number }
  | { readonly do: "takeDue"; readonly limit: number; readonly isSlow: boolean; readonly without: boolean }
  | { readonly do: "record"; readonly taken: number; readonly as: "delivered" | "failed" | "retried" }
  | { readonly do: "redeliver"; readonly webhook: number; readonly ids: ReadonlyArray<number> | null }
  | { readonly do: "page"; readonly webhook: number; readonly limit: number; readonly failed: boolean }
  | { readonly do: "sweep"; readonly limit: number }
  | { readonly do: "expire"; readonly offset: number }
  | { readonly do: "wait"; readonly millis: number }

const some = fc.nat({ max: 3 })
const few = fc.array(fc.nat({ max: 12 }), { maxLength: 6 })
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    do: fc.constantFrom("add", "remove", "disable", "enable", "rotate", "list"),
    webhook: some
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("advance", "queue"),
      webhook: some,
      deliveries: few,
      isRepeat: fc.boolean()
    })
  },
  fc.record({ do: fc.constant("takeReads"), limit: fc.integer({ min: 1, max: 5 }) }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("takeDue"),
      limit: fc.integer({ min: 1, max: 4 }),
      isSlow: fc.boolean(),
      without: fc.boolean()
    })
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("record"),
      taken: fc.nat({ max: 20 }),
      as: fc.constantFrom("delivered", "failed", "retried")
    })
  },
  fc.record({ do: fc.constant("redeliver"), webhook: some, ids: fc.option(few) }),
  fc.record({
    do: fc.constant("page"),
    webhook: some,
    limit: fc.integer({ min: 1, max: 4 }),
    failed: fc.boolean()
  }),
  fc.record({ do: fc.constant("sweep"), limit: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant("expire"), offset: fc.integer({ min: -1, max: 1 }) }),
  fc.record({ do: fc.constant("wait"), millis: fc.integer({ min: 1, max: 100 }) })
)

/** Webhooks 0 and 1 share a workspace. */
const workspaceOf = (number: number): string => `w${Math.floor(number / 2)}`

/** Runs operations, and returns all answers and what is stored in the end. */
const replay = async (
  store: WebhookStore,
  operations: ReadonlyArray<Operation>
): Promise<ReadonlyArray<unknown>> => {
  const answers: Array<unknown> = []
  const taken: Array<Awaited<ReturnType<WebhookStore["takeDue"]>>[number]> = []
  let time = now
  /** The end of the secret that was rotated last. */
  let expiresAt = now
  let added = 0
  let moves = 0
  const webhooks = new Map<number, Webhook>()
  const named = (number: number): Webhook =>
    webhooks.get(number) ?? webhookFor(number, { workspaceId: workspaceOf(number) })
  const deliveriesFor = (webhook: Webhook, numbers: ReadonlyArray<number>) =>
    Array.from(new Set(numbers), (number) =>
      deliveryFor(webhook, number, {
        createdAt: time + (number % 3),
        state: { kind: "pending", nextAt: time + number }
      })
    )
  const run = async (operation: Operation): Promise<unknown> => {
    time++
    switch (operation.do) {
      case "add": {
        if (webhooks.has(operation.webhook)) return "is there"
        const workspaceId = workspaceOf(operation.webhook)
        const webhook = webhookFor(1_000 * ++added + operation.webhook, { workspaceId, createdAt: time })
        webhooks.set(operation.webhook, webhook)
        return store.add(webhook)
      }
      case "remove": {
        const removed = await store.remove(named(operation.webhook))
        webhooks.delete(operation.webhook)
        return removed
      }
      case "disable":
        return store.update(named(operation.webhook), (webhook) => ({
          ...webhook,
          status: { state: "disabled", reason: "failing", at: time }
        }))
      case "enable":
        return store.update(named(operation.webhook), (webhook) => ({
          ...webhook,
          status: { state: "active" }
        }))
      case "rotate":
        expiresAt = time + 50
        return store.update(named(operation.webhook), (webhook) => ({
          ...webhook,
          secrets: {
            current: `whsec_${time}`,
            previous: { secret: webhook.secrets.current, until: expiresAt }
          }
        }))
      case "list":
        return store.list(workspaceOf(operation.webhook))
      case "advance": {
        const webhook = named(operation.webhook)
        const from = (await store.get(webhook))?.position ?? webhook.position
        const to = { cursor: `${++moves}.00000000`, offset: moves % 2 }
        const advance = { from, to, deliveries: deliveriesFor(webhook, operation.deliveries) }
        const first = await store.advance(webhook, { ...advance, readAt: time + 5 })
        return operation.isRepeat
          ? [first, await store.advance(webhook, { ...advance, readAt: time + 6 })]
          : first
      }
      case "queue": {
        const webhook = named(operation.webhook)
        return store.queue(webhook, deliveriesFor(webhook, operation.deliveries))
      }
      case "takeReads":
        return store.takeReads({ now: time, until: time + 20, limit: operation.limit })
      case "takeDue": {
        const due = await store.takeDue({
          ...{ now: time, until: time + 10, limit: operation.limit, isSlow: operation.isSlow },
          without: operation.without ? ["w0"] : []
        })
        taken.push(...due)
        return due
      }
      case "record": {
        const one = taken[operation.taken % Math.max(1, taken.length)]
        if (one === undefined) return "nothing was taken"
        const rules = { delivered: succeeded(time), failed: failed(time), retried: retried(time, time + 30) }
        return store.record(one, rules[operation.as])
      }
      case "redeliver":
        return store.redeliver(named(operation.webhook), {
          ids: operation.ids?.map((number) => deliveryFor(named(0), number).id) ?? null,
          now: time,
          limit: 3
        })
      case "page": {
        const state = operation.failed ? ("failed" as const) : null
        const pages: Array<unknown> = []
        for (let after: string | null = null; ; ) {
          const page = await store.deliveries(named(operation.webhook), {
            after,
            limit: operation.limit,
            state
          })
          pages.push(page)
          after = page.next
          if (after === null) return pages
        }
      }
      case "sweep": {
        const sweep = { now: time, endedBefore: time - 20, limit: operation.limit }
        while (await store.sweep(sweep));
        return "swept"
      }
      case "expire": {
        time = Math.max(time, expiresAt + operation.offset)
        while (await store.sweep({ now: time, endedBefore: 0, limit: 100 }));
        return Promise.all([store.list("w0"), store.list("w1")])
      }
      case "wait":
        time += operation.millis
        return "waited"
    }
  }
  for (const operation of operations) answers.push(await run(operation))
  for (const webhook of webhooks.values()) {
    answers.push(await store.get(webhook), await store.deliveries(webhook, pageOfAll))
  }
  // The next run begins with an empty store.
  for (const webhook of webhooks.values()) await store.remove(webhook)
  while (await store.sweep({ now: 1e300, endedBefore: 1e300, limit: 1_000 }));
  return answers
}

/** Calls `it` for each law. */
export const webhookLaws = (newStore: () => Promise<Opener>): void => {
  const opened = async (): Promise<WebhookStore> => (await (await newStore())()).webhooks

  it("webhooks: gives endpoints back, changed and oldest first, to their own workspace alone", async () => {
    const store = await opened()
    const [first, second] = [webhookFor(2), webhookFor(1, { createdAt: now + 0.5, events: [] })]
    for (const webhook of [second, first]) expect(await store.add(webhook)).toBe(true)
    const other = webhookFor(3, { workspaceId: "oak" })
    await store.add(other)
    expect(await store.list("acme")).toEqual([first, second])
    expect(await store.get(first)).toEqual(first)
    const foreign = { ...first, workspaceId: "oak" }
    expect(await store.get(foreign)).toBeUndefined()
    expect(await store.update(foreign, (webhook) => webhook)).toBeUndefined()
    expect(await store.remove(foreign)).toBe(false)
    expect(await store.queue(foreign, [deliveryFor(first, 1)])).toBe(false)
    expect(await store.deliveries(foreign, pageOfAll)).toEqual({ items: [], next: null })
    expect(await store.redeliver(foreign, { ids: null, now, limit: 1 })).toBe(0)
    const changed: Webhook = {
      ...first,
      status: { state: "disabled", reason: "failing", at: now + 3.5 },
      secrets: { current: "whsec_new", previous: { secret: "whsec_2", until: now + 9 } },
      health: { failingSince: now + 1, failures: 4, isSlow: true }
    }
    for (const reason of ["requested", "gone", "failing"] as const) {
      const disabled: Webhook = { ...changed, status: { state: "disabled", reason, at: now + 3.5 } }
      expect(await store.update(first, () => disabled)).toEqual(disabled)
      expect(await store.get(first)).toEqual(disabled)
    }
    expect(await store.remove(first)).toBe(true)
    expect(await store.remove(first)).toBe(false)
    expect(await store.list("acme")).toEqual([second])
  })

  it("webhooks: keeps to the number of endpoints of a workspace, whoever adds at the same time", async () => {
    const opener = await newStore()
    const stores = await Promise.all([opener(), opener(), opener()])
    const added = await Promise.all(
      Array.from({ length: maxWebhooks + 4 }, (_, number) =>
        stores[number % 3]?.webhooks.add(webhookFor(number))
      )
    )
    expect(added.filter(Boolean)).toHaveLength(maxWebhooks)
    const store = (await opener()).webhooks
    expect(await store.list("acme")).toHaveLength(maxWebhooks)
    expect(await store.add(webhookFor(99, { workspaceId: "oak" }))).toBe(true)
    const [one = webhookFor(0)] = await store.list("acme")
    await store.remove(one)
    expect(await store.add(webhookFor(98))).toBe(true)
  })

  it("webhooks: moves a position once, however many move it at the same time", async () => {
    const opener = await newStore()
    const stores = await Promise.all([opener(), opener(), opener()])
    const webhook = webhookFor(1)
    await stores[0]?.webhooks.add(webhook)
    const moved = await Promise.all(
      stores.map(({ webhooks }, index) =>
        webhooks.advance(webhook, {
          from: webhook.position,
          to: { cursor: `${index + 1}.00000000`, offset: index },
          deliveries: [deliveryFor(webhook, index)],
          readAt: now
        })
      )
    )
    expect(moved.filter(Boolean)).toHaveLength(1)
    const items = (await stores[0]?.webhooks.deliveries(webhook, pageOfAll))?.items
    expect(items).toEqual([deliveryFor(webhook, moved.indexOf(true))])
  })

  it("webhooks: hands an attempt to one of many who take at the same time", async () => {
    const opener = await newStore()
    const stores = await Promise.all([opener(), opener(), opener()])
    const webhooks = Array.from({ length: 6 }, (_, number) =>
      webhookFor(number, { workspaceId: `w${number}` })
    )
    for (const webhook of webhooks) {
      await stores[0]?.webhooks.add(webhook)
      await stores[0]?.webhooks.queue(
        webhook,
        Array.from({ length: 4 }, (_, number) => deliveryFor(webhook, number))
      )
    }
    const taken: Array<string> = []
    for (let found = -1; found !== taken.length; ) {
      found = taken.length
      for (const due of await Promise.all(stores.map(({ webhooks }) => webhooks.takeDue(sending))))
        taken.push(...due.map(({ delivery, webhook }) => `${webhook.id} ${delivery.id}`))
    }
    expect(taken).toHaveLength(24)
    expect(new Set(taken).size).toBe(24)
    // An attempt that is not recorded comes again when its time is over.
    const [store] = stores
    const again = await store?.webhooks.takeDue({ ...sending, now: now + 60_000, until: now + 90_000 })
    expect(again?.map(({ delivery }) => delivery.attempts)).toEqual([2, 2, 2, 2, 2, 2])
  })

  it("webhooks: records an attempt under its own number alone, once", async () => {
    const store = await opened()
    const webhook = webhookFor(1)
    await store.add(webhook)
    await store.queue(webhook, [deliveryFor(webhook, 1)])
    const [first] = await store.takeDue(sending)
    const [second] = await store.takeDue({ ...sending, now: now + 60_000, until: now + 90_000 })
    if (first === undefined || second === undefined) throw new Error("nothing was taken")
    expect(await store.record(first, succeeded(now))).toBeUndefined()
    expect(await store.record(second, retried(now, now + 5))).toMatchObject({
      webhook: { health: { failures: 1, isSlow: true } }
    })
    expect(await store.record(second, succeeded(now))).toMatchObject({
      delivery: { state: { kind: "delivered" } }
    })
    expect(await store.record(second, failed(now))).toBeUndefined()
    expect((await store.deliveries(webhook, pageOfAll)).items).toMatchObject([
      {
        attempts: 2,
        state: { kind: "delivered", endedAt: now },
        lastAttempt: { outcome: { kind: "answered", status: 204 } }
      }
    ])
  })

  it("webhooks: takes turns among workspaces, whatever the backlog of one", async () => {
    const store = await opened()
    const [busy, calm] = [webhookFor(1), webhookFor(2, { workspaceId: "oak" })]
    await store.add(busy)
    await store.add(calm)
    await store.queue(
      busy,
      Array.from({ length: 50 }, (_, number) => deliveryFor(busy, number))
    )
    const one = { ...sending, limit: 1 }
    expect((await store.takeDue({ ...one, now: now + 1 })).map(({ webhook }) => webhook.id)).toEqual([
      busy.id
    ])
    await store.queue(calm, [deliveryFor(calm, 1, { state: { kind: "pending", nextAt: now + 2 } })])
    const order: Array<string> = []
    for (let at = now + 3; at < now + 6; at++)
      order.push(...(await store.takeDue({ ...one, now: at })).map(({ webhook }) => webhook.id))
    expect(order).toEqual([busy.id, calm.id, busy.id])
  })

  it("webhooks: takes no events for an endpoint for which too much waits, and queues no more", async () => {
    const store = await opened()
    const webhook = webhookFor(1)
    await store.add(webhook)
    const many = Array.from({ length: maxPendingDeliveries }, (_, number) => deliveryFor(webhook, number))
    expect(await store.queue(webhook, many)).toBe(true)
    expect(await store.queue(webhook, [deliveryFor(webhook, maxPendingDeliveries)])).toBe(false)
    expect(await store.takeReads(reading)).toEqual([])
    for (const taken of await store.takeDue(sending)) await store.record(taken, succeeded(now))
    const later = { ...reading, now: reading.until, until: reading.until + 1 }
    expect(await store.takeReads(later)).toMatchObject([{ id: webhook.id }])
  })

  it("webhooks: keeps the secret before until its time, to the millisecond, whatever is done meanwhile", async () => {
    const store = await opened()
    const webhook = webhookFor(1)
    const until = now + 86_400_000
    const secrets = { current: "whsec_new", previous: { secret: "whsec_1", until } }
    await store.add(webhook)
    await store.queue(webhook, [deliveryFor(webhook, 1)])
    await store.update(webhook, (one) => ({ ...one, secrets }))
    const sweep = async (time: number) => {
      while (await store.sweep({ now: time, endedBefore: now, limit: 10 }));
    }
    const kept = async () => (await store.get(webhook))?.secrets
    const [read] = await store.takeReads(reading)
    const [taken] = await store.takeDue(sending)
    if (taken === undefined) throw new Error("nothing was taken")
    expect([read?.secrets, taken.webhook.secrets]).toEqual([secrets, secrets])
    await store.record(taken, retried(now, now + 5))
    await store.update(webhook, (one) => ({ ...one, status: { state: "active" } }))
    await sweep(until - 1)
    expect(await kept()).toEqual(secrets)
    const [again] = await store.takeDue({ ...sending, now: until - 1, until: until + 9, isSlow: true })
    expect(again?.webhook.secrets).toEqual(secrets)
    await sweep(until)
    expect(await kept()).toEqual({ current: "whsec_new", previous: null })
    await sweep(until + 1)
    expect(await kept()).toEqual({ current: "whsec_new", previous: null })
  })

  it("webhooks: sends and keeps nothing of an endpoint that was removed, however its rows are swept", async () => {
    const store = await opened()
    const webhook = webhookFor(1)
    const later = { ...sending, now: now + 120_000, until: now + 180_000 }
    for (const limit of [1, 2, 3, 10]) {
      expect(await store.add(webhook)).toBe(true)
      const deliveries = Array.from({ length: 6 }, (_, number) => deliveryFor(webhook, number))
      await store.queue(webhook, deliveries)
      const [ended] = await store.takeDue(sending)
      const [underWay] = await store.takeDue(sending)
      if (ended === undefined || underWay === undefined) throw new Error("nothing was taken")
      await store.record(ended, succeeded(now))
      await store.remove(webhook)
      let sweeps = 0
      do {
        expect(await store.takeDue(later)).toEqual([])
        expect(await store.takeReads(later)).toEqual([])
        expect(await store.record(underWay, succeeded(now))).toBeUndefined()
        expect(await store.redeliver(webhook, { ids: [ended.delivery.id], now, limit: 1 })).toBe(0)
        expect(await store.get(webhook)).toBeUndefined()
        expect(sweeps++).toBeLessThan(20)
      } while (await store.sweep({ now, endedBefore: 0, limit }))
      // An endpoint of the same id would show deliveries that were left behind.
      await store.add(webhook)
      expect(await store.deliveries(webhook, pageOfAll)).toEqual({ items: [], next: null })
      await store.queue(webhook, [deliveryFor(webhook, 9)])
      expect(await store.takeDue(later)).toMatchObject([{ delivery: { id: deliveryFor(webhook, 9).id } }])
      await store.remove(webhook)
      while (await store.sweep({ now, endedBefore: 0, limit: 10 }));
    }
  })

  it("webhooks: answers as the store in memory does, whatever is asked", async () => {
    const store = await opened()
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 10, maxLength: 60 }), async (given) => {
        const operations = [...[0, 1, 2, 3].map((webhook) => ({ do: "add", webhook }) as const), ...given]
        const expected = await replay(MemoryServerStore.make().webhooks, operations)
        expect(await replay(store, operations)).toEqual(expected)
      }),
      { numRuns: process.env["NIGHTLY"] === undefined ? 40 : 1_000 }
    )
  }, 120_000)
}
