import { MemoryRepository } from "@leadterra/adapter-memory"
import { type DomainEvent, Events, Ids, Repository, Suppression } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { describe, expect, it } from "vitest"
import { cursorOf, sequenceOf } from "../src/rules/eventCursor.ts"
import { fnv1a } from "../src/rules/fnv1a.ts"

const workspaceId = "w"
const campaignId = Ids.CampaignId.make("camp_01JXCQ00000000000000000000")
const paused: DomainEvent = { kind: "campaign.paused", campaignId, sequence: 7, at: 1_749_556_800_000 }

describe("the cursor of an event", () => {
  it("EV-2: the hash is FNV-1a of 32 bits over UTF-8", () => {
    const texts = ["", "a", "foobar", "a\u00fc\u20ac\u{1f600}"]
    expect(texts.map((text) => fnv1a(text).toString(16))).toEqual([
      "811c9dc5",
      "e40c292c",
      "bf9cf968",
      "de26f650"
    ])
  })

  it("EV-2: it is the sequence and a check of the whole event, whatever the order of its fields", () => {
    expect(cursorOf(paused)).toBe("7.712b32c1")
    const { at, sequence, ...rest } = paused
    expect(cursorOf({ at, sequence, ...rest })).toBe("7.712b32c1")
    const removed = {
      kind: "suppression.removed",
      actor: "op",
      entries: 1,
      leadIds: [],
      at,
      sequence
    } as const
    const others: ReadonlyArray<DomainEvent> = [
      { ...paused, at: at + 1 },
      { ...paused, campaignId: Ids.CampaignId.make("camp_01JXCQ00000000000000000001") },
      removed,
      { ...removed, actor: "\u00fc" },
      { ...removed, leadIds: [Ids.storedLeadId("lead_1")] },
      { ...removed, leadIds: [Ids.storedLeadId("lead_2")] }
    ]
    expect(new Set([paused, ...others].map(cursorOf)).size).toBe(others.length + 1)
  })

  it("EV-2: a cursor names its sequence, with a check that begins with zeros too", () => {
    expect(sequenceOf("7.712b32c1")).toBe(7)
    expect(sequenceOf("9007199254740991.00000001")).toBe(Number.MAX_SAFE_INTEGER)
    const checks = Array.from({ length: 100 }, (_, at) => cursorOf({ ...paused, at }))
    expect(checks.filter((cursor) => sequenceOf(cursor) === undefined)).toEqual([])
    expect(checks.some((cursor) => cursor.startsWith("7.0"))).toBe(true)
  })
})

/**
 * A store whose commits from the `lost`-th event on are undone by `putBack`; later events take
 * their sequences.
 */
const restorable = (lost: number) => {
  const sound = MemoryRepository.make()
  let shift = 0
  const store = Repository.of({
    ...sound,
    events: ({ after, limit, ...page }) =>
      Effect.map(sound.events({ ...page, after: 0, limit: 1_000 }), ({ items }) => {
        const left = items.flatMap((event): ReadonlyArray<DomainEvent> => {
          if (event.sequence < lost || shift === 0) return [event]
          return event.sequence < lost + shift ? [] : [{ ...event, sequence: event.sequence - shift }]
        })
        const rest = left.filter(({ sequence }) => sequence > (after ?? 0))
        const shown = rest.slice(0, limit)
        return { items: shown, next: rest.length > limit ? (shown.at(-1)?.sequence ?? null) : null }
      })
  })
  const putBack = (count: number) =>
    Effect.sync(() => {
      shift = count
    })
  return { store, putBack }
}

/** Writes an event that differs from those of other counts, also within the same millisecond. */
const write = (count: number) =>
  Suppression.add({
    workspaceId,
    entries: Array.from({ length: count }, (_, index) => `lead${index}@x${count}.com`)
  })

describe("a store whose commits were taken back", () => {
  // FAULTS 51.
  const followed = (later: ReadonlyArray<number>) => {
    const { putBack, store } = restorable(3)
    return Effect.runPromise(
      Effect.gen(function* () {
        for (const count of [1, 2, 3, 4]) yield* write(count)
        const { items, next } = yield* Events.read({ workspaceId })
        yield* putBack(2)
        for (const count of later) yield* write(count)
        const errors = []
        for (const call of [
          Effect.asVoid(Events.read({ workspaceId, after: next })),
          Stream.runDrain(Events.stream({ workspaceId, after: next, pollSeconds: 60 }))
        ])
          errors.push(yield* Effect.flip(call))
        expect(errors.map(({ _tag }) => _tag)).toEqual(["CursorUnknown", "CursorUnknown"])
        expect(errors[0]).toMatchObject({ cursor: next })
        // A cursor from before the loss is still known, and leads to all that was written since.
        const { items: since } = yield* Events.read({ workspaceId, after: items[1]?.cursor })
        return since.map(({ sequence }) => sequence)
      }).pipe(Effect.provideService(Repository, store))
    )
  }

  it("EV-2: a follower that read what was lost is told so, when nothing, less or more was written since", async () => {
    expect(await followed([])).toEqual([])
    expect(await followed([5])).toEqual([3])
    expect(await followed([5, 6, 7])).toEqual([3, 4, 5])
  })

  it("EV-2: a stream is told so between two of its pages", async () => {
    const { putBack, store } = restorable(2)
    const seen: Array<number> = []
    const error = await Effect.runPromise(
      Effect.gen(function* () {
        for (const count of [1, 2, 3]) yield* write(count)
        return yield* Events.stream({ workspaceId, limit: 2 }).pipe(
          Stream.runForEach(({ sequence }) => {
            seen.push(sequence)
            return sequence === 2 ? putBack(1) : Effect.void
          }),
          Effect.flip
        )
      }).pipe(Effect.provideService(Repository, store))
    )
    expect([seen, error]).toMatchObject([[1, 2], { _tag: "CursorUnknown" }])
  })
})
