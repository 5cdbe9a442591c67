import { Campaigns, Ids, Leads } from "@leadterra/core"
import * as Effect from "effect/Effect"
import { Pool } from "pg"
import { afterAll, expect, it, onTestFinished } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"
import { BatchCache, LeadBatches } from "../src/leadBatches.ts"
import { Session } from "../src/Session.ts"
import { databasesOn, using } from "./databases.ts"

const server = await startPostgres()
afterAll(() => server.stop())
const newDatabase = databasesOn(server)
const workspaceId = Ids.WorkspaceId.make("w")

it("a transaction keeps the batches that it has met, whatever others make the store forget meanwhile", async () => {
  const url = await newDatabase()
  const emails = ["ann@example.com", "bob@example.com", "cid@example.com"]
  const ids = await using(
    { url },
    Effect.gen(function* () {
      const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c" })
      for (const email of emails) yield* Leads.bulkUpsert({ workspaceId, campaignId, leads: [{ email }] })
      return (yield* Leads.list({ workspaceId })).items.map(({ id }) => id)
    })
  )
  expect(ids).toHaveLength(3)
  const pool = new Pool({ connectionString: url, max: 1, pipeline: true })
  onTestFinished(() => pool.end())
  const client = await pool.connect()
  onTestFinished(() => client.release())
  const session = new Session(client, true)
  const cache = new BatchCache(1)
  const batches = new LeadBatches(session, workspaceId, cache)
  await batches.meetIds(ids)
  const numbers = ids.map((id) => batches.numberOf(id) ?? 0)
  const other = new LeadBatches(session, workspaceId, cache)
  for (const number of numbers) await other.meet([number])
  expect(numbers.map((number) => batches.idOf(number))).toEqual(ids)
  expect(numbers.map((number) => other.idOf(number))).toEqual(ids)
  expect(ids.map((id) => batches.numberOf(id))).toEqual(numbers)
})
