import { MemoryRepository } from "@leadterra/adapter-memory"
import { Campaigns, Events, Ids, Leads, Repository, Suppression } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { describe, expect, it } from "vitest"

const workspaceId = "w"
const run = <A, E>(effect: Effect.Effect<A, E, Repository>) =>
  Effect.runPromise(Effect.provide(effect, MemoryRepository.layer))

describe("events", () => {
  it.each([
    [{ workspaceId: "" }, "workspaceId"],
    [{ workspaceId, after: 1 }, "after"],
    [{ workspaceId, after: "" }, "after"],
    [{ workspaceId, after: "1" }, "after"],
    [{ workspaceId, after: "0.00000000" }, "after"],
    [{ workspaceId, after: "01.00000000" }, "after"],
    [{ workspaceId, after: "1.0000000" }, "after"],
    [{ workspaceId, after: "1.0000000A" }, "after"],
    [{ workspaceId, after: "1.00000000\n" }, "after"],
    [{ workspaceId, after: "9999999999999999.00000000" }, "after"],
    [{ workspaceId, limit: 0 }, "limit"],
    [{ workspaceId, limit: 1_001 }, "limit"],
    [null, ""]
  ])("EV-2: %o is refused by its path, as a page and as a stream", async (input, path) => {
    const given = input as Events.EventsInput
    for (const call of [Events.read(given), Stream.runDrain(Events.stream(given))]) {
      const error = await run(Effect.flip(call))
      expect(error).toMatchObject({ _tag: "InvalidRequest" })
      expect(new Set(error._tag === "InvalidRequest" ? error.issues.map((issue) => issue.path) : [])).toEqual(
        new Set([path])
      )
    }
  })

  it("EV-2: a stream that polls no time, or for longer than a day, is refused", async () => {
    for (const pollSeconds of [0, -1, 86_401]) {
      const error = await run(Effect.flip(Stream.runCollect(Events.stream({ workspaceId, pollSeconds }))))
      expect(error).toMatchObject({ _tag: "InvalidRequest", issues: [{ path: "pollSeconds" }] })
    }
  })

  it("EV-1: an import, a start, a suppression and a pause are told in their order, leads by their ids", async () => {
    const { events, ids } = await run(
      Effect.gen(function* () {
        const steps = [{ subject: "s", bodyHtml: "b" }]
        const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c", steps })
        const ref = { workspaceId, campaignId }
        yield* Leads.bulkUpsert({ ...ref, leads: [{ email: "a@x.com" }, { email: "b@y.com" }] })
        yield* Leads.bulkUpsert({ ...ref, leads: [{ email: "a@x.com" }, { email: "b@y.com", company: "Y" }] })
        yield* Campaigns.start(ref)
        yield* Campaigns.start(ref)
        yield* Suppression.add({ workspaceId, entries: ["@y.com"] })
        yield* Campaigns.pause(ref)
        const { items } = yield* Leads.list({ workspaceId })
        const events = (yield* Events.read({ workspaceId })).items
        return { events, ids: items.map(({ id }) => id) }
      })
    )
    const [a, b] = ids
    expect(events.map(({ at: _, ...event }) => event)).toMatchObject([
      { sequence: 1, kind: "lead.enrolled", leadIds: [a, b] },
      { sequence: 2, kind: "lead.updated", leadIds: [b] },
      { sequence: 3, kind: "campaign.started", leadsEnrolled: 2, queuedMessages: 2 },
      { sequence: 4, kind: "lead.suppressed", cause: "added", entries: 1, leadIds: [] },
      { sequence: 5, kind: "enrollment.ended", reason: "suppressed", enrollments: 1, leadIds: [] },
      { sequence: 6, kind: "campaign.paused" }
    ])
  })

  it("EV-2: a page that has nothing to show, but more after it, is read past", async () => {
    const items = await run(
      Effect.gen(function* () {
        const repository = yield* Repository
        for (const entry of ["a@x.com", "b@x.com", "c@x.com"])
          yield* Suppression.add({ workspaceId, entries: [entry] })
        const hides = Repository.of({
          ...repository,
          events: (page) =>
            Effect.map(repository.events(page), ({ items, next }) => ({
              items: items.filter(({ sequence }) => sequence === 3),
              next
            }))
        })
        const first = yield* Events.read({ workspaceId, limit: 1 }).pipe(
          Effect.provideService(Repository, hides)
        )
        expect(first).toMatchObject({ items: [{ sequence: 3 }], more: false })
        return yield* Stream.runCollect(Events.stream({ workspaceId, limit: 1 })).pipe(
          Effect.provideService(Repository, hides)
        )
      })
    )
    expect(items).toMatchObject([{ sequence: 3 }])
  })

  it("EV-2: a stream that polls goes on with what is written later", async () => {
    const seen = await run(
      Effect.gen(function* () {
        const followed = yield* Effect.forkChild(
          Events.stream({ workspaceId, pollSeconds: 0.001 }).pipe(Stream.take(2), Stream.runCollect)
        )
        for (const entry of ["a@x.com", "@x.com"]) {
          yield* Effect.sleep("5 millis")
          yield* Suppression.add({ workspaceId, entries: [entry] })
        }
        return yield* Fiber.join(followed)
      })
    )
    expect(seen.map(({ sequence }) => sequence)).toEqual([1, 2])
  })

  it("EV-2: last names the last of any number of events, and null where there is none", async () => {
    await run(
      Effect.gen(function* () {
        expect(yield* Events.last({ workspaceId })).toBeNull()
        for (let written = 1; written <= 40; written++) {
          yield* Suppression.add({ workspaceId, entries: [`p${written}@x.com`] })
          const { next } = yield* Events.read({ workspaceId })
          expect(yield* Events.last({ workspaceId })).toBe(next)
        }
        expect(yield* Events.last({ workspaceId: "other" })).toBeNull()
        expect(yield* Effect.flip(Events.last({ workspaceId: "" }))).toMatchObject({ _tag: "InvalidRequest" })
      })
    )
  })

  it("EV-2: last reads no more than a few events of a long log", async () => {
    const length = 1_000_003
    let reads = 0
    const long = Effect.gen(function* () {
      const repository = yield* Repository
      return Repository.of({
        ...repository,
        events: ({ after }) =>
          Effect.sync(() => {
            reads++
            const sequence = (after ?? 0) + 1
            const event = { kind: "campaign.paused", campaignId: Ids.campaignId("x"), at: 0 } as const
            return sequence > length
              ? { items: [], next: null }
              : { items: [{ ...event, sequence }], next: sequence === length ? null : sequence }
          })
      })
    })
    const last = await run(
      Effect.flatMap(long, (repository) =>
        Effect.provideService(Events.last({ workspaceId }), Repository, repository)
      )
    )
    expect(last).toMatch(/^1000003\./)
    expect(reads).toBeLessThan(50)
  })
})
