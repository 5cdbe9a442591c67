/**
 * For every operation and every N: the N-th statement fails, BEGIN and COMMIT among them. The operation then fails with the
 * port's error, has changed nothing, and when it is tried again gives the answer and the state of an undisturbed run.
 */
import { at, noon, observe } from "@leadterra/conformance"
import { type CampaignId, Campaigns, Delivery, Leads, type Repository, Suppression } from "@leadterra/core"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { describe, expect, it } from "vitest"
import { migrations } from "../src/migrations.ts"
import { repositoryOn } from "../src/repositoryOn.ts"
import { on } from "./on.ts"

const workspaceId = "w"
const steps = [{ subject: "Hi {{firstName}}", bodyHtml: "<p>{{plan}}</p>" }]
const people = (from: number, to: number, plan: string) =>
  Array.from({ length: to - from }, (_, i) => ({ email: `lead${from + i}@example.com`, plan }))

interface Ref {
  readonly workspaceId: string
  readonly campaignId: CampaignId
}

/** Opens a copy of a database, whose N-th statement from now on throws when `failAt` says so. */
const openCopy = (bytes: Buffer | undefined) => {
  let statements = 0
  let failing: { readonly at: number; readonly code: string } | undefined
  const db = new Database(bytes ?? ":memory:", {
    verbose: () => {
      statements += 1
      if (statements === failing?.at) throw new Database.SqliteError("injected", failing.code)
    }
  })
  if (bytes === undefined) for (const migration of migrations) db.exec(migration)
  const repository = repositoryOn(db)
  statements = 0
  return {
    db,
    count: () => statements,
    run: <A, E>(effect: Effect.Effect<A, E, Repository>) =>
      on(repository, effect.pipe(at(noon), Random.withSeed("leadterra"))),
    failAt: (n: number | undefined, code = "SQLITE_IOERR_WRITE") => {
      statements = 0
      failing = n === undefined ? undefined : { at: n, code }
    }
  }
}

/** A running campaign with leads, a paused and a draft one, and a suppression. */
const scene = Effect.gen(function* () {
  const campaign = Effect.fnUntraced(function* (name: string) {
    const { id: campaignId } = yield* Campaigns.create({ workspaceId, name, steps })
    const ref: Ref = { workspaceId, campaignId }
    yield* Leads.bulkUpsert({ ...ref, leads: people(0, 20, "free") })
    return ref
  })
  const draft = yield* Random.withSeed(campaign("draft"), "draft")
  const running = yield* Random.withSeed(campaign("running"), "running")
  yield* Campaigns.start(running)
  const paused = yield* Random.withSeed(campaign("paused"), "paused")
  yield* Campaigns.start(paused)
  yield* Campaigns.pause(paused)
  yield* Suppression.add({ workspaceId, entries: ["lead3@example.com", "@gone.example"] })
  const claimed = yield* Random.withSeed(Delivery.claim({ workspaceId, limit: 6 }), "claim")
  return { draft, running, paused, claimed }
})

const first = openCopy(undefined)
const refs = await first.run(scene)
const bytes = first.db.serialize()
first.db.close()

const batch = [...people(5, 30, "pro"), { email: "lead3@example.com" }, { email: "nobody" }]

const operations: ReadonlyArray<readonly [name: string, run: Effect.Effect<unknown, unknown, Repository>]> = [
  ["Campaigns.create", Campaigns.create({ workspaceId, name: "new", steps })],
  ["Campaigns.create in a new workspace", Campaigns.create({ workspaceId: "other", name: "new" })],
  ["Campaigns.replaceSteps", Campaigns.replaceSteps({ ...refs.draft, steps: [...steps, ...steps] })],
  ["Campaigns.start", Campaigns.start(refs.draft)],
  ["Campaigns.start of a paused one", Campaigns.start(refs.paused)],
  ["Campaigns.pause", Campaigns.pause(refs.running)],
  ["Campaigns.get", Campaigns.get(refs.running)],
  ["Campaigns.list", Campaigns.list({ workspaceId })],
  ["Leads.bulkUpsert into a draft", Leads.bulkUpsert({ ...refs.draft, leads: batch })],
  ["Leads.bulkUpsert into a running one", Leads.bulkUpsert({ ...refs.running, leads: batch })],
  ["Leads.preview", Leads.preview({ ...refs.running, leads: batch })],
  ["Leads.get", Leads.get({ workspaceId, email: "lead1@example.com" })],
  ["Leads.enrollment", Leads.enrollment({ ...refs.running, email: "lead1@example.com" })],
  ["Leads.list", Leads.list({ ...refs.running, limit: 5 })],
  ["Suppression.add", Suppression.add({ workspaceId, entries: ["lead1@example.com", "@example.com"] })],
  ["Suppression.remove", Suppression.remove({ workspaceId, entries: ["lead3@example.com"] })],
  ["Suppression.check", Suppression.check({ workspaceId, emails: ["lead3@example.com"] })],
  ["Suppression.list", Suppression.list({ workspaceId })],
  ["Campaigns.stats", Campaigns.stats(refs.running)],
  ["Delivery.claim", Delivery.claim({ workspaceId, limit: 5 })],
  ["Delivery.claim in all workspaces", Delivery.claim({ limit: 5 })]
]

/** Sends, a bounce and a reply, a failure, and a stranger. */
const reports = refs.claimed.map(({ claimToken, messageId }, index): Delivery.Report => {
  const types = ["sent", "opened", "bounced", "replied", "failed", "unsubscribed"] as const
  return { messageId, claimToken, type: types[index] ?? "sent" }
})

const failures = [
  ["SQLITE_BUSY", "StoreBusy"],
  ["SQLITE_IOERR_WRITE", "StoreUnavailable"],
  ["SQLITE_FULL", "StoreUnavailable"]
] as const

describe("an operation whose N-th statement fails, for every N", () => {
  it.each(operations)("UP-6: %s is rolled back, typed, and safe to try again", async (_, operation) => {
    const undisturbed = openCopy(bytes)
    const expected = await undisturbed.run(operation)
    const total = undisturbed.count()
    const state = await undisturbed.run(observe(workspaceId))
    undisturbed.db.close()
    expect(total).toBeGreaterThan(2)
    for (let n = 1; n <= total; n++) {
      for (const [code, tag] of failures) {
        const { db, failAt, run } = openCopy(bytes)
        failAt(n, code)
        const error = await run(Effect.flip(operation))
        expect(error, `statement ${n} of ${total}`).toMatchObject({
          _tag: "RepositoryError",
          reason: { _tag: tag },
          isRetryable: tag === "StoreBusy"
        })
        expect(db.inTransaction).toBe(false)
        expect(db.serialize().equals(bytes), `the bytes after statement ${n} of ${total}`).toBe(true)
        failAt(undefined)
        expect(await run(operation)).toEqual(expected)
        expect(await run(observe(workspaceId))).toEqual(state)
        db.close()
      }
    }
  })

  it("DE-3: Delivery.record makes it the outcome of each report, and is safe to try again", async () => {
    const undisturbed = openCopy(bytes)
    const expected = await undisturbed.run(Delivery.record({ reports }))
    expect(expected).toMatchObject({ recorded: 6, failed: 0 })
    const total = undisturbed.count()
    const state = await undisturbed.run(observe(workspaceId))
    undisturbed.db.close()
    for (let n = 1; n <= total; n++) {
      for (const [code, tag] of failures) {
        const { db, failAt, run } = openCopy(bytes)
        failAt(n, code)
        const { failed, outcomes } = await run(Delivery.record({ reports }))
        expect(failed, `statement ${n} of ${total}`).toBe(reports.length)
        for (const outcome of outcomes) {
          const retryable = tag === "StoreBusy"
          expect(outcome).toMatchObject({ outcome: "failed", retryable, issues: [{ reason: "NotStored" }] })
        }
        expect(db.serialize().equals(bytes), `the bytes after statement ${n} of ${total}`).toBe(true)
        failAt(undefined)
        expect(await run(Delivery.record({ reports }))).toEqual(expected)
        expect(await run(observe(workspaceId))).toEqual(state)
        db.close()
      }
    }
  })
})
