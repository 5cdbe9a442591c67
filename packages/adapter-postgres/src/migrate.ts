/**
 * Brings the tables of a database to the version of this package, or refuses those of a newer one or
 * from before the first release. Processes may open a new database at once: one makes the tables,
 * and the others wait for it.
 */
import { StoreRefused } from "@leadterra/core"
import type { QueryResult } from "pg"
import { type Connection, unlimited } from "./Connection.ts"
import { CannotOpen, cannotOpen } from "./failure.ts"
import { migrations, tableIn } from "./migrations.ts"
import { columnTypes, statement } from "./Session.ts"

/** Names the lock that who makes tables holds: "Lead" in ASCII. */
const lockKey = 0x4c656164

const versionTable = "leadterra_version"

/** Versions from 1 to this one are those of tables from before the first release. */
const lastUnreleased = 99

/** The version of tables to which this many migrations were applied. */
const versionAfter = (applied: number): number => lastUnreleased + applied

/** The version of the tables that this package makes. */
export const schemaVersion = versionAfter(migrations.length)

/**
 * The version of the tables; 0 where there are none. It asks the catalogue, since a session may
 * remember names from before its wait.
 */
const versionOf = async (connection: Connection, timeoutMillis: number): Promise<number> => {
  const { rowCount } = await connection.query({
    text: "SELECT 1 FROM pg_catalog.pg_class WHERE relname = $1 AND pg_catalog.pg_table_is_visible(oid)",
    values: [versionTable]
  })
  if (rowCount === 0) return 0
  const query = { text: readVersion.text, types: columnTypes }
  const { rows } = await connection.query<{ readonly version: number }>(query, timeoutMillis)
  return rows[0]?.version ?? 0
}

export const readVersion = statement<{ readonly version: number }>(`SELECT version FROM ${versionTable}`)

/** The advice of the refusal of a database without tables of this package, under `migrate: false`. */
export const tablesMissing = "the tables are missing: open the store once with migrate: true"

const refuseNewer = (version: number, known = schemaVersion): void => {
  if (version > known) throw refused(`the tables are of a newer version (${version}): update this package`)
}

/** Refuses tables that no migration of this package begins with. */
const refuseUnknown = (version: number, known: number): void => {
  refuseNewer(version, known)
  if (version > 0 && version <= lastUnreleased)
    throw refused(
      `the tables have a schema from before the first release (${version}), and were left as they are: name a new database, and import the leads again`
    )
}

/** Refuses every version but this one's, by the answer to `readVersion`. */
export const checkVersion = (answer: QueryResult<{ readonly version: number }> | undefined): void => {
  const version = answer?.rows[0]?.version ?? 0
  refuseNewer(version)
  if (version < schemaVersion)
    throw refused(`the tables are of an older version (${version}): open the store again`)
}

const refused = (why: string): CannotOpen => new CannotOpen(new StoreRefused({ why }))

export interface PrepareOptions {
  readonly migrate: boolean
  readonly partitions: number
  readonly acquireTimeoutMillis: number
  readonly idleTimeoutMillis: number
  readonly queryTimeoutMillis: number
}

/**
 * Checks the tables; makes or updates them where `migrate` allows it. The server ends the wait for a
 * lock that another process holds, which fails by `StoreBusy`, and rolls back a process that is
 * silent within its migration, so that others can go on.
 */
export const prepareTables = async (
  connection: Connection,
  options: PrepareOptions,
  list = migrations
): Promise<void> => {
  const { acquireTimeoutMillis, idleTimeoutMillis, queryTimeoutMillis } = options
  // After a wait for a lock each statement sees what the other process has committed.
  await connection.query(
    `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = ${queryTimeoutMillis}; SET LOCAL idle_in_transaction_session_timeout = ${idleTimeoutMillis}`,
    acquireTimeoutMillis
  )
  try {
    await prepare(connection, options, list)
    await connection.query("COMMIT")
  } catch (error) {
    await connection.rollback()
    throw error
  }
}

const prepare = async (
  connection: Connection,
  { migrate, partitions, queryTimeoutMillis }: PrepareOptions,
  list: typeof migrations
): Promise<void> => {
  const query = { text: "SHOW server_encoding", types: columnTypes }
  const { rows } = await connection.query<{ readonly server_encoding: string }>(query)
  if (rows[0]?.server_encoding !== "UTF8") throw cannotOpen("the database must be made with ENCODING 'UTF8'")
  // Longer than the server waits for a lock, so that its answer comes first.
  const lockMillis = Math.min(2 * queryTimeoutMillis, 0x7fffffff)
  const latest = versionAfter(list.length)
  const version = await versionOf(connection, lockMillis)
  refuseUnknown(version, latest)
  if (version === latest) return
  if (!migrate)
    throw refused(
      version === 0
        ? tablesMissing
        : `the tables are of an older version (${version}): open the store once with migrate: true`
    )
  await connection.query(`SELECT pg_advisory_xact_lock(${lockKey})`, lockMillis)
  const from = await versionOf(connection, lockMillis)
  refuseUnknown(from, latest)
  // The statements of a migration take as long as they take.
  const run = (query: string) => connection.query(query, unlimited)
  if (from === 0) await run(`CREATE TABLE IF NOT EXISTS ${versionTable} (version integer NOT NULL)`)
  // Every transaction reads the version first: those that have begun end before this, others
  // wait.
  await connection.query(`LOCK TABLE ${versionTable} IN ACCESS EXCLUSIVE MODE`, lockMillis)
  const missing = list.slice(Math.max(0, from - lastUnreleased))
  for (const migration of missing) await run(migration(tableIn(partitions)))
  await run(`DELETE FROM ${versionTable}`)
  await run(`INSERT INTO ${versionTable} VALUES (${latest})`)
}
