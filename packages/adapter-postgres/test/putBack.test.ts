/**
 * FAULTS 37: a database is put back to an earlier state while stores have it open: a restore, or a
 * failover to a replica that has not received the last commits.
 */
import { type Engine, open } from "@leadterra/core/promise"
import fc from "fast-check"
import { afterAll, expect, it } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"
import { PostgresRepository } from "../src/index.ts"
import { databasesOn } from "./databases.ts"

const server = await startPostgres()
afterAll(() => server.stop())
const newDatabase = databasesOn(server)

const workspaceId = "w"
const steps = [{ subject: "s", bodyHtml: "b" }]

/** Copies a database, which ends all connections to it. */
const copy = async (from: string, to: string): Promise<void> => {
  await server.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${from}'`)
  await server.run(`DROP DATABASE IF EXISTS ${to} WITH (FORCE)`)
  await server.run(`CREATE DATABASE ${to} TEMPLATE ${from}`)
}

/** One batch for each size; the addresses say which. */
const importInto = async (
  { leads }: Engine,
  campaignId: string,
  name: string,
  sizes: ReadonlyArray<number>
): Promise<void> => {
  for (const [batch, size] of sizes.entries()) {
    const rows = Array.from({ length: size }, (_, row) => ({ email: `${name}.${batch}.${row}@example.com` }))
    await leads.bulkUpsert({ workspaceId, campaignId, leads: rows })
  }
}

const idsOf = async ({ leads }: Engine): Promise<ReadonlyArray<readonly [email: string, id: string]>> =>
  (await leads.list({ workspaceId, limit: 1_000 })).items.map(({ email, id }) => [email, id] as const)

const sizes = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 })

it("ID-1, SU-1: two stores agree on every id after their database was put back, and a report by id reaches its own lead", async () => {
  await fc.assert(
    fc.asyncProperty(sizes, sizes, sizes, async (kept, lost, after) => {
      const url = await newDatabase()
      const database = new URL(url).pathname.slice(1)
      const one = await open(PostgresRepository.layer({ url, connections: 1 }))
      const two = await open(PostgresRepository.layer({ url, connections: 1 }))
      try {
        const { id: campaignId } = await one.campaigns.create({ workspaceId, name: "c", steps })
        await importInto(one, campaignId, "kept", kept)
        await one.campaigns.start({ workspaceId, campaignId })
        const before = await idsOf(two)
        await copy(database, `${database}_copy`)
        await importInto(one, campaignId, "lost", lost)
        // One store has seen the leads that are lost, the other has not.
        await idsOf(one)

        await copy(`${database}_copy`, database)
        await importInto(two, campaignId, "after", after)
        const ids = await idsOf(two)
        expect(await idsOf(one)).toEqual(ids)
        expect(ids).toEqual(expect.arrayContaining([...before]))
        const claimed = await one.delivery.claim({ workspaceId, limit: 1_000 })
        expect(claimed.map(({ lead, to }) => [to, lead.id]).sort()).toEqual(ids.toSorted())
        // The last lead may have the number of one that was lost.
        const last = claimed.find(({ to }) => to === ids.at(-1)?.[0])
        const report = { messageId: last?.messageId ?? "", type: "unsubscribed" } as const
        expect(await two.delivery.record({ workspaceId, reports: [report] })).toMatchObject({ recorded: 1 })
        const { items } = await one.suppression.list({ workspaceId })
        expect(items.map(({ entry }) => entry)).toEqual([last?.to])
      } finally {
        await one.close()
        await two.close()
      }
    }),
    { numRuns: 5 }
  )
})
