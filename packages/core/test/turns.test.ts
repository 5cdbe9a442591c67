import { MemoryRepository } from "@leadterra/adapter-memory"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { Campaigns, Delivery, Leads, type Repository, Suppression } from "@leadterra/core"
import { type Engine, EngineClosed, open, Unsubscribe } from "@leadterra/core/promise"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Scheduler } from "effect/Scheduler"
import { describe, expect, it, onTestFinished } from "vitest"
import { turnsDuring } from "../../../test/turnsDuring.ts"
import { mapInTurns } from "../src/inTurns.ts"
import { makeTurns } from "../src/turns.ts"

const workspaceId = "ws_1"
const percentile = (values: ReadonlyArray<number>, part: number): number =>
  values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) * part)] ?? 0

/**
 * Calls in a row, each awaited before the next, with a timer of 10 ms beside them: how long each
 * took, and how late it fired.
 */
const besideTimer = async (calls: ReadonlyArray<() => Promise<unknown>>) => {
  const delays: Array<number> = []
  const times: Array<number> = []
  const period = 10
  let due = performance.now() + period
  const fire = () => {
    const now = performance.now()
    delays.push(now - due)
    due = now + period
    timer = setTimeout(fire, period)
  }
  let timer = setTimeout(fire, period)
  for (const call of calls) {
    const startedAt = performance.now()
    await call()
    times.push(performance.now() - startedAt)
  }
  clearTimeout(timer)
  return { delays: [...delays, performance.now() - due], times }
}

/** Whether a timer fires while one call is awaited after the other, however they end. */
const firesDuring = async (call: () => Promise<unknown>): Promise<boolean> => {
  let hasFired = false
  const timer = setTimeout(() => {
    hasFired = true
  }, 1)
  for (let calls = 0; calls < 50_000 && !hasFired; calls++) await call().catch(() => {})
  clearTimeout(timer)
  return hasFired
}

const startCampaign = async (engine: Engine) => {
  const steps = [{ subject: "Hi {{firstName}}", bodyHtml: "<p>Hello</p>" }]
  const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "Spring", steps })
  await engine.leads.bulkUpsert({ workspaceId, campaignId, leads: [{ email: "first@example.com" }] })
  await engine.campaigns.start({ workspaceId, campaignId })
  return { workspaceId, campaignId }
}

describe("FAULTS 52: turns of the event loop", () => {
  it.each([
    ["in memory", MemoryRepository.layer],
    ["on SQLite", SqliteRepository.layer({ filename: ":memory:" })]
  ])("UP-6: a loop that awaits 100 batches lets a timer fire between them, %s", async (_, layer) => {
    const engine = await open<unknown>(layer)
    onTestFinished(engine.close)
    const ref = await startCampaign(engine)
    const upsert = (batch: number) => () => {
      const leads = Array.from({ length: 500 }, (_, row) => ({ email: `${batch}.${row}@example.com` }))
      return engine.leads.bulkUpsert({ ...ref, leads })
    }
    const { delays, times } = await besideTimer(Array.from({ length: 100 }, (_, batch) => upsert(batch)))
    expect(percentile(delays, 0.99)).toBeLessThan(3 * percentile(times, 0.99) + 10)
  })

  it("DE-1: claims and reports in a loop let other work of the process run", async () => {
    const engine = await open(SqliteRepository.layer({ filename: ":memory:" }))
    onTestFinished(engine.close)
    const ref = await startCampaign(engine)
    const leads = Array.from({ length: 10_000 }, (_, row) => ({ email: `${row}@example.com` }))
    await engine.leads.bulkUpsert({ ...ref, leads })
    let rounds = 0
    const turns = await turnsDuring(async () => {
      for (;;) {
        const claimed = await engine.delivery.claim({ workspaceId, limit: 1_000 })
        if (claimed.length === 0) break
        rounds++
        const reports = claimed.map(({ messageId }) => ({ messageId, type: "sent" as const }))
        await engine.delivery.record({ reports })
      }
    })
    expect(rounds).toBe(11)
    expect(turns).toBeGreaterThanOrEqual(rounds)
  })

  it("UP-6, UN-1: a loop of calls that fail at once lets timers fire too, and each fails with its own error", async () => {
    const engine = await open(MemoryRepository.layer)
    const reason = new Error("the client went away")
    const signal = AbortSignal.abort(reason)
    const get = (campaignId: string, options = {}) =>
      engine.campaigns.get({ workspaceId, campaignId }, options)
    const follow = async (input: object, options = {}) => {
      for await (const event of engine.events.stream({ workspaceId, ...input }, options)) return event
      return undefined
    }
    const secret = "5e884898da28047151d0e56f8dc62927"
    const tags: Array<unknown> = []
    const expectTurns = async (call: () => Promise<unknown>) => {
      expect(await firesDuring(call)).toBe(true)
      tags.push(await call().catch((error) => error._tag ?? error))
    }
    await expectTurns(() => get("camp_none"))
    await expectTurns(() => get("camp_none", { signal }))
    await expectTurns(() => follow({}))
    await expectTurns(() => follow({ limit: 0 }))
    await expectTurns(() => follow({}, { signal }))
    await expectTurns(() => Unsubscribe.verify({ secret, token: "u1.x.y" }))
    await expectTurns(() => Unsubscribe.verify({ secret: "", token: "u1.x.y" }))
    await expectTurns(() => Unsubscribe.sign({ secret, messageId: "x" }))
    await engine.close()
    await expectTurns(() => engine.delivery.claim({}))
    await expectTurns(() => follow({}))
    await expectTurns(() => get("camp_none", { signal }))
    expect(tags).toEqual([
      "CampaignNotFound",
      reason,
      undefined,
      "InvalidRequest",
      reason,
      "InvalidToken",
      "InvalidRequest",
      "InvalidRequest",
      "EngineClosed",
      "EngineClosed",
      reason
    ])
  })

  /** An event loop whose clock and turns are moved by hand. */
  const handLoop = () => {
    const queue: Array<() => void> = []
    let now = 0
    const scheduler: Scheduler = {
      executionMode: "async",
      shouldYield: () => false,
      makeDispatcher: () => ({ scheduleTask: (run) => void queue.push(run), flush: () => {} })
    }
    return {
      scheduler,
      now: () => now,
      work: (millis: number) => {
        now += millis
      },
      nextTurn: () => {
        for (const run of queue.splice(0)) run()
      },
      turnsAsked: () => queue.length
    }
  }

  it("UP-6: calls begin while a turn has time left, and wait for a later one in the order of their arrival", () => {
    const loop = handLoop()
    const { begin, scheduler } = makeTurns(loop.scheduler, loop.now)
    const begun: Array<string> = []
    const work = (name: string, millis: number) =>
      Effect.sync(() => {
        begun.push(name)
        loop.work(millis)
      })
    const call = (name: string, millis: number) =>
      Effect.runFork(Effect.andThen(begin, work(name, millis)), { scheduler })
    for (const name of ["a", "b", "c", "d", "e", "f"]) call(name, 2)
    expect(begun).toEqual(["a", "b", "c"])
    loop.nextTurn()
    expect(begun).toEqual(["a", "b", "c", "d", "e", "f"])
    call("g", 60)
    call("h", 60)
    const left = call("never", 1)
    call("i", 1)
    expect(begun.slice(6)).toEqual([])
    loop.nextTurn()
    expect(begun.slice(6)).toEqual(["g"])
    call("j", 1)
    Effect.runFork(Fiber.interrupt(left))
    loop.nextTurn()
    expect(begun.slice(6)).toEqual(["g", "h"])
    loop.nextTurn()
    expect(begun.slice(6)).toEqual(["g", "h", "i", "j"])
    loop.nextTurn()
    expect(loop.turnsAsked()).toBe(0)
    call("k", 4)
    expect(begun.slice(10)).toEqual(["k"])
    const inPieces = Effect.andThen(Effect.andThen(work("l", 1), Effect.yieldNow), work("m", 9))
    Effect.runFork(inPieces, { scheduler })
    Effect.runFork(inPieces, { scheduler })
    expect(begun.slice(11)).toEqual(["l", "l"])
    loop.nextTurn()
    expect(begun.slice(13)).toEqual(["m"])
    loop.nextTurn()
    expect(begun.slice(13)).toEqual(["m", "m"])
  })

  it("UP-6: of many calls at once each waits for its turn, and none that waited runs after the close", async () => {
    const engine = await open(SqliteRepository.layer({ filename: ":memory:" }))
    const ref = await startCampaign(engine)
    const leads = Array.from({ length: 1_000 }, (_, row) => ({ email: `${row}@example.com` }))
    const calls = Array.from({ length: 20 }, () => engine.leads.bulkUpsert({ ...ref, leads }))
    let landed = 0
    const landedAtTurns: Array<number> = []
    const count = () => {
      landedAtTurns.push(landed)
      pending = setImmediate(count)
    }
    let pending = setImmediate(count)
    await Promise.all(calls.map((call) => call.then(() => landed++)))
    clearImmediate(pending)
    expect(new Set(landedAtTurns).size).toBeGreaterThan(3)
    const late = Array.from({ length: 20 }, () => engine.leads.bulkUpsert({ ...ref, leads }))
    const ended = Promise.allSettled(late)
    await engine.close()
    for (const each of await ended)
      if (each.status === "rejected") expect(each.reason).toBeInstanceOf(EngineClosed)
  })
})

describe("FAULTS 47: calls at their limits", () => {
  const onMemory = <A, E>(call: Effect.Effect<A, E, Repository>) =>
    Effect.runPromise(Effect.provide(call, MemoryRepository.layer))

  it("TK-5: the event loop has a turn after each piece while the templates of a campaign are linted", async () => {
    const formatting = Array.from({ length: 400 }, (_, n) => `<b a${n}>`).join("")
    const hostile = `{{a}}${formatting}${"<i></i>".repeat(27_000)}`
    const steps = Array.from({ length: 5 }, () => ({ subject: "Hi", bodyHtml: hostile }))
    const name = "Spring"
    const pieces = (5 * hostile.length) / 4_096
    const created = await turnsDuring(() => onMemory(Campaigns.create({ workspaceId, name, steps })))
    expect(created).toBeGreaterThan(pieces)
    const replaced = Effect.gen(function* () {
      const { id: campaignId } = yield* Campaigns.create({ workspaceId, name })
      return yield* Campaigns.replaceSteps({ workspaceId, campaignId, steps })
    })
    expect(await turnsDuring(() => onMemory(replaced))).toBeGreaterThan(pieces)
  })

  it("UP-8: the event loop has a turn after each piece while the rows of a batch are parsed", async () => {
    const leads = Array.from({ length: 10_000 }, (_, row) => ({ email: `${row}@example.com` }))
    for (const call of [Leads.preview, Leads.bulkUpsert]) {
      const upserted = Effect.gen(function* () {
        const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "Spring" })
        return yield* call({ workspaceId, campaignId, leads })
      })
      const turns = await turnsDuring(() => onMemory(upserted))
      expect(turns).toBeGreaterThanOrEqual(10_000 / 504 - 1)
    }
  })

  it("SU-1, ER-1: the event loop has turns while the addresses of a call are parsed", async () => {
    const label = "\u00fc".repeat(45)
    const emails = Array.from({ length: 1_000 }, (_, i) => `a@${label}${i}.${label}.${label}.example`)
    const calls: ReadonlyArray<Effect.Effect<unknown, unknown, Repository>> = [
      Suppression.add({ workspaceId, emails }),
      Suppression.check({ workspaceId, emails }),
      Suppression.remove({ workspaceId, emails, actor: "op" }),
      Leads.erase({ workspaceId, emails })
    ]
    for (const call of calls) expect(await turnsDuring(() => onMemory(call))).toBeGreaterThanOrEqual(1)
  })

  it("DE-3: the event loop has turns while reports are parsed, and between the workspaces that they are of", async () => {
    const [campaign, lead] = ["01JXCQ00000000000000000000", "01JXCQ00000000000000000001"]
    const reports = Array.from({ length: 10_000 }, (_, i) => ({
      messageId: `msg_w${i % 100}_${campaign}_${lead}_0`,
      type: "sent" as const
    }))
    const turns = await turnsDuring(() => onMemory(Delivery.record({ reports })))
    expect(turns).toBeGreaterThanOrEqual(10_000 / 504 - 1 + 100)
  })

  it("UP-8: rows that take long to parse end a piece early, by the clock, and short lists have one piece", async () => {
    let nanos = 0n
    const clock: Clock.Clock = {
      currentTimeMillisUnsafe: () => 0,
      currentTimeMillis: Effect.succeed(0),
      currentTimeNanosUnsafe: () => 0n,
      currentTimeNanos: Effect.succeed(0n),
      monotonicTimeNanosUnsafe: () => nanos,
      monotonicTimeNanos: Effect.sync(() => nanos),
      sleep: () => Effect.void
    }
    const mapping = (length: number, nanosPerElement: bigint) => {
      const work = mapInTurns(
        Array.from({ length }, (_, index) => index),
        (element, index) => {
          nanos += nanosPerElement
          return [element, index]
        }
      )
      return Effect.runPromise(Effect.provideService(work, Clock.Clock, clock))
    }
    const expected = Array.from({ length: 160 }, (_, index) => [index, index])
    expect(await mapping(160, 1_000_000n)).toEqual(expected)
    expect(await turnsDuring(() => mapping(160, 1_000_000n))).toBeGreaterThanOrEqual(9)
    expect(await turnsDuring(() => mapping(500, 1n))).toBe(0)
  })
})
