import { Campaigns, Leads } from "@leadterra/core"
import { Pool } from "pg"
import { afterAll, expect, it, onTestFinished } from "vitest"
import { notedDigests } from "../../../test/digests.ts"
import { startPostgres } from "../../../test/postgres.ts"
import { databasesOn, using } from "./databases.ts"

const server = await startPostgres()
afterAll(() => server.stop())
const newDatabase = databasesOn(server)

const workspaceId = "w"

// FAULTS 45
it("UP-10: no table holds an unkeyed hash of a key or of its rows, and other rows under the key are a conflict", async () => {
  const pool = new Pool({ connectionString: await newDatabase(), max: 1 })
  onTestFinished(() => pool.end())
  const digestsOf = notedDigests()
  const { id: campaignId } = await using({ pool }, Campaigns.create({ workspaceId, name: "c" }))
  const leads = [{ email: "zoe@example.net", company: "Zoe's own" }]
  const batch = { workspaceId, campaignId, leads, idempotencyKey: "enrol zoe@example.net" }
  const first = await using({ pool }, Leads.bulkUpsert(batch))
  const { rows } = await pool.query<{ readonly row: string }>("SELECT a::text AS row FROM answer AS a")
  expect(rows).toHaveLength(1)
  const stored = Buffer.from(JSON.stringify(rows))
  expect(digestsOf(batch.idempotencyKey).filter((digest) => stored.includes(digest))).toEqual([])
  expect(await using({ pool }, Leads.bulkUpsert(batch))).toEqual({ ...first, replayed: true })
  await expect(using({ pool }, Leads.bulkUpsert({ ...batch, leads: [] }))).rejects.toThrow("another call")
})
