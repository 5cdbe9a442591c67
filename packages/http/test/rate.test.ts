/** Rates of calls: the rule, the callers of a process, and the headers of answers. */
import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { judgeCall, type RateLimit, type Usage } from "../src/rate/judgeCall.ts"
import { Rates } from "../src/rate/Rates.ts"
import { startServer } from "./server.ts"

const limit: fc.Arbitrary<RateLimit> = fc.record({
  calls: fc.integer({ min: 1, max: 20 }),
  seconds: fc.integer({ min: 1, max: 5 })
})

/** Times in order, in milliseconds, some of them the same. */
const times = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000 })), { maxLength: 60 })
  .map((pauses) => {
    let at = 0
    return pauses.map((pause) => {
      at += pause
      return at
    })
  })

/** Judges calls one after the other. */
const judgeAll = (limit: RateLimit, times: ReadonlyArray<number>) => {
  let usage: Usage | undefined
  return times.map((now) => {
    const judged = judgeCall(limit, usage, now)
    usage = judged.usage
    return { ...judged, now }
  })
}

describe("the rule of a rate", () => {
  it("lets no more calls into any stretch of time than the burst and what the stretch gives back", () => {
    fc.assert(
      fc.property(limit, times, (limit, times) => {
        const allowed = judgeAll(limit, times).filter(({ isAllowed }) => isAllowed)
        for (const [first, { now: from }] of allowed.entries()) {
          for (const [more, { now: to }] of allowed.slice(first).entries()) {
            const most = limit.calls + Math.floor(((to - from) * limit.calls) / (limit.seconds * 1_000))
            expect(more + 1).toBeLessThanOrEqual(most)
          }
        }
      })
    )
  })

  it("refuses nobody who keeps to the rate, after any calls before", () => {
    fc.assert(
      fc.property(limit, times, fc.nat({ max: 50 }), (limit, times, more) => {
        const apart = Math.ceil((limit.seconds * 1_000) / limit.calls)
        const last = times.at(-1) ?? 0
        const steady = Array.from({ length: more }, (_, index) => last + (index + 1) * apart)
        const judged = judgeAll(limit, [...times, ...steady]).slice(times.length)
        expect(judged.filter(({ isAllowed }) => !isAllowed)).toEqual([])
      })
    )
  })

  it("tells how many calls remain, and the second in which there is one more", () => {
    fc.assert(
      fc.property(limit, times, (limit, times) => {
        for (const { now, remaining, secondsToNext, usage } of judgeAll(limit, times)) {
          let left: Usage = usage
          const takeAt = (at: number): boolean => {
            const judged = judgeCall(limit, left, at)
            left = judged.usage
            return judged.isAllowed
          }
          for (let call = 0; call < remaining; call++) expect(takeAt(now)).toBe(true)
          expect(takeAt(now)).toBe(false)
          expect(secondsToNext).toBeGreaterThanOrEqual(1)
          expect(takeAt(now + (secondsToNext - 1) * 1_000)).toBe(false)
          expect(takeAt(now + secondsToNext * 1_000)).toBe(true)
        }
      })
    )
  })

  it("takes a refused call, and a time that has gone back, for nothing", () => {
    fc.assert(
      fc.property(limit, times, fc.nat({ max: 5_000 }), (limit, times, back) => {
        const judged = judgeAll(limit, times)
        const only = judgeAll(
          limit,
          judged.filter(({ isAllowed }) => isAllowed).map(({ now }) => now)
        )
        expect(only.every(({ isAllowed }) => isAllowed)).toBe(true)
        const last = judged.at(-1)
        if (last === undefined) return
        expect(judgeCall(limit, last.usage, last.now - back)).toEqual(judgeCall(limit, last.usage, last.now))
      })
    )
  })
})

describe("the callers of a process", () => {
  it("have a rate each, whatever the others do", () => {
    const calls = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.nat({ max: 500 })))
    fc.assert(
      fc.property(limit, calls, (limit, calls) => {
        const rates = new Rates(limit)
        let now = 0
        const taken = calls.map(([caller, pause]) => {
          now += pause
          return { caller, now, isAllowed: rates.take(caller, now).isAllowed }
        })
        for (const caller of ["a", "b", "c"]) {
          const own = taken.filter((call) => call.caller === caller)
          const alone = judgeAll(
            limit,
            own.map(({ now }) => now)
          )
          expect(own.map(({ isAllowed }) => isAllowed)).toEqual(alone.map(({ isAllowed }) => isAllowed))
        }
      })
    )
  })

  it("are forgotten once their usage is over", () => {
    const rates = new Rates({ calls: 10, seconds: 1 })
    for (let caller = 0; caller < 100_000; caller++) rates.take(`caller ${caller}`, caller)
    expect(rates.size).toBeLessThan(2_500)
  })
})

describe("the rate of a workspace", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }))
  afterEach(() => void vi.useRealTimers())

  it("is told by every answer of a call with a key, and by no other", async () => {
    const { call, keyOf } = await startServer({ maxCallsPerSecond: 2 })
    const first = await call("GET", "/v1/campaigns")
    expect(first.headers.get("ratelimit-policy")).toBe('"calls";q=20;w=10')
    expect(first.headers.get("ratelimit")).toBe('"calls";r=19;t=1')
    const malformed = await call("POST", "/v1/campaigns", "{")
    expect([malformed.status, malformed.headers.get("ratelimit")]).toEqual([400, '"calls";r=18;t=1'])
    const other = await call("GET", "/v1/campaigns", undefined, { key: await keyOf("ws_2") })
    expect(other.headers.get("ratelimit")).toBe('"calls";r=19;t=1')
    for (const [path, key] of [
      ["/v1/campaigns", null],
      ["/v1/nothing", undefined],
      ["/openapi.json", null]
    ] as const) {
      const { headers } = await call("GET", path, undefined, key === undefined ? {} : { key })
      expect([headers.get("ratelimit"), headers.get("ratelimit-policy")], path).toEqual([null, null])
    }
  })

  it("ends in 429 before a body is read, with the time to come again, and leaves other workspaces alone", async () => {
    const { call, keyOf, server } = await startServer({ maxCallsPerSecond: 1 })
    const key = await keyOf("ws_1")
    for (let made = 0; made < 10; made++) expect((await call("GET", "/v1/campaigns")).status).toBe(200)
    const body = new ReadableStream(
      { pull: () => expect.unreachable("the body is read") },
      { highWaterMark: 0 }
    )
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" }
    const init = { method: "POST", headers, body, duplex: "half" } as RequestInit
    const refused = await server.fetch(new Request("http://localhost/v1/campaigns", init))
    expect(refused.status).toBe(429)
    expect(await refused.json()).toMatchObject({ code: "too_many_requests", status: 429 })
    expect(refused.headers.get("retry-after")).toBe("1")
    expect(refused.headers.get("ratelimit")).toBe('"calls";r=0;t=1')
    const other = await call("GET", "/v1/campaigns", undefined, { key: await keyOf("ws_2") })
    expect(other.status).toBe(200)
    vi.advanceTimersByTime(1_000)
    expect((await call("GET", "/v1/campaigns")).headers.get("ratelimit")).toBe('"calls";r=0;t=1')
  })

  it("is refused above a million calls a second", async () => {
    await expect(startServer({ maxCallsPerSecond: 1_000_001 })).rejects.toThrow("at most 1000000")
  })
})
