/**
 * `@leadterra/http/postgres`: the `ServerStore` in the PostgreSQL database that holds the leads, so
 * that one backup holds both. Its tables begin with `server_`, in the schema that `search_path` names.
 * A role that may not make tables can open the store once they are there. It needs SELECT on all of
 * them, INSERT on `server_workspace`, `server_key`, `server_secret` and `server_import`, UPDATE on
 * `server_key` and `server_import`, DELETE on `server_import`, and all three on `server_webhook` and
 * `server_delivery`. To replace a secret takes UPDATE on `server_secret`, and INSERT and DELETE on
 * `server_former_secret`.
 */
import {
  type KeyMode,
  type KeyRecord,
  type ServerStore,
  ServerStoreError,
  WorkspaceModeConflict
} from "../ServerStore.ts"
import { secretBytes } from "../secrets/SecretStore.ts"
import { attempt } from "./postgres/attempt.ts"
import * as PostgresImports from "./postgres/imports.ts"
import {
  type Answer,
  inTransaction,
  type Queryable,
  type ServerPool,
  textsOf
} from "./postgres/ServerPool.ts"
import * as Secrets from "./postgres/secrets.ts"
import * as Webhooks from "./postgres/webhooks.ts"

export type { ServerPool } from "./postgres/ServerPool.ts"

export interface PostgresServerStoreOptions {
  /** A pool of the host's own, which stays the host's to close. */
  readonly pool: ServerPool
}

/** Names the lock that a process holds while it makes the tables: "Serv" in ASCII. */
const lockKey = 0x53657276

/** Appended to, and never changed: `server_schema` has the number of those that were applied. */
const migrations: ReadonlyArray<string> = [
  `
  CREATE TABLE server_workspace (
    workspace text COLLATE "C" PRIMARY KEY,
    mode text NOT NULL CHECK (mode IN ('live', 'test'))
  );

  -- hash is the SHA-256 of a key. The mode of a key is that of its workspace.
  CREATE TABLE server_key (
    id text COLLATE "C" PRIMARY KEY,
    workspace text COLLATE "C" NOT NULL REFERENCES server_workspace,
    hash text COLLATE "C" NOT NULL UNIQUE CHECK (length(hash) = 64),
    hint text NOT NULL CHECK (length(hint) <= 4),
    created_at double precision NOT NULL,
    revoked_at double precision
  );

  CREATE INDEX server_key_of_workspace ON server_key (workspace);

  CREATE TABLE server_secret (
    name text COLLATE "C" PRIMARY KEY,
    secret text NOT NULL CHECK (length(secret) = ${2 * secretBytes})
  );
  `,
  Secrets.migration,
  PostgresImports.migration,
  Webhooks.migration
]

/**
 * Opens the store, and makes its tables the first time. Rejects with `ServerStoreError` for tables of
 * a newer version, for invalid options, and for a server that cannot be reached or refuses.
 */
export const make = async (options: PostgresServerStoreOptions): Promise<ServerStore> => {
  if (typeof options !== "object" || options === null)
    throw new ServerStoreError("the options are missing: give a pool")
  const { pool } = options
  if (typeof pool?.connect !== "function" || typeof pool.query !== "function")
    throw new ServerStoreError("pool must be a pool of pg: give one")
  if ((await attempt(() => versionOf(pool))) < migrations.length) await attempt(() => migrate(pool))
  return storeOn(pool)
}

/** The number of migrations that were applied. Throws for more than this version knows. */
const versionOf = async (connection: Queryable): Promise<number> => {
  // The catalogue, since a session may not see yet what another process has just made.
  const { rows } = await connection.query(
    "SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'server_schema' AND pg_catalog.pg_table_is_visible(oid)"
  )
  if (rows.length === 0) return 0
  const found = await connection.query("SELECT version::text AS version FROM server_schema")
  const version = Number(textsOf(found)[0]?.["version"] ?? 0)
  if (version > migrations.length)
    throw new ServerStoreError(
      `the server's tables are of a newer version (${version}, this one knows ${migrations.length}): update @leadterra/http`
    )
  return version
}

/** Runs in one transaction, one process at a time. */
const migrate = (pool: ServerPool): Promise<void> =>
  inTransaction(pool, async (connection) => {
    await connection.query("SELECT pg_advisory_xact_lock($1)", [lockKey])
    const version = await versionOf(connection)
    if (version === migrations.length) return
    for (const migration of migrations.slice(version)) await connection.query(migration)
    await connection.query("CREATE TABLE IF NOT EXISTS server_schema (version integer NOT NULL)")
    await connection.query("DELETE FROM server_schema")
    await connection.query("INSERT INTO server_schema VALUES ($1)", [migrations.length])
  })

const recordOf = (row: Readonly<Record<string, string | null>>): KeyRecord => ({
  id: row["id"] ?? "",
  workspaceId: row["workspace"] ?? "",
  mode: modeIn(row["mode"]),
  hash: row["hash"] ?? "",
  hint: row["hint"] ?? "",
  createdAt: Number(row["created_at"]),
  revokedAt: row["revoked_at"] === null ? null : Number(row["revoked_at"])
})

const modeIn = (text: string | null | undefined): KeyMode => (text === "live" ? "live" : "test")

const keysSql = `SELECT id, workspace, mode, hash, hint, created_at::text, revoked_at::text
  FROM server_key JOIN server_workspace USING (workspace)`

const storeOn = (pool: ServerPool): ServerStore => {
  const query = (text: string, values: Array<unknown> = []): Promise<Answer> =>
    attempt(() => pool.query(text, values))

  const add = async (connection: Queryable, record: KeyRecord): Promise<void> => {
    const { createdAt, hash, hint, id, mode, revokedAt, workspaceId } = record
    // The second of two processes waits here for the first, and then finds its row.
    const insert = "INSERT INTO server_workspace VALUES ($1, $2) ON CONFLICT DO NOTHING"
    await connection.query(insert, [workspaceId, mode])
    const select = "SELECT mode FROM server_workspace WHERE workspace = $1"
    const existing = modeIn(textsOf(await connection.query(select, [workspaceId]))[0]?.["mode"])
    if (existing !== mode) throw new WorkspaceModeConflict(workspaceId, existing)
    const values = [id, workspaceId, hash, hint, createdAt, revokedAt]
    await connection.query("INSERT INTO server_key VALUES ($1, $2, $3, $4, $5, $6)", values)
  }

  /** The connection that the parts of the store run their statements on. */
  const connection: Webhooks.Connection = {
    query: async (text, values) => textsOf(await query(text, values)),
    inTransaction: (work) =>
      attempt(() =>
        inTransaction(pool, (connection) =>
          work(async (text, values) => textsOf(await connection.query(text, values)))
        )
      )
  }

  return {
    keys: {
      add: (record) => attempt(() => inTransaction(pool, (connection) => add(connection, record))),
      byHash: async (hash) => {
        const [row] = textsOf(await query(`${keysSql} WHERE hash = $1`, [hash]))
        return row === undefined ? undefined : recordOf(row)
      },
      list: async ({ workspaceId } = {}) => {
        const order = "ORDER BY server_key.created_at, id"
        const answer =
          workspaceId === undefined
            ? await query(`${keysSql} ${order}`)
            : await query(`${keysSql} WHERE workspace = $1 ${order}`, [workspaceId])
        return textsOf(answer).map(recordOf)
      },
      revoke: async (id, at) => {
        const text = "UPDATE server_key SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2"
        return ((await query(text, [at, id])).rowCount ?? 0) > 0
      },
      isEmpty: async () => (await query("SELECT 1 FROM server_key LIMIT 1")).rows.length === 0
    },
    imports: PostgresImports.make(pool),
    ...Secrets.make(connection),
    webhooks: Webhooks.make(connection),
    erased: async () => {},
    close: async () => {}
  }
}
