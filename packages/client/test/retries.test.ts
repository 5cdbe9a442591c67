/** Which calls are sent again, how long the client waits, and how all of it ends. */
import { describe, expect, it } from "vitest"
import { connectWith } from "../src/connect.ts"
import type { LeadterraClient } from "../src/index.ts"
import {
  failureOf,
  json,
  lost,
  problem,
  type Reply,
  someStats,
  startScript,
  startTiming,
  steps,
  testKey
} from "./server.ts"

const stats = json(someStats)
const explained = { status: "paused", pausedAt: null, id: "camp_1", campaign: {}, lead: {}, results: [] }
const batch = { result: {}, outcomes: [], erased: 0, recorded: 0, repeated: 0, ignored: 0, failed: 0 }
/** An answer with the members of all the calls here. */
const any = json({ ...explained, ...batch, ...someStats, events: [], next: null, more: false })
const busy = problem(503, "unavailable", { headers: { "retry-after": "2" } })
const full = problem(429, "too_many_requests", { headers: { "retry-after": "7" } })
const gateway: Reply = () => new Response("<h1>Bad gateway</h1>", { status: 502 })

const repeatable: Record<string, (api: LeadterraClient) => Promise<unknown>> = {
  stats: ({ campaigns }) => campaigns.stats("camp_1"),
  start: ({ campaigns }) => campaigns.start("camp_1"),
  pause: ({ campaigns }) => campaigns.pause("camp_1"),
  "bulk with a key": ({ leads }) => leads.bulk("camp_1", { leads: [], idempotencyKey: "batch-1" }),
  preview: ({ leads }) => leads.preview("camp_1", { leads: [] }),
  lookup: ({ leads }) => leads.lookup({ email: "ava@acmecorp.com" }),
  erase: ({ leads }) => leads.erase({ emails: [] }),
  suppress: ({ suppression }) => suppression.add({ emails: [] }),
  check: ({ suppression }) => suppression.check({ emails: [] }),
  record: ({ delivery }) => delivery.record({ reports: [] }),
  read: ({ events }) => events.read()
}
const once: Record<string, (api: LeadterraClient) => Promise<unknown>> = {
  create: ({ campaigns }) => campaigns.create({ name: "Spring" }),
  update: ({ campaigns }) => campaigns.update("camp_1", { name: "Summer" }),
  replaceSteps: ({ campaigns }) => campaigns.replaceSteps("camp_1", { sequenceSteps: steps }),
  "bulk without a key": ({ leads }) => leads.bulk("camp_1", { leads: [] }),
  claim: ({ delivery }) => delivery.claim()
}

describe("a call that is safe to repeat", () => {
  it.each(Object.entries(repeatable))("%s comes again, the same to the byte", async (_, call) => {
    const { client, requests, waits } = startScript([busy, lost, gateway, any])
    await call(client)
    expect(waits).toEqual([2_000, 500, 1_000])
    const bodies = await Promise.all(requests.map((request) => request.text()))
    expect(new Set(bodies).size).toBe(1)
    const headers = requests.map((request) => JSON.stringify([...request.headers]))
    expect(new Set(headers).size).toBe(1)
  })

  it("waits as long as Retry-After says, in seconds or until a date, and never less", async () => {
    const until = problem(503, "unavailable", { headers: { "retry-after": "Wed, 10 Jun 2026 15:00:20 GMT" } })
    const past = problem(503, "unavailable", { headers: { "retry-after": "Wed, 10 Jun 2020 15:00:20 GMT" } })
    const { client, waits } = startScript([full, until, past, stats])
    await client.campaigns.stats("camp_1")
    expect(waits).toEqual([7_000, 13_000, 0])
  })

  it("ends after its retries with the last failure", async () => {
    const { client, requests, waits } = startScript([lost, lost, busy], { retries: 2 })
    const error = await failureOf(client.campaigns.stats("camp_1"))
    expect(error).toMatchObject({
      status: 503,
      code: "unavailable",
      requestId: "req_1",
      retryAfterMillis: 2_000
    })
    expect({ sent: requests.length, waits }).toEqual({ sent: 3, waits: [250, 500] })
  })

  it("ends at once when the next wait would be beyond the limit of all waits", async () => {
    const { client, waits } = startScript([full], { retries: 9, maxWaitMillis: 15_000 })
    expect(await failureOf(client.campaigns.stats("camp_1"))).toMatchObject({ code: "too_many_requests" })
    expect(waits).toEqual([7_000, 7_000])
  })

  it("is not sent again for a failure that would come again", async () => {
    for (const [status, code] of [
      [400, "invalid_request"],
      [404, "campaign_not_found"],
      [500, "internal"]
    ] as const) {
      const { client, requests } = startScript([problem(status, code), stats])
      expect(await failureOf(client.campaigns.stats("camp_1"))).toMatchObject({ status, code })
      expect(requests).toHaveLength(1)
    }
  })
})

describe("a call that is not safe to repeat", () => {
  it.each(Object.entries(once))("%s is sent once, however it fails", async (_, call) => {
    for (const failure of [busy, full, lost, gateway]) {
      const { client, requests, waits } = startScript([failure, stats])
      await failureOf(call(client))
      expect({ sent: requests.length, waits }).toEqual({ sent: 1, waits: [] })
    }
  })
})

describe("time limits and signals", () => {
  const silent: Reply = () => new Promise(() => {})
  const endless: Reply = () =>
    new Response(new ReadableStream({ start: () => {} }), { headers: { "content-type": "application/json" } })

  it("an answer that does not come, or does not end, is told from a lost connection", async () => {
    for (const reply of [silent, endless]) {
      const script = startScript([reply], { retries: 0, timeoutMillis: 5_000 })
      const failed = failureOf(script.client.campaigns.stats("camp_1"))
      await new Promise(setImmediate)
      expect([...script.limits.values()]).toEqual([5_000])
      script.runOut()
      expect(await failed).toMatchObject({ status: null, code: "timed_out" })
      expect(script.limits.size).toBe(0)
      expect(script.requests[0]?.signal.aborted).toBe(true)
    }
    const { client } = startScript([lost], { retries: 0 })
    expect(await failureOf(client.campaigns.stats("camp_1"))).toMatchObject({
      status: null,
      code: "connection_failed",
      detail: expect.stringContaining("(ECONNREFUSED)")
    })
  })

  it("a connection that is lost within an answer is a lost connection", async () => {
    const cut: Reply = () =>
      new Response(
        new ReadableStream({ pull: (controller) => controller.error(new TypeError("terminated")) }),
        {
          headers: { "content-type": "application/json" }
        }
      )
    const { client } = startScript([cut, stats])
    expect(await client.campaigns.stats("camp_1")).toEqual(someStats)
    const { client: twice } = startScript([cut], { retries: 1 })
    expect(await failureOf(twice.campaigns.stats("camp_1"))).toMatchObject({ code: "connection_failed" })
  })

  it("a signal ends a call before it is sent, while it is sent and while it waits, by its reason", async () => {
    const reason = new Error("left")
    const before = startScript([stats])
    expect(await failureOf(before.client.campaigns.list({}, { signal: AbortSignal.abort(reason) }))).toBe(
      reason
    )
    expect(before.requests).toHaveLength(0)

    const sending = new AbortController()
    const during = startScript([silent])
    const failed = failureOf(during.client.campaigns.stats("camp_1", { signal: sending.signal }))
    await new Promise(setImmediate)
    sending.abort(reason)
    expect(await failed).toBe(reason)
    expect(during.limits.size).toBe(0)

    const waiting = new AbortController()
    const asleep = startTiming()
    const timing = {
      ...asleep.timing,
      sleep: (_: number, signal: AbortSignal | undefined) =>
        new Promise<void>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)))
    }
    const client = connectWith(timing, {
      url: "http://localhost",
      key: testKey,
      fetch: async () => busy(new Request("http://x"))
    })
    const late = failureOf(client.campaigns.stats("camp_1", { signal: waiting.signal }))
    await new Promise(setImmediate)
    waiting.abort(reason)
    expect(await late).toBe(reason)
  })

  it("a signal ends a loop over pages", async () => {
    const controller = new AbortController()
    const { client } = startScript([json({ leads: [{ id: "lead_1" }], next: "a" })])
    const loop = client.leads.all({ signal: controller.signal })
    expect((await loop.next()).value).toEqual({ id: "lead_1" })
    controller.abort(new Error("left"))
    expect(await failureOf(loop.next())).toMatchObject({ message: "left" })
  })
})
