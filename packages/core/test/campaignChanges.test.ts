import { MemoryRepository } from "@leadterra/adapter-memory"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { type Campaign, Campaigns, Leads, Limits, type Repository, revisionOf } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { fnv1a64 } from "../src/rules/fnv1a.ts"

const workspaceId = "w"
const steps = [
  { subject: "Hi {{firstName}}", bodyHtml: "<p>{{company}}</p>", delayDays: 0 },
  { subject: "Again", bodyHtml: "<p>{{jobTitle}}</p>", delayDays: 0.1 }
]

const stores = [
  ["in memory", MemoryRepository.layer],
  ["on SQLite", SqliteRepository.layer({ filename: ":memory:" })]
] as const

const draft = Effect.map(Campaigns.create({ workspaceId, name: "Spring", steps }), ({ id }) => ({
  workspaceId,
  campaignId: id
}))

const running = Effect.tap(draft, (ref) =>
  Effect.andThen(Leads.bulkUpsert({ ...ref, leads: [{ email: "ava@acmecorp.com" }] }), Campaigns.start(ref))
)

describe.each(stores)("changes of a campaign %s", (_, layer) => {
  const run = <A, E>(program: Effect.Effect<A, E, Repository>) =>
    Effect.runPromise(Effect.provide(program, layer))

  it("SQ-8: a draft is renamed, and a campaign that runs or is paused is not", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* running
        const other = yield* draft
        const created = yield* Campaigns.get(other)
        expect(yield* Campaigns.update({ ...other, name: "Summer" })).toEqual({ ...created, name: "Summer" })
        expect(yield* Campaigns.get(other)).toEqual({ ...created, name: "Summer" })
        const runs = yield* Effect.flip(Campaigns.update({ ...ref, name: "Summer" }))
        expect(runs).toMatchObject({ _tag: "CampaignNotEditable", status: "running" })
        yield* Campaigns.pause(ref)
        const paused = yield* Effect.flip(Campaigns.update({ ...ref, name: "Summer" }))
        expect(paused).toMatchObject({ _tag: "CampaignNotEditable", status: "paused" })
        expect((yield* Campaigns.get(ref)).name).toBe("Spring")
      })
    ))

  it("SQ-10: two writers have read the same draft: the first wins, and the second must read again", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* draft
        const ifRevision = revisionOf(yield* Campaigns.get(ref))
        const renamed = yield* Campaigns.update({ ...ref, name: "Summer", ifRevision })
        for (const late of [
          Campaigns.update({ ...ref, name: "Autumn", ifRevision }),
          Campaigns.replaceSteps({ ...ref, steps: [], ifRevision })
        ])
          expect(yield* Effect.flip(late)).toMatchObject({
            _tag: "CampaignChanged",
            campaignId: ref.campaignId
          })
        expect(yield* Campaigns.get(ref)).toEqual(renamed)
        const again = revisionOf(renamed)
        const { lints: _, ...replaced } = yield* Campaigns.replaceSteps({
          ...ref,
          steps: steps.slice(1),
          ifRevision: again
        })
        expect(yield* Campaigns.get(ref)).toEqual(replaced)
        const stale = Campaigns.update({ ...ref, name: "Autumn", ifRevision: again })
        expect(yield* Effect.flip(stale)).toMatchObject({ _tag: "CampaignChanged" })
      })
    ))

  it("SQ-10: of two writers at once with the same revision one wins, and the other gets CampaignChanged", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* draft
        const ifRevision = revisionOf(yield* Campaigns.get(ref))
        const calls: ReadonlyArray<Effect.Effect<Campaign, { readonly _tag: string }, Repository>> = [
          Campaigns.replaceSteps({ ...ref, steps: [], ifRevision }),
          Campaigns.update({ ...ref, name: "Summer", ifRevision })
        ]
        const results = yield* Effect.all(calls.map(Effect.result), { concurrency: "unbounded" })
        const failures = results.flatMap((result) => (Result.isFailure(result) ? result.failure._tag : []))
        expect(failures).toEqual(["CampaignChanged"])
        const { name, steps: kept } = yield* Campaigns.get(ref)
        expect([
          ["Summer", steps],
          ["Spring", []]
        ]).toContainEqual([name, kept])
      })
    ))

  it("SQ-10: the revision is judged before the status, and after the campaign is found", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* draft
        const ifRevision = revisionOf(yield* Campaigns.get(ref))
        yield* Leads.bulkUpsert({ ...ref, leads: [{ email: "ava@acmecorp.com" }] })
        expect(revisionOf(yield* Campaigns.get(ref))).toBe(ifRevision)
        yield* Campaigns.start(ref)
        const stale = Campaigns.replaceSteps({ ...ref, steps, ifRevision })
        expect(yield* Effect.flip(stale)).toMatchObject({ _tag: "CampaignChanged" })
        const fresh = { ...ref, ifRevision: revisionOf(yield* Campaigns.get(ref)) }
        for (const call of [
          Campaigns.update({ ...fresh, name: "Summer" }),
          Campaigns.replaceSteps({ ...fresh, steps })
        ])
          expect(yield* Effect.flip(call)).toMatchObject({ _tag: "CampaignNotEditable" })
        const unknown = Campaigns.update({ ...ref, campaignId: "camp_none", name: "Summer", ifRevision })
        expect(yield* Effect.flip(unknown)).toMatchObject({ _tag: "CampaignNotFound" })
      })
    ))

  it("SQ-10: a batch for a campaign as it was read lands, or is refused whole once the campaign has changed", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* draft
        const ifRevision = revisionOf(yield* Campaigns.get(ref))
        const batch = (address: string) => ({ ...ref, leads: [{ email: address }], ifRevision })
        expect(yield* Leads.preview(batch("ava@acmecorp.com"))).toMatchObject({ enrolled: 1 })
        expect(yield* Leads.bulkUpsert(batch("ava@acmecorp.com"))).toMatchObject({ enrolled: 1 })
        expect(yield* Leads.bulkUpsert(batch("bo@acmecorp.com"))).toMatchObject({ enrolled: 1 })
        const keyed = { ...batch("cy@acmecorp.com"), idempotencyKey: "batch-1" }
        const first = yield* Leads.bulkUpsert(keyed)
        yield* Campaigns.start(ref)
        for (const call of [
          Leads.preview(batch("di@acmecorp.com")),
          Leads.bulkUpsert(batch("di@acmecorp.com")),
          Leads.bulkUpsert({ ...batch("di@acmecorp.com"), idempotencyKey: "batch-2" })
        ])
          expect(yield* Effect.flip(call)).toMatchObject({
            _tag: "CampaignChanged",
            campaignId: ref.campaignId
          })
        expect((yield* Campaigns.stats(ref)).totalEnrolled).toBe(3)
        expect(yield* Leads.bulkUpsert(keyed)).toEqual({ ...first, replayed: true })
        const unknown = Leads.bulkUpsert({ ...batch("di@acmecorp.com"), campaignId: "camp_none" })
        expect(yield* Effect.flip(unknown)).toMatchObject({ _tag: "CampaignNotFound" })
      })
    ))

  it("SQ-8, SQ-10: arguments of the wrong shape are refused, a misspelled condition among them", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* draft
        const pathsOf = (call: Effect.Effect<unknown, { readonly _tag: string }, Repository>) =>
          Effect.map(Effect.flip(call), (error) =>
            error._tag === "InvalidRequest" && "issues" in error && Array.isArray(error.issues)
              ? error.issues.map(({ path }) => path)
              : error
          )
        for (const name of [" ", "a\nb", "\ud800", "n".repeat(Limits.maxNameLength + 1), 7, undefined])
          expect(yield* pathsOf(Campaigns.update({ ...ref, name: name as string }))).toEqual(["name"])
        const revision = { ifRevision: 7 } as never
        expect(yield* pathsOf(Campaigns.update({ ...ref, name: "n", ...Object(revision) }))).toEqual([
          "ifRevision"
        ])
        const misspelled = { ifRevison: "0" }
        expect(yield* pathsOf(Campaigns.update({ ...ref, name: "n", ...misspelled }))).toEqual(["ifRevison"])
        expect(yield* pathsOf(Campaigns.replaceSteps({ ...ref, steps: [], ...misspelled }))).toEqual([
          "ifRevison"
        ])
        expect((yield* Campaigns.get(ref)).steps).toEqual(steps)
      })
    ))
})

describe("a revision", () => {
  it("SQ-10: is a FNV-1a of 64 bits over UTF-8", () => {
    const texts = ["", "a", "foobar", "a\u00fc\u20ac\u{1f600}"]
    const plain = (text: string) =>
      new TextEncoder()
        .encode(text)
        .reduce(
          (hash, byte) => BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n),
          0xcbf29ce484222325n
        )
        .toString(16)
        .padStart(16, "0")
    expect(texts.slice(0, 3).map(fnv1a64)).toEqual([
      "cbf29ce484222325",
      "af63dc4c8601ec8c",
      "85944171f73967e8"
    ])
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(fnv1a64(text)).toBe(plain(text))
      }),
      { examples: texts.map((text) => [text]) }
    )
  })

  it("SQ-10: follows from name, steps and status alone, whatever the order of their keys", () => {
    const campaign = { name: "Spring", steps, status: "draft" } as const
    const turned = steps.map(({ bodyHtml, delayDays, subject }) => ({ delayDays, bodyHtml, subject }))
    expect(revisionOf({ ...campaign, steps: turned })).toBe(revisionOf(campaign))
    const [first, second] = steps
    if (first === undefined || second === undefined) throw new Error("two steps")
    const others = [
      { ...campaign, name: "spring" },
      { ...campaign, status: "running" },
      { ...campaign, status: "paused" },
      { ...campaign, steps: [] },
      { ...campaign, steps: [first] },
      { ...campaign, steps: [second, first] },
      { ...campaign, steps: [{ ...first, subject: first.bodyHtml, bodyHtml: first.subject }, second] },
      { ...campaign, steps: [first, { ...second, delayDays: 0.2 }] }
    ] as const
    const revisions = [campaign, ...others].map(revisionOf)
    expect(new Set(revisions).size).toBe(revisions.length)
    for (const revision of revisions) expect(revision).toMatch(/^[0-9a-f]{16}$/)
  })
})
