/** FAULTS 39: pages end by bytes, and a store that is asked for one loads little more than it. */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { Campaigns, type Change, Events, Ids, Leads, Limits, Repository } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { pageByBytes } from "../src/pageByBytes.ts"

const mostBytes = 400_000

/** A list of items of these sizes, which keeps count of how it is read. */
const listOf = (sizes: ReadonlyArray<number>) => {
  const items = sizes.map((bytes, index) => ({ id: index + 1, bytes }))
  const loaded: Array<number> = []
  return {
    items,
    loaded,
    list: {
      read: (after: number | null, limit: number) =>
        Effect.sync(() => {
          const rest = items.slice(after ?? 0)
          const found = rest.slice(0, limit)
          loaded.push(found.reduce((bytes, item) => bytes + item.bytes, 0))
          return { items: found, next: rest.length > limit ? (found.at(-1)?.id ?? null) : null }
        }),
      cursorOf: ({ id }: { readonly id: number }) => id,
      bytesOf: ({ bytes }: { readonly bytes: number }) => bytes,
      mostBytes
    }
  }
}

describe("a page by bytes", () => {
  it("ID-1: ends at its limit or at its bytes and no sooner, and pages make up the list", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(1, 1_000, 100_000, mostBytes), { maxLength: 300 }),
        fc.integer({ min: 1, max: 120 }),
        async (sizes, limit) => {
          const { items, list, loaded } = listOf(sizes)
          const seen: Array<unknown> = []
          let cursor: number | null = null
          do {
            const page: {
              readonly items: ReadonlyArray<{ readonly bytes: number }>
              readonly next: number | null
            } = await Effect.runPromise(pageByBytes(list, cursor, limit))
            const bytes = page.items.reduce((sum, item) => sum + item.bytes, 0)
            expect(page.items.length).toBeLessThanOrEqual(limit)
            expect(page.items.length === 1 || bytes <= Limits.maxPageBytes).toBe(true)
            seen.push(...page.items)
            const following = items[seen.length]
            expect(page.next === null).toBe(following === undefined)
            if (following !== undefined && page.items.length < limit)
              expect(bytes + following.bytes).toBeGreaterThan(Limits.maxPageBytes)
            cursor = page.next
          } while (cursor !== null)
          expect(seen).toEqual(items)
          expect(Math.max(0, ...loaded)).toBeLessThanOrEqual(8 * Limits.maxPageBytes)
        }
      )
    ))

  it("ID-1: of ordinary items costs a few reads, and of large ones loads no more than it gives", async () => {
    const ordinary = listOf(Array(1_000).fill(300))
    await Effect.runPromise(pageByBytes(ordinary.list, null, 1_000))
    expect(ordinary.loaded.length).toBeLessThanOrEqual(10)
    const large = listOf(Array(1_000).fill(mostBytes))
    await Effect.runPromise(pageByBytes(large.list, null, 1_000))
    expect(large.loaded.reduce((sum, bytes) => sum + bytes)).toBeLessThanOrEqual(
      Limits.maxPageBytes + mostBytes
    )
  })
})

const workspaceId = Ids.WorkspaceId.make("w")
const ulid = (index: number) => String(index).padStart(26, "0")

/** Writes past the use cases, which would take long to make things of such a size. */
const stored = (changes: ReadonlyArray<Change>) =>
  Effect.flatMap(Repository, (repository) =>
    repository.decide({ workspaceId }, () => Result.succeed({ changes, answer: null }))
  )

const run = <A, E>(program: Effect.Effect<A, E, Repository>) =>
  Effect.runPromise(Effect.provide(program, MemoryRepository.layer))

describe("the lists of a workspace", () => {
  const campaignId = Ids.campaignId(ulid(0))
  const campaign = {
    workspaceId,
    name: "c",
    status: "draft",
    createdAt: 1,
    startedAt: null,
    pausedAt: null
  } as const

  it("ID-1: campaigns come in pages of 8 MB", async () => {
    const steps = Array(5).fill({ subject: "s", bodyHtml: "\u20ac".repeat(66_000), delayDays: 0 })
    const pages = await run(
      Effect.gen(function* () {
        for (let index = 0; index < 20; index++)
          yield* stored([
            { _tag: "CampaignCreated", campaign: { ...campaign, id: Ids.campaignId(ulid(index)), steps } }
          ])
        const first = yield* Campaigns.list({ workspaceId, limit: 1_000 })
        const second = yield* Campaigns.list({ workspaceId, limit: 1_000, after: first.next })
        const third = yield* Campaigns.list({ workspaceId, limit: 1_000, after: second.next })
        return [first, second, third].map(({ items, next }) => [items.length, next === null])
      })
    )
    expect(pages).toEqual([
      [8, false],
      [8, false],
      [4, true]
    ])
  })

  it("ID-1, SQ-2: leads, and those enrolled in a campaign, come in pages of 8 MB", async () => {
    const customFields = Object.fromEntries(
      Array.from({ length: 13 }, (_, index) => [`f${index}`, "x".repeat(5_000)])
    )
    const people = Array.from({ length: 300 }, (_, index) => ({ email: `lead${index}@x.com`, customFields }))
    const reads: Array<number> = []
    const [lengths, enrolled] = await run(
      Effect.gen(function* () {
        const { id } = yield* Campaigns.create({
          workspaceId,
          name: "c",
          steps: [{ subject: "s", bodyHtml: "b" }]
        })
        const ref = { workspaceId, campaignId: id }
        yield* Leads.importAll({ ...ref, leads: people })
        const lengths: Array<number> = []
        let after: string | null = null
        do {
          const page: { readonly items: ReadonlyArray<unknown>; readonly next: string | null } =
            yield* Leads.list({
              ...ref,
              after,
              limit: 1_000
            })
          lengths.push(page.items.length)
          after = page.next
        } while (after !== null)
        const repository = yield* Repository
        const watched = Repository.of({
          ...repository,
          read: (scope) => {
            reads.push(scope.addresses?.length ?? 0)
            return repository.read(scope)
          }
        })
        const all = yield* Stream.runCollect(Leads.enrolled(ref)).pipe(
          Effect.provideService(Repository, watched)
        )
        return [lengths, all.map(({ lead }) => lead.email)] as const
      })
    )
    const perPage = Math.floor(Limits.maxPageBytes / 65_054)
    expect(lengths).toEqual([perPage, perPage, 300 - 2 * perPage])
    expect(enrolled).toEqual(people.map(({ email }) => email))
    expect(Math.max(...reads)).toBeLessThanOrEqual(perPage)
  })

  it("EV-2: events come in pages of 8 MB, one by one as a stream, and each at least as a page of its own", async () => {
    const leadIds = Array.from({ length: 10_000 }, (_, index) => Ids.leadId(ulid(1), index))
    const messageIds = leadIds.map((id) => Ids.messageId(workspaceId, campaignId, id, 0))
    const { lengths, streamed } = await run(
      Effect.gen(function* () {
        for (let index = 0; index < 20; index++)
          yield* stored([
            { _tag: "EventsRecorded", at: index, events: [{ kind: "message.sent", messageIds, leadIds }] },
            { _tag: "EventsRecorded", at: index, events: [{ kind: "campaign.paused", campaignId }] }
          ])
        const lengths: Array<number> = []
        let after: string | null = null
        for (let more = true; more; ) {
          const page: Events.EventsPage = yield* Events.read({ workspaceId, after, limit: 1_000 })
          lengths.push(page.items.length)
          after = page.next
          more = page.more
        }
        const streamed = yield* Stream.runCollect(Events.stream({ workspaceId, limit: 1_000 }))
        return { lengths, streamed: streamed.map(({ sequence }) => sequence) }
      })
    )
    expect(lengths.reduce((sum, length) => sum + length)).toBe(40)
    expect(Math.max(...lengths)).toBeLessThan(20)
    expect(streamed).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
  })

  it("SU-1: a page of a thousand entries surely holds less than 8 MB", () => {
    const address = 320
    expect(Limits.maxPageSize * (address + 3 * Limits.maxNameLength)).toBeLessThan(Limits.maxPageBytes)
  })
})
