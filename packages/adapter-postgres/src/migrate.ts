/**
 * Brings the tables of a database to the version of this package, or refuses those of a newer one. Processes may open a new
 * database at once: one makes the tables, and the others wait for it.
 */
import { StoreRefused, StoreUnavailable } from "@leadterra/core"
import type { PoolClient } from "pg"
import { CannotOpen } from "./failure.ts"
import { migrations, tableIn } from "./migrations.ts"
import { Session, statement } from "./Session.ts"

/** Names the lock that who makes tables holds: "Lead" in ASCII. */
const lockKey = 0x4c656164

const versionTable = "leadterra_version"

/** The number of migrations that have been applied. It asks the catalogue: what a session knows of a name may be of before its wait. */
const versionOf = async (client: PoolClient): Promise<number> => {
  const { rowCount } = await client.query({
    text: "SELECT 1 FROM pg_catalog.pg_class WHERE relname = $1 AND pg_catalog.pg_table_is_visible(oid)",
    values: [versionTable]
  })
  if (rowCount === 0) return 0
  return (await new Session(client, false).first(readVersion))?.version ?? 0
}

const readVersion = statement<{ readonly version: number }>(`SELECT version FROM ${versionTable}`)

const refuseOther = (version: number): void => {
  if (version > migrations.length)
    throw refused(`the tables are of a newer version (${version}): update this package`)
}

const refused = (why: string): CannotOpen => new CannotOpen(new StoreRefused({ why }))

/** Checks the tables; makes or updates them where `migrate` allows it. */
export const prepareTables = async (
  client: PoolClient,
  { migrate, partitions }: { readonly migrate: boolean; readonly partitions: number }
): Promise<void> => {
  const { rows } = await client.query<{ readonly server_encoding: string }>("SHOW server_encoding")
  if (rows[0]?.server_encoding !== "UTF8")
    throw new CannotOpen(
      new StoreUnavailable({ why: "the database must be made with ENCODING 'UTF8'", cause: undefined })
    )
  const version = await versionOf(client)
  refuseOther(version)
  if (version === migrations.length) return
  if (!migrate)
    throw refused("the tables are missing or of an older version: open the store once with migrate: true")
  await client.query("BEGIN")
  try {
    await client.query(`SELECT pg_advisory_xact_lock(${lockKey})`)
    const from = await versionOf(client)
    refuseOther(from)
    if (from === 0)
      await client.query(`CREATE TABLE IF NOT EXISTS ${versionTable} (version integer NOT NULL)`)
    for (const migration of migrations.slice(from)) await client.query(migration(tableIn(partitions)))
    await client.query(`DELETE FROM ${versionTable}`)
    await client.query({ text: `INSERT INTO ${versionTable} VALUES ($1)`, values: [migrations.length] })
    await client.query("COMMIT")
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {})
    throw error
  }
}
