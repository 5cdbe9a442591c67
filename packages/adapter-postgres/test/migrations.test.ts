/** Tables of another version: a migration keeps what they hold, and unknown ones are refused. */
import { Campaigns } from "@leadterra/core"
import * as Effect from "effect/Effect"
import { type Client, Pool } from "pg"
import { afterAll, describe, expect, it } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"
import { prepareTables, schemaVersion } from "../src/migrate.ts"
import { migrations } from "../src/migrations.ts"
import { attempt, withConnection } from "../src/transaction.ts"
import { connected, databasesOn, using } from "./databases.ts"

const server = await startPostgres()
afterAll(() => server.stop())
const newDatabase = databasesOn(server)

const workspaceId = "w"
const partitioned = [0, 2] as const

/** Opens a database as a package with these migrations does. */
const migrated = async (url: string, partitions: number, list: typeof migrations): Promise<void> => {
  const pool = new Pool({ connectionString: url })
  const waits = { acquireTimeoutMillis: 5_000, idleTimeoutMillis: 60_000, queryTimeoutMillis: 60_000 }
  const connections = {
    pool,
    isOwn: true,
    namedStatements: true,
    statementTimeoutMillis: undefined,
    ...waits
  }
  const program = attempt("open", (signal) =>
    withConnection(connections, signal, (connection) =>
      prepareTables(connection, { migrate: true, partitions, ...waits }, list)
    )
  )
  await Effect.runPromise(program).finally(() => pool.end())
}

const versionIn = async (client: Client): Promise<unknown> =>
  (await client.query("SELECT version FROM leadterra_version")).rows

const next: typeof migrations = [...migrations, () => "ALTER TABLE campaign ADD COLUMN note text;"]
const failing = () => "CREATE TABLE more (id int); SELECT no_such_column;"

describe.each(partitioned)("tables in %i partitions", (partitions) => {
  const options = (url: string) => (partitions === 0 ? { url } : { url, partitions })

  const withCampaign = async (): Promise<string> => {
    const url = await newDatabase()
    await using(options(url), Campaigns.create({ workspaceId, name: "kept" }))
    return url
  }

  it("get each added migration once, keep what they hold, and are refused by the version before", async () => {
    const url = await withCampaign()
    await migrated(url, partitions, next)
    await migrated(url, partitions, next)
    const client = await connected(url)
    expect(await versionIn(client)).toEqual([{ version: schemaVersion + 1 }])
    const { rows } = await client.query("SELECT name, note FROM campaign")
    expect(rows).toEqual([{ name: "kept", note: null }])
    const refused = using(options(url), Effect.void)
    await expect(refused).rejects.toMatchObject({ reason: { _tag: "StoreRefused" } })
  })

  it("stay as they were when a migration fails", async () => {
    const url = await withCampaign()
    await expect(migrated(url, partitions, [...next, failing])).rejects.toThrow()
    const client = await connected(url)
    expect(await versionIn(client)).toEqual([{ version: schemaVersion }])
    expect((await client.query("SELECT to_regclass('more') AS more")).rows).toEqual([{ more: null }])
    const found = await using(options(url), Campaigns.list({ workspaceId }))
    expect(found.items).toMatchObject([{ name: "kept" }])
  })

  it("are not there when the first migration fails, and the next opening makes them", async () => {
    const url = await newDatabase()
    await expect(migrated(url, partitions, [...migrations, failing])).rejects.toThrow()
    const client = await connected(url)
    const made = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    expect((await client.query(made)).rows).toEqual([])
    await using(options(url), Campaigns.create({ workspaceId, name: "new" }))
    expect(await versionIn(client)).toEqual([{ version: schemaVersion }])
  })
})

it.each([
  [1, true],
  [5, false],
  [99, true]
])(
  "tables of schema %i, from before the first release, are refused by name and left as they are",
  async (version, migrate) => {
    const url = await newDatabase()
    const client = await connected(url)
    await client.query(`CREATE TABLE leadterra_version (version integer NOT NULL);
      INSERT INTO leadterra_version VALUES (${version});
      CREATE TABLE workspace (workspace text PRIMARY KEY)`)
    const refused = using({ url, migrate }, Effect.void)
    await expect(refused).rejects.toMatchObject({
      isRetryable: false,
      reason: {
        _tag: "StoreRefused",
        why: expect.stringMatching(
          new RegExp(`before the first release \\(${version}\\), and were left .*: name a new database`)
        )
      }
    })
    expect(await versionIn(client)).toEqual([{ version }])
    const made = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    expect((await client.query(made)).rowCount).toBe(2)
  }
)
