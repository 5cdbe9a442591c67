/** What the server makes of the statements, on tables that are new to it and on tables that it knows. */
import { Pool, type PoolClient } from "pg"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"
import { settings } from "../src/transaction.ts"
import { databasesOn } from "./databases.ts"
import { useAll } from "./useAll.ts"

const server = await startPostgres()
afterAll(() => server.stop())
const newDatabase = databasesOn(server)

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

const detours = /Seq Scan|Bitmap|Hash Join|Merge Join|Join Filter|Materialize|Memoize|SubPlan/
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
