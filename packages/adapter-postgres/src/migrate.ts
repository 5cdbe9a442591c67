/**
 * Brings the tables of a database to the version of this package, or refuses those of a newer one. Processes may open a new
 * database at once: one makes the tables, and the others wait for it.
 */
import { StoreRefused, StoreUnavailable } from "@leadterra/core"
import type { QueryResult } from "pg"
import { type Connection, unlimited } from "./Connection.ts"
import { CannotOpen } from "./failure.ts"
import { migrations, tableIn } from "./migrations.ts"
import { Session, statement } from "./Session.ts"

/** Names the lock that who makes tables holds: "Lead" in ASCII. */
const lockKey = 0x4c656164

const versionTable = "leadterra_version"

/** The number of migrations that have been applied. It asks the catalogue: what a session knows of a name may be of before its wait. */
const versionOf = async (connection: Connection): Promise<number> => {
  const { rowCount } = await connection.query({
    text: "SELECT 1 FROM pg_catalog.pg_class WHERE relname = $1 AND pg_catalog.pg_table_is_visible(oid)",
    values: [versionTable]
  })
  if (rowCount === 0) return 0
  return (await new Session(connection, false).first(readVersion))?.version ?? 0
}

export const readVersion = statement<{ readonly version: number }>(`SELECT version FROM ${versionTable}`)

const refuseNewer = (version: number): void => {
  if (version > migrations.length)
    throw refused(`the tables are of a newer version (${version}): update this package`)
}

/** Refuses every version but this one's, by the answer to `readVersion`. */
export const checkVersion = (answer: QueryResult<{ readonly version: number }> | undefined): void => {
  const version = answer?.rows[0]?.version ?? 0
  refuseNewer(version)
  if (version < migrations.length)
    throw refused(`the tables are of an older version (${version}): open the store again`)
}

const refused = (why: string): CannotOpen => new CannotOpen(new StoreRefused({ why }))

/** Checks the tables; makes or updates them where `migrate` allows it. */
export const prepareTables = async (
  connection: Connection,
  { migrate, partitions }: { readonly migrate: boolean; readonly partitions: number }
): Promise<void> => {
  const { rows } = await connection.query<{ readonly server_encoding: string }>("SHOW server_encoding")
  if (rows[0]?.server_encoding !== "UTF8")
    throw new CannotOpen(
      new StoreUnavailable({ why: "the database must be made with ENCODING 'UTF8'", cause: undefined })
    )
  const version = await versionOf(connection)
  refuseNewer(version)
  if (version === migrations.length) return
  if (!migrate)
    throw refused("the tables are missing or of an older version: open the store once with migrate: true")
  // A migration takes as long as it takes, and so does the wait for one that another process runs.
  const run = (query: string) => connection.query(query, unlimited)
  await run("BEGIN")
  try {
    await run(`SELECT pg_advisory_xact_lock(${lockKey})`)
    const from = await versionOf(connection)
    refuseNewer(from)
    if (from === 0) await run(`CREATE TABLE IF NOT EXISTS ${versionTable} (version integer NOT NULL)`)
    // Every transaction reads the version first: those that have begun end before this, others
    // wait.
    await run(`LOCK TABLE ${versionTable} IN ACCESS EXCLUSIVE MODE`)
    for (const migration of migrations.slice(from)) await run(migration(tableIn(partitions)))
    await run(`DELETE FROM ${versionTable}`)
    await run(`INSERT INTO ${versionTable} VALUES (${migrations.length})`)
    await run("COMMIT")
  } catch (error) {
    await connection.rollback()
    throw error
  }
}
