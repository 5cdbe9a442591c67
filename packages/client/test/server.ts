/** A client on the handlers in memory, and one on answers that a test writes. */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { open } from "@leadterra/core/promise"
import { createKey, handlers, MemoryServerStore } from "@leadterra/http"
import { onTestFinished } from "vitest"
import { type ClientOptions, connectWith } from "../src/connect.ts"
import { connect } from "../src/index.ts"
import type { Timing } from "../src/Timing.ts"

export const steps = [{ subject: "Hi {{firstName}}", bodyHtml: "<p>How is {{company}}?</p>" }]

export const startServer = async () => {
  const engine = await open(MemoryRepository.layer)
  const store = MemoryServerStore.make()
  const server = handlers({ engine, store })
  onTestFinished(async () => {
    await server.close()
    await store.close()
    await engine.close()
  })
  const { key } = await createKey({ engine, store }, { workspaceId: "ws_1", mode: "live", now: 1 })
  const client = (options: Partial<ClientOptions> = {}) =>
    connect({ url: "http://localhost", key, fetch: server.fetch, ...options })
  return { client, key, server }
}

export const testKey = "sk_test_secret"

/** A time that goes on by itself in waits, and in time limits by hand alone. */
export const startTiming = () => {
  const waits: Array<number> = []
  const limits = new Map<() => void, number>()
  let now = Date.parse("2026-06-10T15:00:00Z")
  const timing: Timing = {
    now: () => now,
    random: () => 0,
    sleep: async (millis, signal) => {
      if (signal?.aborted) throw signal.reason
      waits.push(millis)
      now += millis
    },
    timeout: (millis, run) => {
      limits.set(run, millis)
      return () => void limits.delete(run)
    }
  }
  return {
    limits,
    pass: (millis: number) => {
      now += millis
    },
    runOut: () => {
      for (const run of limits.keys()) run()
    },
    timing,
    waits
  }
}

export type Reply = (request: Request) => Response | Promise<Response>

/** A client whose requests are answered one by one; the last reply answers all that follow. */
export const startScript = (replies: ReadonlyArray<Reply>, options: Partial<ClientOptions> = {}) => {
  const time = startTiming()
  const requests: Array<Request> = []
  const client = connectWith(time.timing, {
    url: "http://localhost",
    key: testKey,
    fetch: async (request) => {
      const reply = replies[Math.min(requests.length, replies.length - 1)]
      requests.push(request)
      if (reply === undefined) throw new Error("no reply is left")
      return reply(request)
    },
    ...options
  })
  return { ...time, client, requests }
}

export const json = (body: unknown, init: ResponseInit = {}): Reply => {
  const headers = { "content-type": "application/json", ...init.headers }
  return () => new Response(JSON.stringify(body), { ...init, headers })
}

/** The numbers of a campaign, as an answer has them. */
export const someStats = {
  campaignId: "camp_1",
  totalEnrolled: 1,
  sent: 0,
  delivered: 0,
  bounced: 0,
  hardBounced: 0,
  replied: 0,
  queued: 1,
  openRate: 0,
  replyRate: 0
}

export const problem = (
  status: number,
  code: string,
  { headers = {}, ...members }: { headers?: Record<string, string>; [member: string]: unknown } = {}
): Reply => {
  const body = { type: `urn:leadterra:problem:${code}`, title: "A title", status, detail: "A detail", code }
  return () =>
    new Response(JSON.stringify({ ...body, ...members }), {
      status,
      headers: { "content-type": "application/problem+json", "x-request-id": "req_1", ...headers }
    })
}

/** The reply of a connection that is lost. */
export const lost: Reply = () => {
  throw Object.assign(new TypeError("fetch failed"), {
    cause: Object.assign(new Error(`connect ECONNREFUSED ${testKey}`), { code: "ECONNREFUSED" })
  })
}

/** Returns the rejection of a promise. */
export const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error("the promise resolved")
    },
    (error: unknown) => error
  )
