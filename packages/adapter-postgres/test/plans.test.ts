/** What the server makes of the statements, on tables that are new to it and on tables that it knows. */
import type { Delivery } from "@leadterra/core"
import { open } from "@leadterra/core/promise"
import { Pool, type PoolClient } from "pg"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"
import { PostgresRepository } from "../src/index.ts"
import { settings } from "../src/transaction.ts"
import { databasesOn } from "./databases.ts"

const server = await startPostgres()
afterAll(() => server.stop())
const newDatabase = databasesOn(server)

const workspaceId = "w"
const steps = [
  { subject: "s", bodyHtml: "b" },
  { subject: "t", bodyHtml: "c" }
]

/** Uses the store in all the ways there are. */
const useAll = async (options: PostgresRepository.PostgresOptions): Promise<void> => {
  const engine = await open(PostgresRepository.layer(options))
  const { campaigns, delivery, events, leads, suppression } = engine
  const { id: campaignId } = await campaigns.create({ workspaceId, name: "c", steps })
  const ref = { workspaceId, campaignId }
  for (const company of ["Acme", "Buildfast"]) {
    const rows = Array.from({ length: 50 }, (_, index) => ({ email: `p${index}@example.com`, company }))
    await leads.bulkUpsert({ ...ref, leads: rows })
    for (const row of rows)
      await leads.bulkUpsert({ ...ref, leads: [row], idempotencyKey: `${company} ${row.email}` })
  }
  await campaigns.start(ref)
  await leads.bulkUpsert({ ...ref, leads: [{ email: "late@example.com" }] })
  const claimed = await delivery.claim({ workspaceId, limit: 40, leaseSeconds: 60 })
  const types = ["sent", "failed", "replied", "unsubscribed", "bounced"] as const
  const reports = claimed.slice(0, 20).map(({ claimToken, messageId }, index): Delivery.Report => {
    const type = types[index % types.length] ?? "sent"
    return type === "failed" ? { messageId, type, claimToken } : { messageId, type }
  })
  await delivery.record({ workspaceId, reports })
  await delivery.claim({ limit: 5 })
  await campaigns.pause(ref)
  await campaigns.list({ workspaceId })
  await campaigns.stats(ref)
  const gone = Array.from({ length: 100 }, (_, index) => `gone${index}@example.com`)
  await suppression.add({ workspaceId, entries: ["p40@example.com", "@example.net", ...gone] })
  await suppression.remove({ workspaceId, entries: ["@example.net"] })
  await suppression.list({ workspaceId })
  await leads.erase({ workspaceId, email: "p41@example.com" })
  await leads.bulkUpsert({ ...ref, leads: [{ email: "p41@example.com" }] })
  await leads.list({ workspaceId })
  for await (const _ of leads.enrolled(ref)) break
  await events.read({ workspaceId })
  await engine.close()
}

interface Prepared {
  readonly name: string
  readonly statement: string
  readonly count: number
}

/** The plans of all statements that a connection has prepared, as the store has them made. */
const plansOf = async (
  client: PoolClient
): Promise<ReadonlyArray<{ readonly text: string; readonly plan: string }>> => {
  const { rows: prepared } = await client.query<Prepared>(
    `SELECT name, statement, coalesce(array_length(parameter_types, 1), 0) AS count FROM pg_prepared_statements
     WHERE name LIKE 'leadterra%' ORDER BY statement`
  )
  await client.query(`BEGIN; ${settings}`)
  const plans = []
  for (const { count, name, statement } of prepared) {
    const nulls = count === 0 ? "" : `(${Array.from({ length: count }, () => "NULL").join(", ")})`
    const { rows } = await client.query<{ readonly "QUERY PLAN": string }>(`EXPLAIN EXECUTE ${name} ${nulls}`)
    plans.push({ text: statement, plan: rows.map((row) => row["QUERY PLAN"]).join("\n") })
  }
  await client.query("ROLLBACK")
  return plans
}

const detours = /Seq Scan|Bitmap|Hash Join|Merge Join|Join Filter|Materialize|Memoize/
const scan = /Index (?:Only )?Scan using \w+ on ([a-z]+(?:_batch)?).*\n(?:\s+Index Cond: (.*))?/g

/** Where a plan goes along more than what it is about: tables, or parts of an index, that grow with what a workspace holds. */
const walksOf = (plan: string): ReadonlyArray<string> => {
  const walked = Array.from(plan.matchAll(scan)).flatMap(([, table = "", condition = ""]) =>
    / AND /.test(condition) ? [] : [table]
  )
  return [...(detours.exec(plan) ?? []), ...walked.filter((table) => !few.has(table))]
}

/** A workspace is one row, and has few campaigns. */
const few: ReadonlySet<string> = new Set(["workspace", "campaign"])

/** A domain is looked for along the leads of the workspace. */
const isAsked = (text: string): boolean => text.includes("strpos(key, '@')) = ANY")

describe("plans", () => {
  it.each([
    ["new tables", {}, []],
    ["tables that the server knows", {}, ["ANALYZE"]],
    ["new tables in parts", { partitions: 16 }, []]
  ])("every statement finds its rows by key, on %s", async (_, layout, meanwhile) => {
    const pool = new Pool({ connectionString: await newDatabase(), max: 1 })
    onTestFinished(() => pool.end())
    await useAll({ pool, ...layout })
    const client = await pool.connect()
    onTestFinished(() => client.release())
    for (const sql of meanwhile) await client.query(sql)
    const plans = await plansOf(client)
    expect(plans.length).toBeGreaterThan(45)
    const walking = plans.filter(({ plan, text }) => !isAsked(text) && walksOf(plan).length > 0)
    expect(walking.map(({ plan, text }) => `${walksOf(plan).join(", ")} in ${text}\n${plan}`)).toEqual([])
  })
})
