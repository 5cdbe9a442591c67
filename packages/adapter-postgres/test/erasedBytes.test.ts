/** FAULTS 44: the bytes of a person that the server keeps after an erasure. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Campaigns, Leads, Suppression } from "@leadterra/core"
import * as Effect from "effect/Effect"
import type { Client } from "pg"
import { afterAll, describe, expect, it } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"
import { connected, databasesOn, using } from "./databases.ts"

const server = await startPostgres()
afterAll(() => server.stop())
const newDatabase = databasesOn(server)

const workspaceId = "w"

/** The statements by which the README removes the bytes. */
const procedure = (): ReadonlyArray<string> => {
  const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8")
  const sql = /^## Erased bytes\n[\s\S]*?^```sql\n([\s\S]*?)^```/m.exec(readme)?.[1] ?? ""
  return sql.split(";").filter((statement) => statement.trim() !== "")
}

/** The files of the client's database that hold a text. */
const filesWith = async (client: Client, text: string): Promise<ReadonlyArray<string>> => {
  const { rows } = await client.query<{ readonly name: string }>({
    text: `SELECT name FROM pg_database AS d CROSS JOIN LATERAL pg_ls_dir('base/' || d.oid) AS f (name)
      WHERE d.datname = current_database() AND position($1::bytea IN
        pg_read_binary_file('base/' || d.oid || '/' || name, 0, 1000000000, true)) > 0`,
    values: [Buffer.from(text)]
  })
  return rows.map(({ name }) => name)
}

/** The columns that the server has statistics of, and whether these show the mark. */
const statistics = async (client: Client, mark: string) => {
  const { rows } = await client.query<{ readonly column: string; readonly shows: boolean }>({
    text: `SELECT tablename || '.' || attname AS column,
        strpos(concat(most_common_vals, histogram_bounds, most_common_elems), $1) > 0 AS shows
      FROM pg_stats WHERE schemaname = 'public'`,
    values: [mark]
  })
  return rows
}

const layouts = [
  ["whole tables", undefined],
  ["tables in parts", 4]
] as const

describe.each(layouts)("on %s", (_, partitions) => {
  it("ER-1: statistics show no person, and after what the README says no file of the database holds an erased address", async () => {
    const url = await newDatabase()
    const client = await connected(url)
    const mark = "quincy"
    const emails = Array.from({ length: 200 }, (_, index) => `${mark}.${index}@example.com`)
    await using(
      { url, partitions },
      Effect.gen(function* () {
        const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c" })
        const leads = emails.map((email) => ({
          email,
          firstName: mark,
          company: mark,
          note: mark.repeat(500)
        }))
        // Written, changed, and beside leads that stay.
        yield* Leads.bulkUpsert({ workspaceId, campaignId, leads: leads.map(({ email }) => ({ email })) })
        yield* Leads.bulkUpsert({ workspaceId, campaignId, leads })
        yield* Leads.bulkUpsert({ workspaceId, campaignId, leads: [{ email: "stays@example.com" }] })
        yield* Suppression.add({ workspaceId, entries: emails.slice(0, 100), reason: `${mark} asked for it` })
        yield* Effect.promise(() => client.query("ANALYZE"))
        const known = yield* Effect.promise(() => statistics(client, mark))
        expect(known.length).toBeGreaterThan(0)
        expect(known.filter(({ shows }) => shows)).toEqual([])
        yield* Leads.erase({ workspaceId, emails })
      })
    )
    // The bytes are there until they are removed.
    await client.query("VACUUM")
    await client.query("CHECKPOINT")
    expect(await filesWith(client, `${mark}.199@example.com`)).not.toEqual([])
    for (const statement of procedure()) await client.query(statement)
    expect(await filesWith(client, mark)).toEqual([])
    expect(await filesWith(client, "stays@example.com")).not.toEqual([])
  })
})
