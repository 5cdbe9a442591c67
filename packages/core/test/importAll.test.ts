import { MemoryRepository } from "@leadterra/adapter-memory"
import {
  Campaigns,
  ImportStopped,
  InvalidRequest,
  Leads,
  Limits,
  Repository,
  RepositoryError,
  SourceFailed,
  SourceRow,
  StoreBusy,
  StoreDisconnected
} from "@leadterra/core"
import { EngineClosed, open } from "@leadterra/core/promise"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import fc from "fast-check"
import { describe, expect, it } from "vitest"

const workspaceId = "w"
const person = (index: number) => ({ email: `lead${index}@example.com`, plan: "free" })
const people = (count: number) => Array.from({ length: count }, (_, index) => person(index))

const draft = Effect.map(Campaigns.create({ workspaceId, name: "c" }), ({ id }) => ({
  workspaceId,
  campaignId: id
}))

const run = <A, E>(program: Effect.Effect<A, E, Repository>, layer = MemoryRepository.layer) =>
  Effect.runPromise(Effect.provide(program, Layer.fresh(layer)))

/** Imports into a new campaign, and gives the summary or the error. */
const imported = (leads: unknown, options: object = {}) =>
  Effect.flatMap(draft, (ref) => Leads.importAll({ ...ref, leads: leads as Iterable<unknown>, ...options }))

/** The memory store, whose decisions on rows wait for something first. */
const storeThat = (before: (rows: number) => Effect.Effect<void, RepositoryError>) =>
  Layer.sync(Repository, (): Repository["Service"] => {
    const sound = MemoryRepository.make()
    return {
      ...sound,
      decide: (scope, rule) => {
        const { addresses = [] } = scope
        const decided = sound.decide(scope, rule)
        return addresses.length === 0 ? decided : Effect.andThen(before(addresses.length), decided)
      }
    }
  })

const busy = Effect.fail(new RepositoryError({ operation: "decide", reason: new StoreBusy() }))

/** Counts what was asked of an iterator. */
class Counted {
  asked = 0
  isClosed = false
  private readonly count: number
  constructor(count: number) {
    this.count = count
  }
  *[Symbol.iterator]() {
    try {
      for (let i = 0; i < this.count; i++) {
        this.asked++
        yield person(i)
      }
    } finally {
      this.isClosed = true
    }
  }
}

async function* slowly(rows: Iterable<unknown>) {
  for (const row of rows) yield row
}

describe("an import", () => {
  it.each([
    ["an array", () => people(1_200)],
    ["an iterable", () => new Set(people(1_200))],
    ["an async iterable", () => slowly(people(1_200))],
    ["an Effect stream", () => Stream.fromIterable(people(1_200))]
  ])("IM-1, IM-2: takes %s, in batches, and tells after each", async (_, rows) => {
    const told: Array<Leads.ImportProgress> = []
    const onProgress = (progress: Leads.ImportProgress) => told.push(progress)
    const summary = await run(imported(rows(), { batchSize: 500, onProgress }))
    expect(summary).toMatchObject({
      rows: 1_200,
      enrolled: 1_200,
      next: 1_200,
      batches: 3,
      totalInCampaign: 1_200
    })
    expect(told.map(({ batch, rows }) => [rows, batch?.rows, batch?.tries])).toEqual([
      [0, undefined, undefined],
      [500, 500, 1],
      [1_000, 500, 1],
      [1_200, 200, 1]
    ])
  })

  it("IM-1: of no rows is an answer, and of an unknown campaign is not found before a row is asked for", async () => {
    expect(await run(imported([]))).toMatchObject({ rows: 0, batches: 0, totalInCampaign: 0, failedRows: [] })
    const rows = new Counted(10)
    const unknown = Leads.importAll({ workspaceId, campaignId: "camp_none", leads: rows })
    expect(await run(Effect.flip(unknown))).toMatchObject({ _tag: "CampaignNotFound" })
    expect(rows.asked).toBe(0)
  })

  it.each([
    [{ leads: "ava@example.com" }, "leads"],
    [{ leads: { email: "ava@example.com" } }, "leads"],
    [{ leads: null }, "leads"],
    [{ leads: Buffer.from("ava@example.com") }, "leads"],
    [{ leads: Object("ava@example.com") }, "leads"],
    [{ batchSize: 499 }, "batchSize"],
    [{ batchSize: 10_001 }, "batchSize"],
    [{ from: -1 }, "from"],
    [{ from: 0.5 }, "from"],
    [{ retries: 21 }, "retries"],
    [{ onProgress: "tell me" }, "onProgress"]
  ])("IM-1: %j is refused by its path", async (options, path) => {
    const error = await run(Effect.flip(imported([], options)))
    expect(error).toBeInstanceOf(InvalidRequest)
    expect(error).toMatchObject({ issues: [{ path }] })
  })

  it("IM-2: asks for no row before its batch is due, and closes a source that it leaves", async () => {
    const rows = new Counted(10_000)
    const seen = await run(
      Effect.flatMap(draft, (ref) =>
        Leads.importStream({ ...ref, leads: rows, batchSize: 500 }).pipe(
          Stream.map(({ rows: landed }) => [landed, rows.asked]),
          Stream.take(3),
          Stream.runCollect
        )
      )
    )
    expect(seen).toEqual([
      [0, 0],
      [500, 500],
      [1_000, 1_000]
    ])
    expect(rows.isClosed).toBe(true)
  })

  it("IM-2: gives other work of the process its turn between two batches", async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    const seen: Array<number> = []
    await run(imported(people(20_000), { onProgress: () => seen.push(turns) }))
    clearInterval(timer)
    expect(new Set(seen).size).toBeGreaterThan(5)
  })

  it("IM-2: tells the rate and how long a batch took, by the clock of Effect", async () => {
    const told: Array<Leads.ImportProgress> = []
    await run(
      Effect.gen(function* () {
        const importing = yield* Effect.forkChild(
          imported(people(1_000), {
            batchSize: 500,
            onProgress: (progress: Leads.ImportProgress) => told.push(progress)
          })
        )
        yield* TestClock.adjust("10 seconds")
        yield* Fiber.join(importing)
      }).pipe(Effect.provide(TestClock.layer())),
      storeThat(() => Effect.sleep("2 seconds"))
    )
    expect(told.map(({ batch, millis, rowsPerSecond }) => [millis, rowsPerSecond, batch?.millis])).toEqual([
      [0, 0, undefined],
      [2_000, 250, 2_000],
      [4_000, 250, 2_000]
    ])
  })
})

describe("an import that is stopped", () => {
  it("IM-3: waits for a busy store twice as long each time, and goes on", async () => {
    const tried: Array<number> = []
    let left = 4
    const summary = await run(
      Effect.gen(function* () {
        const importing = yield* Effect.forkChild(imported(people(500)))
        yield* TestClock.adjust("10 seconds")
        return yield* Fiber.join(importing)
      }).pipe(Effect.provide(TestClock.layer())),
      storeThat(() =>
        Effect.gen(function* () {
          tried.push(yield* Effect.clockWith((clock) => clock.currentTimeMillis))
          if (left-- > 0) return yield* busy
        })
      )
    )
    expect(summary).toMatchObject({ rows: 500, enrolled: 500 })
    const waits = tried.slice(1).map((time, index) => (time - (tried[index] ?? 0)) / (100 * 2 ** index))
    expect(waits).toHaveLength(4)
    for (const wait of waits) expect(Math.abs(wait - 1)).toBeLessThanOrEqual(0.25)
  })

  it("IM-3: says why, what has landed and where to go on, and serialises", async () => {
    let batches = 0
    const store = storeThat(() => Effect.suspend(() => (++batches > 2 ? busy : Effect.void)))
    const [error, total] = await run(
      Effect.gen(function* () {
        const ref = yield* draft
        const rows = { ...ref, leads: people(2_000), batchSize: 500, retries: 0 }
        const error = yield* Effect.flip(Leads.importAll(rows))
        batches = -10
        const next = error._tag === "ImportStopped" ? error.next : 0
        return [error, (yield* Leads.importAll({ ...rows, from: next })).totalInCampaign] as const
      }),
      store
    )
    expect(error).toBeInstanceOf(ImportStopped)
    expect(error).toMatchObject({
      next: 1_000,
      landed: { rows: 1_000, enrolled: 1_000, totalInCampaign: 1_000 }
    })
    expect(error.message).toMatch(/after 1000 rows, which have landed: .*go on with from: 1000$/)
    expect(total).toBe(2_000)
    const encoded: unknown = JSON.parse(JSON.stringify(Schema.encodeUnknownSync(ImportStopped)(error)))
    expect(Schema.decodeUnknownSync(ImportStopped)(encoded)).toMatchObject({
      next: 1_000,
      reason: { reason: { _tag: "StoreBusy" } }
    })
  })

  it.each([false, true])(
    "IM-3: stops at a lost connection, and what it tells is true: its batch had landed %s",
    async (hasLanded) => {
      const lost = Effect.fail(new RepositoryError({ operation: "decide", reason: new StoreDisconnected() }))
      const decisions: Array<number> = []
      const store = Layer.sync(Repository, (): Repository["Service"] => {
        const sound = MemoryRepository.make()
        return {
          ...sound,
          decide: (scope, rule) => {
            const rows = scope.addresses?.length ?? 0
            if (rows === 0) return sound.decide(scope, rule)
            const isLost = decisions.push(rows) === 2
            if (!isLost) return sound.decide(scope, rule)
            return hasLanded ? Effect.andThen(sound.decide(scope, rule), lost) : lost
          }
        }
      })
      const [error, again] = await run(
        Effect.gen(function* () {
          const input = { ...(yield* draft), leads: people(1_500), batchSize: 500 }
          const error = yield* Effect.flip(Leads.importAll(input))
          expect(decisions).toEqual([500, 500])
          return [error, yield* Leads.importAll({ ...input, from: 500 })] as const
        }),
        store
      )
      expect(error).toMatchObject({
        _tag: "ImportStopped",
        reason: { reason: { _tag: "StoreDisconnected" } },
        landed: { rows: 500, enrolled: 500, updated: 0, totalInCampaign: 500 },
        next: 500
      })
      const updated = hasLanded ? 500 : 0
      expect(again).toMatchObject({ enrolled: 1_000 - updated, updated, totalInCampaign: 1_500 })
    }
  )

  it("IM-3: goes on after a lost answer with the counts of an undisturbed run, under a resume key", async () => {
    let batches = 0
    const lost = new RepositoryError({ operation: "decide", reason: new StoreDisconnected() })
    const store = Layer.sync(Repository, (): Repository["Service"] => {
      const sound = MemoryRepository.make()
      return {
        ...sound,
        decide: (scope, rule) => {
          const decided = sound.decide(scope, rule)
          const isLost = (scope.addresses?.length ?? 0) > 0 && ++batches === 2
          return isLost ? Effect.andThen(decided, Effect.fail(lost)) : decided
        }
      }
    })
    const [error, again, other] = await run(
      Effect.gen(function* () {
        const input = { ...(yield* draft), leads: people(1_500), batchSize: 500, resumeKey: "imp_1" }
        const error = yield* Effect.flip(Leads.importAll(input))
        const again = yield* Leads.importAll({ ...input, from: 500 })
        return [error, again, yield* Effect.flip(Leads.importAll({ ...input, from: 500, batchSize: 600 }))]
      }),
      store
    )
    expect(error).toMatchObject({ landed: { enrolled: 500 }, next: 500 })
    expect(again).toMatchObject({ enrolled: 1_000, updated: 0, totalInCampaign: 1_500 })
    expect(other).toMatchObject({ _tag: "IdempotencyConflict" })
  })

  it.each([
    [
      "an iterable",
      function* () {
        yield* people(700)
        throw new Error("torn")
      }
    ],
    [
      "an async iterable",
      async function* () {
        yield* people(700)
        throw new Error("torn")
      }
    ],
    ["a stream", () => Stream.concat(Stream.fromIterable(people(700)), Stream.fail(new Error("torn")))]
  ])("IM-3: lands what came before %s failed", async (_, rows) => {
    const error = await run(Effect.flip(imported(rows(), { batchSize: 500 })))
    expect(error).toMatchObject({ _tag: "ImportStopped", next: 700, landed: { enrolled: 700 } })
    const reason = error._tag === "ImportStopped" ? error.reason : null
    expect(reason).toBeInstanceOf(SourceFailed)
    expect(reason).toMatchObject({ cause: new Error("torn") })
  })

  it("IM-3: takes an iterator that gives no objects for one that failed, and does not ask it for ever", async () => {
    const broken = { [Symbol.iterator]: () => ({ next: () => 5 as never }) }
    expect(await run(Effect.flip(imported(broken)))).toMatchObject({ _tag: "ImportStopped", next: 0 })
  })

  it("IM-3: can be left while rows are passed over, also of a source without an end", async () => {
    function* endless() {
      for (;;) yield person(1)
    }
    await using engine = await open(MemoryRepository.layer)
    const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "c" })
    for (const leads of [endless(), slowly(endless())]) {
      const controller = new AbortController()
      const reason = new Error("enough")
      setTimeout(() => controller.abort(reason), 5)
      const rows = { workspaceId, campaignId, leads, from: Number.MAX_SAFE_INTEGER }
      await expect(engine.leads.importAll(rows, { signal: controller.signal })).rejects.toBe(reason)
    }
  })

  it("IM-3: leaves a source that never gives its next row", async () => {
    const stuck: AsyncIterable<unknown> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: () => new Promise(() => {})
      })
    }
    await using engine = await open(MemoryRepository.layer)
    const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "c" })
    const controller = new AbortController()
    const reason = new Error("enough")
    const importing = engine.leads.importAll(
      { workspaceId, campaignId, leads: stuck },
      { signal: controller.signal }
    )
    setImmediate(() => controller.abort(reason))
    await expect(importing).rejects.toBe(reason)
  })

  it("IM-3: waits five seconds for a source that never closes, after a failure and an interruption", async () => {
    async function* unclosable() {
      try {
        for (let index = 0; ; index++) yield person(index)
      } finally {
        await new Promise(() => {})
      }
    }
    for (const fails of [true, false]) {
      const begun = Deferred.makeUnsafe<void>()
      const goesOn = Deferred.makeUnsafe<void>()
      const layer = Layer.merge(
        storeThat(() =>
          Effect.gen(function* () {
            yield* Deferred.succeed(begun, undefined)
            yield* Deferred.await(goesOn)
            if (fails) yield* busy
          })
        ),
        TestClock.layer()
      )
      const ends = Effect.gen(function* () {
        const importing = yield* Effect.forkChild(
          Effect.exit(imported(unclosable(), { batchSize: 500, retries: 0 }))
        )
        yield* Deferred.await(begun)
        const ending = yield* Effect.forkChild(fails ? Fiber.join(importing) : Fiber.interrupt(importing))
        yield* Effect.yieldNow
        yield* Deferred.succeed(goesOn, undefined)
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        yield* TestClock.adjust(Limits.maxSourceCloseMillis - 1)
        expect(ending.pollUnsafe()).toBeUndefined()
        yield* TestClock.adjust(1)
        yield* Fiber.await(ending)
      })
      await Effect.runPromise(Effect.provide(ends, layer))
    }
  })

  it("IM-3: by a signal stops between two batches, and has told of all that landed", async () => {
    await using engine = await open(storeThat(() => Effect.sleep("5 millis")))
    const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "c" })
    const controller = new AbortController()
    const reason = new Error("enough")
    let told = 0
    const onProgress = ({ rows }: Leads.ImportProgress) => {
      told = rows
      if (rows === 1_000) setTimeout(() => controller.abort(reason), 1)
    }
    const rows = { workspaceId, campaignId, leads: people(5_000), batchSize: 500, onProgress }
    await expect(engine.leads.importAll(rows, { signal: controller.signal })).rejects.toBe(reason)
    expect(told).toBe(1_500)
    const report = await engine.leads.bulkUpsert({ workspaceId, campaignId, leads: [] })
    expect(report.totalInCampaign).toBe(told)
  })
})

describe("rows that failed", () => {
  const unreadable = [{ path: "", reason: "BrokenLine", message: "the line is no JSON" }]

  it("IM-4: come back as they were, with place, line, reasons, and what may land them", async () => {
    const rows = [
      { email: "ava@example.com" },
      { email: "nobody" },
      new SourceRow({ email: "bo@example.com" }, 7),
      new SourceRow({ email: "bo@" }, 8),
      new SourceRow('{"email": "c', 9, unreadable, "later"),
      new SourceRow({ email: "dee@example.com" }, 10)
    ]
    const summary = await run(imported(rows))
    expect(summary).toMatchObject({ rows: 6, enrolled: 3, failed: 3, next: 6 })
    expect(summary.failedRows).toMatchObject([
      { index: 1, line: null, row: { email: "nobody" }, retry: "corrected", issues: [{ path: "email" }] },
      { index: 3, line: 8, row: { row: { email: "bo@" } }, retry: "corrected", issues: [{ path: "email" }] },
      { index: 4, line: 9, row: rows[4], retry: "later", issues: unreadable }
    ])
  })

  it("IM-4: corrected and handed back, land, and nothing else changes", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }), async (isValid) => {
        const list = isValid.map((valid, index) => (valid ? person(index) : { plan: index }))
        const [first, second] = await run(
          Effect.gen(function* () {
            const ref = yield* draft
            const first = yield* Leads.importAll({ ...ref, leads: list })
            const corrected = first.failedRows.map(({ index, row }) => ({ ...Object(row), ...person(index) }))
            return [first, yield* Leads.importAll({ ...ref, leads: corrected })]
          })
        )
        expect(first?.failed).toBe(isValid.filter((valid) => !valid).length)
        expect(second).toMatchObject({
          enrolled: first?.failed,
          updated: 0,
          failed: 0,
          totalInCampaign: list.length
        })
      })
    ))

  it("IM-4: are told of whatever they are: proxies that throw, and rows of a reader that was careless", async () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const throwing = new Proxy(
      {},
      {
        getPrototypeOf: () => {
          throw new Error("no prototype")
        }
      }
    )
    const careless = new SourceRow({ email: "bo@example.com" }, 3, null as never)
    const summary = await run(imported([proxy, throwing, careless]))
    expect(summary).toMatchObject({ rows: 3, enrolled: 1, failed: 2 })
    expect(summary.failedRows.map(({ index, line }) => [index, line])).toEqual([
      [0, null],
      [1, null]
    ])
  })

  it("IM-4: beyond the first 10,000 are counted, and told of by their batch alone", async () => {
    let told = 0
    const onProgress = ({ batch }: Leads.ImportProgress) => {
      told += batch?.failedRows.length ?? 0
    }
    const summary = await run(imported(Array(12_000).fill(null), { onProgress }))
    expect([summary.failed, summary.failedRows.length, told]).toEqual([
      12_000,
      Limits.maxKeptFailedRows,
      12_000
    ])
  })
})

it("IM-2: progress cannot be changed by who is told of it", async () => {
  const onProgress = (progress: Leads.ImportProgress) => {
    expect(Reflect.set(progress, "rows", 1e9)).toBe(false)
  }
  expect(await run(imported(people(600), { batchSize: 500, onProgress }))).toMatchObject({
    rows: 600,
    next: 600
  })
})

it("IM-2: on the Promise face progress that is asked for at once comes in order, and none after the loop was left", async () => {
  await using engine = await open(MemoryRepository.layer)
  const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "c" })
  const rows = { workspaceId, campaignId, leads: people(2_000), batchSize: 500 }
  const loop = engine.leads.importStream(rows)[Symbol.asyncIterator]()
  const told = await Promise.all([loop.next(), loop.next(), loop.next()])
  expect(told.map(({ value }) => value.rows)).toEqual([0, 500, 1_000])
  await loop.return?.()
  expect(await loop.next()).toEqual({ done: true, value: undefined })
  const unused = engine.leads.importStream(rows)[Symbol.asyncIterator]()
  await unused.return?.()
  expect(await unused.next()).toEqual({ done: true, value: undefined })
})

it("IM-2: on the Promise face no batch is begun before its progress is asked for", async () => {
  await using engine = await open(MemoryRepository.layer)
  const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "c" })
  const landed: Array<number> = []
  const source = new Counted(10_000)
  const rows = { workspaceId, campaignId, leads: source, batchSize: 500 }
  for await (const { rows: told } of engine.leads.importStream(rows)) {
    // Other calls take their turns meanwhile.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    const { totalEnrolled } = await engine.campaigns.stats({ workspaceId, campaignId })
    landed.push(totalEnrolled - told)
    if (told === 2_000) break
  }
  expect(landed).toEqual([0, 0, 0, 0, 0])
})

it("IM-3: an engine that is closed ends an import with its own error", async () => {
  const engine = await open(storeThat(() => Effect.sleep("5 millis")))
  const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "c" })
  const importing = engine.leads.importAll({ workspaceId, campaignId, leads: people(50_000) })
  const ended = importing.catch((error: unknown) => error)
  await engine.close()
  expect(await ended).toBeInstanceOf(EngineClosed)
})

it("IM-2: on the Promise face progress comes as a loop, too", async () => {
  await using engine = await open(MemoryRepository.layer)
  const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "c" })
  const seen: Array<number> = []
  const source = new Counted(2_000)
  const rows = { workspaceId, campaignId, leads: source, batchSize: 500 }
  for await (const { rows: landed } of engine.leads.importStream(rows)) {
    seen.push(landed)
    if (landed === 1_000) break
  }
  expect([seen, source.isClosed]).toEqual([[0, 500, 1_000], true])
})
