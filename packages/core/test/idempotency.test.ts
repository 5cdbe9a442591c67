import { createHash } from "node:crypto"
import { MemoryRepository } from "@leadterra/adapter-memory"
import {
  Campaigns,
  IdempotencyConflict,
  InvalidRequest,
  Leads,
  Limits,
  type Repository
} from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { digest } from "../src/digest.ts"
import { CampaignId } from "../src/model/Ids.ts"
import { piecesOf } from "../src/rules/idempotency.ts"
import { parseLead } from "../src/rules/parseLead.ts"
import { batchOf } from "../src/rules/upsert.ts"

const workspaceId = "w"
const run = <A, E>(program: Effect.Effect<A, E, Repository>) =>
  Effect.runPromise(Effect.provide(program, MemoryRepository.layer))

const draft = Effect.map(Campaigns.create({ workspaceId, name: "c" }), ({ id }) => ({
  workspaceId,
  campaignId: id
}))

const pieces = (leads: ReadonlyArray<unknown>, onInvalid: "report" | "reject" = "report") =>
  [
    ...piecesOf(
      batchOf(
        leads.map((row) => parseLead(row)),
        { campaignId: CampaignId.make("c"), onInvalid, ulid: "u" }
      )
    )
  ].join("\n")

describe("a fingerprint", () => {
  const ava = { email: "ava@example.com", firstName: "Ava", customFields: { plan: "pro", seats: 2 } }

  it.each([
    [
      "fields in another order",
      { customFields: { seats: 2, plan: "pro" }, firstName: "Ava", email: ava.email }
    ],
    ["custom fields at the top level", { email: ava.email, firstName: "Ava", plan: "pro", seats: 2 }],
    ["white space around the address", { ...ava, email: ` ${ava.email}\n` }],
    ["a field that is undefined", { ...ava, company: undefined }]
  ])("UP-10: is the same for %s", (_, other) => {
    expect(pieces([other])).toBe(pieces([ava]))
  })

  it.each([
    ["a field that is cleared", [{ ...ava, company: null }]],
    ["another value of a standard field", [{ ...ava, firstName: "Eva" }]],
    ["another type", [{ ...ava, customFields: { plan: "pro", seats: "2" } }]],
    ["another spelling", [{ ...ava, email: "Ava@example.com" }]],
    ["a row twice", [ava, ava]],
    ["a row that fails", [{ ...ava, email: 3 }]]
  ])("UP-10: is another one for %s", (_, others) => {
    expect(pieces(others)).not.toBe(pieces([ava]))
  })

  it("UP-10: knows failed rows by their issues, and the choice of what becomes of them", () => {
    expect(pieces([{ email: "nobody" }])).toBe(pieces([{ email: "no.one" }]))
    expect(pieces([{ email: "nobody" }])).not.toBe(pieces([{ email: "a@b@example.com" }]))
    expect(pieces([ava], "reject")).not.toBe(pieces([ava]))
  })

  it("UP-10: begins with the operation, the campaign and the choice", () => {
    expect(pieces([])).toBe('["bulkUpsert","c","report"]')
  })

  it("UP-10: is a SHA-256, however long the text", async () => {
    const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")
    expect(await Effect.runPromise(digest(["a", "b"]))).toBe(sha256("a\nb\n"))
    const long = "x".repeat(1_000_000)
    expect(await Effect.runPromise(digest([long, "b"]))).toBe(sha256(`${sha256(`${long}\n`)}b\n`))
  })
})

describe("an idempotency key", () => {
  const leads = [{ email: "ava@example.com" }, { email: "nobody" }, { email: "AVA@example.com" }]

  it("UP-10: gives the first report again, also where a lead has no room for a field", async () => {
    const full = Object.fromEntries(Array.from({ length: Limits.maxCustomFields }, (_, i) => [`f${i}`, i]))
    const text = "x".repeat(5_000)
    const large = Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`t${i}`, text]))
    const rows = [
      ...leads,
      { email: "bo@example.com", ...full },
      { email: "bo@example.com", more: 1 },
      { email: "cy@example.com", ...large },
      { email: "cy@example.com", company: text },
      { email: "di@example.com", ...large, company: text }
    ]
    const [first, again] = await run(
      Effect.gen(function* () {
        const batch = { ...(yield* draft), leads: rows, idempotencyKey: "k" }
        return [yield* Leads.bulkUpsert(batch), yield* Leads.bulkUpsert(batch)]
      })
    )
    expect(again).toEqual({ ...first, replayed: true })
    expect(first).not.toHaveProperty("replayed")
    expect(first).toMatchObject({ enrolled: 3, updated: 1, failed: 4, totalInCampaign: 3 })
    const reasons = [4, 6, 7].map((index) => {
      const row = first?.outcomes[index]
      return row?.outcome === "failed" ? row.issues.map(({ reason }) => reason) : []
    })
    expect(reasons).toEqual([["TooManyFields"], ["LeadTooLarge"], ["LeadTooLarge"]])
  })

  it("UP-10: gives the first report again where a row has more problems than are listed", async () => {
    const wide = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`f${i}`, {}]))
    const [first, again] = await run(
      Effect.gen(function* () {
        const rows = [
          { ...leads[0], ...wide },
          { ...leads[0], ...wide, ...wide, customFields: wide }
        ]
        const batch = { ...(yield* draft), leads: rows, idempotencyKey: "k" }
        return [yield* Leads.bulkUpsert(batch), yield* Leads.bulkUpsert(batch)]
      })
    )
    expect(again).toEqual({ ...first, replayed: true })
    const last = first?.outcomes.map((row) => row.outcome === "failed" && row.issues.at(-1)?.message)
    expect(last).toEqual([expect.stringContaining("800"), expect.stringContaining("1700")])
  })

  it("UP-10: is remembered for a week, to the millisecond", async () => {
    const week = 7 * 86_400_000
    const [first, last, later] = await run(
      Effect.gen(function* () {
        const batch = { ...(yield* draft), leads, idempotencyKey: "k" }
        const first = yield* Leads.bulkUpsert(batch)
        yield* TestClock.adjust(week - 1)
        const last = yield* Leads.bulkUpsert(batch)
        yield* TestClock.adjust(1)
        return [first, last, yield* Leads.bulkUpsert(batch)]
      }).pipe(Effect.provide(TestClock.layer()))
    )
    expect(last).toEqual({ ...first, replayed: true })
    expect(later).toMatchObject({ enrolled: 0, updated: 2 })
    expect(later).not.toHaveProperty("replayed")
  })

  it("UP-10: that was used does not make a campaign that is not there a conflict", async () => {
    const error = await run(
      Effect.gen(function* () {
        const batch = { ...(yield* draft), leads, idempotencyKey: "k" }
        yield* Leads.bulkUpsert(batch)
        return yield* Effect.flip(Leads.bulkUpsert({ ...batch, campaignId: "camp_none" }))
      })
    )
    expect(error).toMatchObject({ _tag: "CampaignNotFound" })
  })

  it("UP-10: given to other rows is a conflict, which serialises and repeats nothing", async () => {
    const error = await run(
      Effect.gen(function* () {
        const batch = { ...(yield* draft), idempotencyKey: "ava@example.com" }
        yield* Leads.bulkUpsert({ ...batch, leads })
        return yield* Effect.flip(Leads.bulkUpsert({ ...batch, leads: leads.slice(1) }))
      })
    )
    expect(error).toBeInstanceOf(IdempotencyConflict)
    expect(error.message).toContain("give each batch a key of its own")
    expect(
      JSON.stringify(Schema.encodeUnknownSync(IdempotencyConflict)(error)) + error.message
    ).not.toContain("ava")
  })

  it.each(["", "k".repeat(256), "a\0b", "\ud800", 3, null])("UP-10: %j is none", async (idempotencyKey) => {
    const error = await run(
      Effect.flatMap(draft, (ref) =>
        Effect.flip(Leads.bulkUpsert({ ...ref, leads, idempotencyKey: idempotencyKey as string }))
      )
    )
    expect(error).toBeInstanceOf(InvalidRequest)
    expect(error).toMatchObject({ issues: [{ path: "idempotencyKey" }] })
  })

  it("UP-10: calls at once, under one key, land once", () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 5 }), async (calls) => {
        const reports = await run(
          Effect.flatMap(draft, (ref) =>
            Effect.all(
              Array.from({ length: calls }, () => Leads.bulkUpsert({ ...ref, leads, idempotencyKey: "k" })),
              { concurrency: "unbounded" }
            )
          )
        )
        const landed = reports.filter((report) => !report.replayed)
        expect(landed).toEqual([expect.objectContaining({ enrolled: 1, updated: 1 })])
        for (const report of reports)
          expect({ ...report, replayed: true }).toEqual({ ...landed[0], replayed: true })
      })
    ))
})
