/**
 * FAULTS 57: a COMMIT that the server rolls back, and tables that another version migrates under an
 * open store.
 */
import { Campaigns, Delivery, Events, Leads, type Repository, Suppression } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { afterAll, describe, expect, it } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"
import { connected, databasesOn, using } from "./databases.ts"
import { watchedPool } from "./hostPool.ts"

const server = await startPostgres()
afterAll(() => server.stop())
const newDatabase = databasesOn(server)

const workspaceId = "w"

describe.each([
  ["waits for each statement", false],
  ["is pipelined", true]
])("on a connection that %s", (_, pipeline) => {
  it("UP-6: a call whose COMMIT the server answers by ROLLBACK fails, and nothing of it is told or stored", async () => {
    let breaks = false
    const pool = watchedPool(await newDatabase(), pipeline, (sent, client) => {
      if (breaks && sent[0] === "COMMIT") {
        breaks = false
        // A statement of the transaction that has failed unheard.
        client.query("SELECT 1 / 0").catch(() => {})
      }
      return sent
    })
    await using(
      { pool },
      Effect.gen(function* () {
        const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c" })
        const upsert = Leads.bulkUpsert({ workspaceId, campaignId, leads: [{ email: "ann@example.com" }] })
        breaks = true
        const error = yield* Effect.flip(upsert)
        expect(error).toMatchObject({ reason: { _tag: "StoreUnavailable" } })
        expect(error.message).toMatch(/rolled the transaction back/)
        expect((yield* Leads.list({ workspaceId })).items).toEqual([])
        expect((yield* Events.read({ workspaceId })).items).toEqual([])
        yield* upsert
        expect((yield* Leads.list({ workspaceId })).items).toHaveLength(1)
      })
    )
  })
})

const calls: Readonly<Record<string, (campaignId: string) => Effect.Effect<unknown, unknown, Repository>>> = {
  "a decision": (campaignId) =>
    Leads.bulkUpsert({ workspaceId, campaignId, leads: [{ email: "ann@example.com" }] }),
  "the first decision of a workspace": () => Campaigns.create({ workspaceId: "new", name: "c" }),
  "a claim for all workspaces": () => Delivery.claim({}),
  "a read": (campaignId) => Campaigns.get({ workspaceId, campaignId }),
  "a list": () => Suppression.list({ workspaceId })
}

it.each([
  ["newer", "version + 1", /of a newer version/],
  ["older", "version - 1", /of an older version/]
])(
  "%s tables than those that a store has opened are refused by name in every call, and left as they are",
  async (_, version, why) => {
    const url = await newDatabase()
    const client = await connected(url)
    await using(
      { url },
      Effect.gen(function* () {
        const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c" })
        yield* Effect.promise(() => client.query(`UPDATE leadterra_version SET version = ${version}`))
        for (const [name, call] of Object.entries(calls)) {
          const error = yield* Effect.flip(call(campaignId))
          expect(error, name).toMatchObject({
            reason: { _tag: "StoreRefused", why: expect.stringMatching(why) }
          })
        }
        const { rows } = yield* Effect.promise(() =>
          client.query("SELECT (SELECT count(*) FROM lead) + (SELECT count(*) FROM workspace) AS n")
        )
        expect(rows).toEqual([{ n: "1" }])
      })
    )
  }
)

it("a migration waits for the calls that have begun, and the calls after it are refused", async () => {
  const url = await newDatabase()
  const migrating = await connected(url)
  const holder = await connected(url)
  await using(
    { url },
    Effect.gen(function* () {
      const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c" })
      const upsert = Leads.bulkUpsert({ workspaceId, campaignId, leads: [{ email: "ann@example.com" }] })
      yield* Effect.promise(() => holder.query("BEGIN; SELECT 1 FROM workspace FOR UPDATE"))
      const begun = yield* Effect.forkChild(upsert)
      yield* Effect.promise(() =>
        expect
          .poll(async () => (await migrating.query("SELECT 1 FROM pg_locks WHERE NOT granted")).rowCount)
          .toBeGreaterThan(0)
      )
      // As a newer version of this package does.
      yield* Effect.promise(() => migrating.query("BEGIN"))
      const locked = migrating.query("LOCK TABLE leadterra_version IN ACCESS EXCLUSIVE MODE")
      yield* Effect.promise(() => holder.query("ROLLBACK"))
      yield* Effect.promise(() => locked)
      yield* Effect.promise(() =>
        migrating.query("UPDATE leadterra_version SET version = version + 1; COMMIT")
      )
      expect(yield* Fiber.join(begun)).toMatchObject({ enrolled: 1 })
      expect(yield* Effect.flip(upsert)).toMatchObject({ reason: { _tag: "StoreRefused" } })
    })
  )
})
