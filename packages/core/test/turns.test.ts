import { MemoryRepository } from "@leadterra/adapter-memory"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { type Engine, EngineClosed, open } from "@leadterra/core/promise"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { describe, expect, it, onTestFinished } from "vitest"
import { makeTurns } from "../src/turns.ts"

const workspaceId = "ws_1"
const percentile = (values: ReadonlyArray<number>, part: number): number =>
  values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) * part)] ?? 0

/** Calls in a row, each awaited before the next, with a timer of 10 ms beside them: how long each took, and how late it fired. */
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
    let turns = 0
    const count = () => {
      turns++
      pending = setImmediate(count)
    }
    let pending = setImmediate(count)
    let rounds = 0
    for (;;) {
      const claimed = await engine.delivery.claim({ workspaceId, limit: 1_000 })
      if (claimed.length === 0) break
      rounds++
      const reports = claimed.map(({ messageId }) => ({ messageId, type: "sent" as const }))
      await engine.delivery.record({ reports })
    }
    clearImmediate(pending)
    expect(turns).toBeGreaterThanOrEqual(rounds)
  })

  /** An event loop whose clock and turns are moved by hand. */
  const handLoop = () => {
    const queue: Array<() => void> = []
    let now = 0
    return {
      now: () => now,
      onNextTurn: (run: () => void) => void queue.push(run),
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
    const turn = makeTurns(loop)
    const begun: Array<string> = []
    const call = (name: string, millis: number) =>
      Effect.runFork(
        Effect.andThen(
          turn,
          Effect.sync(() => {
            begun.push(name)
            loop.work(millis)
          })
        )
      )
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
    call("k", 1)
    expect(begun.slice(10)).toEqual(["k"])
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
