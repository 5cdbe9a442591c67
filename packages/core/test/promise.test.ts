import { MemoryRepository } from "@leadterra/adapter-memory"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import {
  CampaignChanged,
  CampaignNotFound,
  InvalidLeads,
  InvalidRequest,
  Repository,
  RepositoryError,
  revisionOf
} from "@leadterra/core"
import { EngineClosed, open } from "@leadterra/core/promise"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { describe, expect, it } from "vitest"

const workspaceId = "ws_1"
const rejection = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "resolved",
    (error: unknown) => error
  )

const drained = async (items: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of items);
}

/** An object with a property that throws from its n-th reading on. */
const thrower = (name: string, from: number, value = "") => {
  let reads = 0
  return Object.defineProperty({ campaignId: "" }, name, {
    enumerable: true,
    get: () => {
      if (++reads >= from) throw new Error("read again")
      return value
    }
  })
}

/** A store whose decisions never end by themselves, so that only a signal ends a call. */
const stuck = Layer.sync(Repository, () => ({ ...MemoryRepository.make(), decide: () => Effect.never }))

describe("the Promise face", () => {
  it("UP-1: gives the answers that the use cases give", async () => {
    await using engine = await open(MemoryRepository.layer)
    const { id: campaignId } = await engine.campaigns.create({
      workspaceId,
      name: "Spring",
      steps: [{ subject: "Hi", bodyHtml: "<p>{{firstName}}</p>" }]
    })
    const ref = { workspaceId, campaignId }
    await engine.suppression.add({ workspaceId, emails: ["opted.out@example.com"] })
    const leads = [{ email: "ava@acmecorp.com" }, { email: "Opted.Out@example.com" }, { email: "nobody" }]
    const preview = await engine.leads.preview({ ...ref, leads })
    expect(await engine.leads.bulkUpsert({ ...ref, leads })).toEqual(preview)
    expect(preview).toMatchObject({ enrolled: 1, updated: 0, skipped: 1, failed: 1, totalInCampaign: 1 })
    expect(await engine.campaigns.start(ref)).toMatchObject({ leadsEnrolled: 1, queuedMessages: 1 })
    expect((await engine.leads.list(ref)).items.map(({ email }) => email)).toEqual(["ava@acmecorp.com"])
  })

  it("SQ-8, SQ-10: a draft is renamed, if it is as it was read", async () => {
    await using engine = await open(MemoryRepository.layer)
    const created = await engine.campaigns.create({ workspaceId, name: "Spring" })
    const ref = { workspaceId, campaignId: created.id, ifRevision: revisionOf(created) }
    expect(await engine.campaigns.update({ ...ref, name: "Summer" })).toMatchObject({ name: "Summer" })
    expect(await rejection(engine.campaigns.update({ ...ref, name: "Autumn" }))).toBeInstanceOf(
      CampaignChanged
    )
  })

  it("UP-10: a batch that comes again under its key says that its report is replayed", async () => {
    await using engine = await open(MemoryRepository.layer)
    const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "Spring" })
    const batch = { workspaceId, campaignId, leads: [{ email: "ava@acmecorp.com" }], idempotencyKey: "k" }
    const first = await engine.leads.bulkUpsert(batch)
    expect(first).not.toHaveProperty("replayed")
    expect(await engine.leads.bulkUpsert(batch)).toEqual({ ...first, replayed: true })
    expect(await engine.leads.preview(batch)).toEqual({ ...first, replayed: true })
  })

  it("UP-6: a failure rejects with the tagged error itself", async () => {
    await using engine = await open(MemoryRepository.layer)
    const unknown = await rejection(engine.campaigns.get({ workspaceId, campaignId: "camp_none" }))
    expect(unknown).toBeInstanceOf(CampaignNotFound)
    expect(unknown).toMatchObject({ _tag: "CampaignNotFound", campaignId: "camp_none" })
    const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "Spring" })
    const batch = { workspaceId, campaignId, leads: [{ email: "nobody" }], onInvalid: "reject" } as const
    const invalid = await rejection(engine.leads.bulkUpsert(batch))
    expect(invalid).toBeInstanceOf(InvalidLeads)
    expect(invalid).toMatchObject({ issues: [{ index: 0, path: "email", reason: "MissingAt" }] })
  })

  it("EV-2: events come as pages and as a loop, which a signal or the close of the engine ends", async () => {
    const engine = await open(MemoryRepository.layer)
    for (const email of ["a@x.com", "b@x.com", "c@x.com"])
      await engine.suppression.add({ workspaceId, emails: [email] })
    const { items, ...rest } = await engine.events.read({ workspaceId, limit: 2 })
    const second = items.at(-1)?.cursor ?? ""
    expect([items.map(({ sequence }) => sequence), rest]).toEqual([[1, 2], { next: second, more: true }])
    const { next: third } = await engine.events.read({ workspaceId, after: second })
    expect(await engine.events.read({ workspaceId, after: third })).toEqual({
      items: [],
      next: third,
      more: false
    })
    const seen: Array<number> = []
    for await (const { sequence } of engine.events.stream({ workspaceId, limit: 2 })) seen.push(sequence)
    expect(seen).toEqual([1, 2, 3])
    const follow = async (signal?: AbortSignal) => {
      for await (const { sequence } of engine.events.stream(
        { workspaceId, after: third, pollSeconds: 0.001 },
        { signal }
      ))
        seen.push(sequence)
    }
    const controller = new AbortController()
    const followed = rejection(follow(controller.signal))
    expect(await engine.leads.erase({ workspaceId, emails: ["d@x.com"] })).toMatchObject({ erased: 0 })
    await expect.poll(() => seen).toEqual([1, 2, 3, 4])
    controller.abort(new Error("enough"))
    expect(await followed).toMatchObject({ message: "enough" })
    const left = rejection(follow())
    await expect.poll(() => seen.length).toBe(5)
    await engine.close()
    expect(await left).toBeInstanceOf(EngineClosed)
    expect(await rejection(follow())).toBeInstanceOf(EngineClosed)
  })

  it("EV-2: a loop is left while it waits, begun again, and given nothing after its signal or the close", async () => {
    const engine = await open(MemoryRepository.layer)
    for (const email of ["a@x.com", "b@x.com", "c@x.com"])
      await engine.suppression.add({ workspaceId, emails: [email] })
    const events = engine.events.stream({ workspaceId, pollSeconds: 60 })
    for (let loop = 0; loop < 2; loop++) {
      const iterator = events[Symbol.asyncIterator]()
      for (const sequence of [1, 2, 3]) expect((await iterator.next()).value).toMatchObject({ sequence })
      const waiting = iterator.next()
      expect(await iterator.return?.()).toEqual({ done: true, value: undefined })
      await Promise.allSettled([waiting])
    }
    const reason = new Error("enough")
    for (const end of [new AbortController(), undefined]) {
      const seen: Array<number> = []
      const ended = rejection(
        (async () => {
          for await (const { sequence } of engine.events.stream({ workspaceId }, { signal: end?.signal })) {
            seen.push(sequence)
            if (end === undefined) await engine.close()
            else end.abort(reason)
          }
        })()
      )
      expect(await ended).toEqual(end === undefined ? expect.any(EngineClosed) : reason)
      expect(seen).toEqual([1])
    }
  })

  it("UP-6: a store that cannot be opened rejects with its own error, at open", async () => {
    const error = await rejection(open(SqliteRepository.layer({ filename: "/no/such/folder/leads.db" })))
    expect(error).toBeInstanceOf(RepositoryError)
    expect(error).toMatchObject({ operation: "open", reason: { _tag: "StoreUnavailable" } })
  })

  it("UP-6: a signal ends a call with its own reason, before it begins and while it runs", async () => {
    await using engine = await open(stuck)
    const create = (signal: AbortSignal) => engine.campaigns.create({ workspaceId, name: "n" }, { signal })
    const reason = new Error("the client went away")
    expect(await rejection(create(AbortSignal.abort(reason)))).toBe(reason)
    const controller = new AbortController()
    const call = rejection(create(controller.signal))
    await Promise.resolve()
    controller.abort(reason)
    expect(await call).toBe(reason)
  })

  it.each([
    ["in memory", MemoryRepository.layer],
    ["on SQLite", SqliteRepository.layer({ filename: ":memory:" })]
  ])("UP-6: a signal at any moment leaves all of a batch or none, %s", async (_, layer) => {
    await using engine = await open<unknown>(layer)
    const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "Spring" })
    const reason = new Error("the client went away")
    let landed = 0
    for (let turns = 0; turns < 20; turns++) {
      const controller = new AbortController()
      const leads = [{ email: `a${turns}@example.com` }, { email: `b${turns}@example.com` }]
      const call = engine.leads.bulkUpsert({ workspaceId, campaignId, leads }, { signal: controller.signal })
      const ended = call.then(
        ({ enrolled }) => enrolled,
        (error: unknown) => error
      )
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      controller.abort(reason)
      const answer = await ended
      const { items } = await engine.leads.list({ workspaceId, campaignId })
      expect(answer === 2 || answer === reason).toBe(true)
      if (answer === 2) expect(items.length).toBe(landed + 2)
      expect([landed, landed + 2]).toContain(items.length)
      landed = items.length
    }
    expect(landed).toBeGreaterThan(0)
  })

  it("UP-6: options that are null are none, and a signal that is none is an InvalidRequest", async () => {
    await using engine = await open(MemoryRepository.layer)
    const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "c" })
    const ref = { workspaceId, campaignId }
    const wrong: ReadonlyArray<unknown> = [
      { signal: "x" },
      { signal: {} },
      { signal: 0 },
      thrower("signal", 1)
    ]
    const calls = (options: never): ReadonlyArray<() => Promise<unknown>> => [
      () => engine.campaigns.list({ workspaceId }, options),
      () => drained(engine.events.stream({ workspaceId }, options)),
      () => drained(engine.leads.enrolled(ref, options)),
      () => drained(engine.leads.importStream({ ...ref, leads: [] }, options))
    ]
    for (const options of [null, undefined, {}, { signal: null }])
      for (const call of calls(options as never)) expect(await rejection(call())).toBe("resolved")
    for (const options of wrong)
      for (const call of calls(options as never)) {
        const error = await rejection(call())
        expect(error).toBeInstanceOf(InvalidRequest)
        expect(error).toMatchObject({ issues: [{ path: "signal" }] })
      }
  })

  it("UP-6: an argument is read once: a getter that throws later changes no answer", async () => {
    await using engine = await open(MemoryRepository.layer)
    const campaignId = "camp_00000000000000000000000000"
    for (const call of [engine.campaigns.get, engine.campaigns.stats]) {
      const input = Object.assign(thrower("campaignId", 2, campaignId), { workspaceId })
      expect(await rejection(call(input))).toMatchObject({ _tag: "CampaignNotFound", campaignId })
    }
  })

  it("UP-6: a closed engine rejects", async () => {
    const engine = await open(MemoryRepository.layer)
    await engine.close()
    await engine.close()
    const error = await rejection(engine.campaigns.list({ workspaceId }))
    expect(error).toBeInstanceOf(EngineClosed)
    expect(error).toMatchObject({
      _tag: "EngineClosed",
      message: "The engine is closed: open another one"
    })
  })
})
