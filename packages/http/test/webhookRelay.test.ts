/** The relay: events become deliveries once, attempts are made once, and one endpoint never holds up another. */
import { Webhook as StandardWebhook } from "standardwebhooks"
import { describe, expect, it } from "vitest"
import { MemoryServerStore, type ServerStore, ServerStoreError } from "../src/index.ts"
import { maxInLane, maxOfWorkspace } from "../src/webhooks/Lanes.ts"
import { relayLimits } from "../src/webhooks/RelayOptions.ts"
import { startWebhookRelay } from "../src/webhooks/startWebhookRelay.ts"
import { drawSecret, rotate } from "../src/webhooks/webhookSecrets.ts"
import { answered, startRelayed } from "./relayed.ts"

const minute = 60_000
const day = 86_400_000

const bodiesOf = (sent: ReadonlyArray<{ readonly body: string }>) => sent.map(({ body }) => JSON.parse(body))

const idsOf = (sent: ReadonlyArray<{ readonly headers: Readonly<Record<string, string>> }>) =>
  sent.map(({ headers }) => headers["webhook-id"] ?? "")

describe("events", () => {
  it("become one webhook per message and kind, signed and in the published envelope", async () => {
    const { add, campaign, engine, process, sent } = await startRelayed()
    const webhook = await add()
    const ids = await campaign(3)
    const [first = "", second = "", third = ""] = ids
    const record = (type: "bounced" | "replied", messageId: string, more: object) =>
      engine.delivery.record({ reports: [{ messageId, type, ...more }] })
    await engine.delivery.record({ reports: ids.map((messageId) => ({ messageId, type: "sent" })) })
    await record("bounced", first, { kind: "soft" })
    await record("bounced", first, { kind: "hard" })
    await record("replied", second, { class: "interested" })
    await record("replied", third, { class: "out_of_office" })
    const { turn } = process()
    await turn()
    await turn()
    const told = bodiesOf(sent).map(({ data, event }) => [
      event,
      data.messageId ?? data.reply?.messageId ?? null,
      data.bounceType ?? null
    ])
    expect(told).toHaveLength(7)
    expect(told).toEqual(
      expect.arrayContaining([
        ["campaign.started", null, null],
        ...ids.map((id) => ["message.sent", id, null]),
        ["message.bounced", first, "soft"],
        ["message.bounced", first, "hard"],
        ["reply.received", second, null]
      ])
    )
    expect(new Set(idsOf(sent)).size).toBe(7)
    for (const { body, headers, url } of sent) {
      expect(url).toBe(webhook.url)
      expect(new StandardWebhook(webhook.secrets.current).verify(body, { ...headers })).toEqual(
        JSON.parse(body)
      )
    }
  })

  it("are told of the kinds that an endpoint asked for, from its creation on, to their workspace alone", async () => {
    const { add, campaign, deliveries, engine, process, sent } = await startRelayed()
    const [before = ""] = await campaign(1)
    await engine.delivery.record({ reports: [{ messageId: before, type: "sent" }] })
    const starts = await add({ events: ["campaign.started"] })
    const other = await add({ workspaceId: "oak" })
    const { turn } = process()
    await turn()
    expect(sent).toEqual([])
    const [after = ""] = await campaign(1)
    await engine.delivery.record({ reports: [{ messageId: after, type: "sent" }] })
    await turn()
    expect(bodiesOf(sent)).toMatchObject([{ event: "campaign.started" }])
    expect((await deliveries(starts)).items).toHaveLength(1)
    expect((await deliveries(other)).items).toEqual([])
  })

  it("of thousands of messages become deliveries in batches, once, however many processes read", async () => {
    const { add, campaign, deliveries, engine, process } = await startRelayed()
    const webhook = await add({ events: ["message.sent"] })
    const ids = await campaign(2_500)
    await engine.delivery.record({ reports: ids.map((messageId) => ({ messageId, type: "sent" })) })
    const processes = [process(), process(), process()]
    const readAll = async () => {
      const more = await Promise.all(processes.map(({ reader }) => reader.read()))
      return more.includes(true)
    }
    while (await readAll());
    const { items } = await deliveries(webhook)
    const told = items.map(({ subject }) => ("messageId" in subject ? subject.messageId : null))
    expect(told.toSorted()).toEqual(ids.toSorted())
  })

  it("of a log that no longer has the position are skipped up to its end, and the host is told", async () => {
    const { add, campaign, engine, errors, process, sent } = await startRelayed()
    await add({ position: { cursor: "7.00000000", offset: 0 } })
    await campaign(1)
    const { turn } = process()
    await turn()
    expect(sent).toEqual([])
    expect(errors).toMatchObject([{ _tag: "CursorUnknown" }])
    const [messageId = ""] = await campaign(1)
    await engine.delivery.record({ reports: [{ messageId, type: "sent" }] })
    await turn()
    expect(
      bodiesOf(sent)
        .map(({ event }) => event)
        .sort()
    ).toEqual(["campaign.started", "message.sent"])
  })
})

describe("attempts", () => {
  it("come by the published schedule, with the same id and body, and end", async () => {
    const { add, campaign, clock, deliveries, process, sent } = await startRelayed(() => answered(503))
    const webhook = await add({ events: ["campaign.started"] })
    await campaign(1)
    const times: Array<number> = []
    for (let hour = 0; hour < 24 * 60; hour++) {
      const before = sent.length
      // Another process each time: the schedule is in the store.
      await process().turn()
      if (sent.length > before) times.push(clock.now)
      clock.now += minute - 1_000
    }
    const waits = times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / minute)
    expect(waits).toEqual([1, 5, 30, 120, 480])
    expect(new Set(idsOf(sent)).size).toBe(1)
    expect(new Set(sent.map(({ body }) => body)).size).toBe(1)
    expect(new Set(sent.map(({ headers }) => headers["webhook-timestamp"])).size).toBe(6)
    const [failed] = (await deliveries(webhook)).items
    expect(failed).toMatchObject({
      state: { kind: "failed" },
      attempts: 6,
      lastAttempt: { outcome: answered(503) }
    })
  })

  it("wait as long as Retry-After asks, and then go on by the schedule", async () => {
    const { add, attempts, campaign, clock, process, sent } = await startRelayed(() => ({
      ...answered(429),
      ...(sent.length === 1 ? { retryAfter: "600" } : {})
    }))
    await add({ events: ["campaign.started"] })
    await campaign(1)
    const times: Array<number> = []
    for (let passed = 0; passed < 20; passed++) {
      const before = sent.length
      await process().turn()
      if (sent.length > before) times.push(clock.now)
      clock.now += minute - 1_000
    }
    expect(times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / minute)).toEqual([10, 5])
    // The host, which may log it, gets no text of the receiver.
    expect(attempts[0]?.outcome).toStrictEqual({ kind: "answered", status: 429 })
  })

  it("of a delivery that is asked for again are as many, under the same id", async () => {
    let status = 500
    const { add, campaign, clock, deliveries, process, sent, store } = await startRelayed(() =>
      answered(status)
    )
    const webhook = await add({ events: ["campaign.started"] })
    await campaign(1)
    for (let attempt = 0; attempt < 8; attempt++) {
      await process().turn()
      clock.now += day / 3
    }
    expect(sent).toHaveLength(6)
    const [{ id } = { id: "" }] = (await deliveries(webhook)).items
    expect(await store.webhooks.redeliver(webhook, { ids: [id], now: clock.now, limit: 1 })).toBe(1)
    await process().turn()
    status = 200
    clock.now += minute
    await process().turn()
    expect(sent).toHaveLength(8)
    expect(new Set(idsOf(sent))).toEqual(new Set([id]))
    expect((await deliveries(webhook)).items).toMatchObject([{ attempts: 8, state: { kind: "delivered" } }])
  })

  it("of a process that died come again after a minute, under the same id", async () => {
    const { add, campaign, clock, process, reached, sent } = await startRelayed(() =>
      sent.length === 1 ? undefined : answered(200)
    )
    await add({ events: ["campaign.started"] })
    await campaign(1)
    const died = process()
    clock.now += 1_000
    while (await died.reader.read());
    await died.dispatcher.send()
    await reached(1)
    const other = process()
    await other.turn()
    expect(sent).toHaveLength(1)
    clock.now += relayLimits.leaseMillis
    await other.turn()
    expect(sent).toHaveLength(2)
    expect(new Set(idsOf(sent)).size).toBe(1)
    await other.turn()
    expect(sent).toHaveLength(2)
  })

  it("are bounded whoever dies: a delivery whose processes all died fails", async () => {
    const { add, campaign, clock, deliveries, process, reached, sent } = await startRelayed(() => undefined)
    const webhook = await add({ events: ["campaign.started"] })
    await campaign(1)
    clock.now += 1_000
    while (await process().reader.read());
    for (let life = 1; life <= 6; life++) {
      await process().dispatcher.send()
      await reached(life)
      clock.now += relayLimits.leaseMillis
    }
    await process().turn()
    expect(sent).toHaveLength(6)
    const [delivery] = (await deliveries(webhook)).items
    expect(delivery).toMatchObject({ state: { kind: "failed" }, lastAttempt: { outcome: { kind: "lost" } } })
  })

  it("are made once, however many processes send", async () => {
    const { add, campaign, engine, process, sent } = await startRelayed()
    await add({ events: ["message.sent"] })
    const ids = await campaign(200)
    await engine.delivery.record({ reports: ids.map((messageId) => ({ messageId, type: "sent" })) })
    const processes = [process(), process(), process()]
    while (sent.length < 200) await Promise.all(processes.map(({ turn }) => turn()))
    await Promise.all(processes.map(({ turn }) => turn()))
    expect(sent).toHaveLength(200)
    expect(new Set(idsOf(sent)).size).toBe(200)
  })

  it("end after their time when the receiver never answers", async () => {
    const { add, attempts, campaign, process } = await startRelayed(() => undefined)
    await add({ events: ["campaign.started"] })
    await campaign(1)
    await process({}, 20).turn()
    expect(attempts).toMatchObject([
      { outcome: { kind: "timed_out" }, attempt: 1, event: "campaign.started" }
    ])
  })

  it("of a sender that throws fail, and the host is told; what the host throws is lost", async () => {
    const { add, attempts, campaign, errors, process } = await startRelayed()
    await add({ events: ["campaign.started"] })
    await campaign(1)
    const send = () => Promise.reject(new Error("a bug"))
    const onAttempt = (one: (typeof attempts)[number]) => {
      expect(one.outcome).toEqual({ kind: "connection_failed" })
      throw new Error("of the host")
    }
    await process({ send, onAttempt }).turn()
    expect(errors).toMatchObject([{ message: "a bug" }])
  })

  it("are recorded in a store that was busy", async () => {
    const memory = MemoryServerStore.make()
    let refusals = 2
    const store: ServerStore = {
      ...memory,
      webhooks: {
        ...memory.webhooks,
        record: (taken, rule) =>
          refusals-- > 0
            ? Promise.reject(new ServerStoreError("busy", { isRetryable: true }))
            : memory.webhooks.record(taken, rule)
      }
    }
    const { add, campaign, deliveries, process } = await startRelayed(() => answered(200), store)
    const webhook = await add({ events: ["campaign.started"] })
    await campaign(1)
    await process().turn()
    expect((await deliveries(webhook)).items).toMatchObject([{ state: { kind: "delivered" } }])
  })

  it("sign by both secrets while they rotate", async () => {
    const { add, campaign, clock, process, sent, store } = await startRelayed()
    const webhook = await add({ events: ["campaign.started"] })
    const next = drawSecret()
    await store.webhooks.update(webhook, (one) => ({
      ...one,
      secrets: rotate(one.secrets, next, { now: clock.now, keepSeconds: 3_600 })
    }))
    await campaign(1)
    const { turn } = process()
    await turn()
    clock.now += 3_600_000
    await campaign(1)
    await turn()
    const [during, after] = sent
    for (const secret of [next, webhook.secrets.current])
      new StandardWebhook(secret).verify(during?.body ?? "", { ...during?.headers })
    expect(during?.headers["x-leadterra-signature"]).toMatch(/^[0-9a-f]{64},[0-9a-f]{64}$/)
    expect(after?.headers["x-leadterra-signature"]).toMatch(/^[0-9a-f]{64}$/)
    expect(after?.headers["webhook-signature"]).toMatch(/^v1,\S+$/)
  })
})

describe("endpoints", () => {
  /** Twelve workspaces whose receivers never answer, and one whose receiver does, each with twelve deliveries. */
  const deadAndAlive = async (isKnown: boolean) => {
    const relayed = await startRelayed(({ url }) => (url.includes("dead") ? undefined : answered(200)))
    const { add, campaign, engine } = relayed
    const events = ["message.sent"] as const
    const health = { failingSince: null, failures: 0, isSlow: isKnown }
    const workspaces = Array.from({ length: 12 }, (_, number) => `dead${number}`)
    for (const workspaceId of workspaces)
      await add({ workspaceId, url: `https://${workspaceId}.example/`, events, health })
    await add({ workspaceId: "alive", events })
    for (const workspaceId of [...workspaces, "alive"]) {
      const ids = await campaign(12, workspaceId)
      await engine.delivery.record({ reports: ids.map((messageId) => ({ messageId, type: "sent" })) })
    }
    const one = relayed.process()
    relayed.clock.now += 1_000
    while (await one.reader.read());
    const dead = () => relayed.sent.filter(({ url }) => url.includes("dead"))
    return { ...relayed, ...one, dead }
  }

  it("that hang take the places of slow ones, a few for each workspace, and hold up no other", async () => {
    const { dead, dispatcher, made, sent } = await deadAndAlive(true)
    for (let alive = 0; alive < 12; ) {
      await dispatcher.send()
      alive = Math.min(12, alive + maxOfWorkspace)
      await made(alive)
    }
    expect(sent.length - dead().length).toBe(12)
    expect(dead()).toHaveLength(maxInLane)
    const counts = new Map<string, number>()
    for (const { url } of dead()) counts.set(url, (counts.get(url) ?? 0) + 1)
    for (const count of counts.values()) expect(count).toBeLessThanOrEqual(maxOfWorkspace)
    dispatcher.cut()
    await dispatcher.settle()
  })

  it("that were prompt until now hang in a few places each, beside the others", async () => {
    const { dead, dispatcher, reached, sent } = await deadAndAlive(false)
    await dispatcher.send()
    await reached(maxInLane)
    expect(sent.length - dead().length).toBeGreaterThan(0)
    dispatcher.cut()
    await dispatcher.settle()
  })

  it("that fail for days are disabled, keep what waits, tell the others, and go on when enabled", async () => {
    let status = 500
    const { add, attempts, campaign, clock, engine, process, sent, store } = await startRelayed(({ url }) =>
      answered(url.includes("failing") ? status : 200)
    )
    const failing = await add({ url: "https://failing.example/", events: ["campaign.started"] })
    const other = await add({ events: ["webhook.disabled"] })
    const silent = await add({ events: ["campaign.started"] })
    for (let hours = 0; hours < 6 * 24; hours += 4) {
      if (hours % 24 === 0) await campaign(1)
      await process().turn()
      clock.now += 4 * 60 * minute
    }
    const disabled = await store.webhooks.get(failing)
    expect(disabled?.status).toMatchObject({ state: "disabled", reason: "failing" })
    expect((await store.webhooks.get(silent))?.status).toEqual({ state: "active" })
    expect(attempts.filter((one) => one.disabled)).toMatchObject([{ webhookId: failing.id }])
    const told = sent.filter(({ url }) => url === other.url)
    expect(bodiesOf(told)).toEqual([
      {
        event: "webhook.disabled",
        timestamp: expect.any(String),
        data: { webhookId: failing.id, reason: "failing" }
      }
    ])
    const failed = sent.length
    await campaign(1)
    await process().turn()
    expect(sent.slice(failed).filter(({ url }) => url === failing.url)).toEqual([])
    status = 200
    await store.webhooks.update(failing, (one) => ({ ...one, status: { state: "active" } }))
    const before = new Set(idsOf(sent.filter(({ url }) => url === failing.url)))
    clock.now += day
    await process().turn()
    const after = new Set(idsOf(sent.slice(failed).filter(({ url }) => url === failing.url)))
    // Events of the disabled days are not lost, and deliveries that waited are tried again.
    expect([...after].filter((id) => !before.has(id)).length).toBeGreaterThan(0)
    const starts = (await engine.events.read({ workspaceId: "acme" })).items.filter(
      ({ kind }) => kind === "campaign.started"
    )
    expect(new Set([...before, ...after]).size).toBe(starts.length)
  })
})

describe("an endpoint that answers 410", () => {
  it("is disabled at once, tells the others, and goes on when enabled", async () => {
    let status = 410
    const { add, attempts, campaign, clock, process, sent, store } = await startRelayed(({ url }) =>
      answered(url.includes("gone") ? status : 200)
    )
    const gone = await add({ url: "https://gone.example/", events: ["campaign.started"] })
    const other = await add({ events: ["webhook.disabled"] })
    await campaign(1)
    await process().turn()
    expect((await store.webhooks.get(gone))?.status).toMatchObject({ state: "disabled", reason: "gone" })
    expect(attempts).toMatchObject([
      { webhookId: gone.id, disabled: true },
      { webhookId: other.id, disabled: false }
    ])
    expect(bodiesOf(sent.filter(({ url }) => url === other.url))).toMatchObject([
      { event: "webhook.disabled", data: { webhookId: gone.id, reason: "gone" } }
    ])
    clock.now += day
    await campaign(1)
    await process().turn()
    const toGone = () => sent.filter(({ url }) => url === gone.url)
    expect(toGone()).toHaveLength(1)
    status = 200
    await store.webhooks.update(gone, (one) => ({ ...one, status: { state: "active" } }))
    await process().turn()
    expect(toGone()).toHaveLength(3)
    expect(new Set(idsOf(toGone())).size).toBe(2)
  })
})

describe("a relay that runs", () => {
  const settings = async (receive?: Parameters<typeof startRelayed>[0]) => {
    const relayed = await startRelayed(receive)
    let tell = (): void => {}
    const attempted = new Promise<void>((resolve) => {
      tell = resolve
    })
    const { engine, store } = relayed
    return { ...relayed, attempted, options: { engine, store, onAttempt: () => tell() } }
  }

  it("delivers what happens, and stops when the attempts under way have ended", async () => {
    const { add, attempted, campaign, deliveries, options } = await settings()
    const webhook = await add({ events: ["campaign.started"] })
    let answer = (): void => {}
    let began = (): void => {}
    const begun = new Promise<void>((resolve) => {
      began = resolve
    })
    const relay = startWebhookRelay({
      ...options,
      send: () => {
        began()
        return new Promise((resolve) => {
          answer = () => resolve(answered(200))
        })
      }
    })
    await campaign(1)
    await begun
    const stopped = relay.stop()
    answer()
    await Promise.all([stopped, attempted])
    expect((await deliveries(webhook)).items).toMatchObject([{ state: { kind: "delivered" } }])
  })

  it("cuts off an attempt at the end of the grace, which stays due", async () => {
    const { add, campaign, deliveries, options } = await settings()
    const webhook = await add({ events: ["campaign.started"] })
    let began = (): void => {}
    const begun = new Promise<void>((resolve) => {
      began = resolve
    })
    const relay = startWebhookRelay({
      ...options,
      send: () => {
        began()
        return new Promise(() => {})
      }
    })
    await campaign(1)
    await begun
    await relay.stop(0)
    expect((await deliveries(webhook)).items).toMatchObject([
      { state: { kind: "pending" }, attempts: 1, lastAttempt: null }
    ])
  })

  it("goes on after an error of the store", async () => {
    const { add, attempted, campaign, options } = await settings()
    await add({ events: ["campaign.started"] })
    await campaign(1)
    let failures = 0
    const { webhooks } = options.store
    const failing: ServerStore = {
      ...options.store,
      webhooks: {
        ...webhooks,
        takeReads: (take) =>
          failures++ === 0 ? Promise.reject(new ServerStoreError("away")) : webhooks.takeReads(take)
      }
    }
    const errors: Array<unknown> = []
    const relay = startWebhookRelay({
      ...options,
      store: failing,
      send: async () => answered(200),
      onError: (error) => void errors.push(error)
    })
    await attempted
    await relay.stop()
    expect(errors).toMatchObject([{ message: "away" }])
  })
})
