/**
 * `@leadterra/http/sqlite`: the `ServerStore` in the SQLite file that holds the leads, so that one
 * backup holds both. It has a connection of its own, and tables that begin with `server_`. It never
 * changes the settings or the tables of the leads, and refuses a file that holds no leads.
 */
import Database from "better-sqlite3"
import {
  type KeyMode,
  type KeyRecord,
  type ServerStore,
  ServerStoreError,
  WorkspaceModeConflict
} from "../ServerStore.ts"
import { secretBytes } from "../secrets/SecretStore.ts"
import { attempt } from "./sqlite/attempt.ts"
import * as SqliteImports from "./sqlite/imports.ts"
import * as Secrets from "./sqlite/secrets.ts"
import * as Webhooks from "./sqlite/webhooks.ts"

export interface SqliteServerStoreOptions {
  /** The file of the leads: `SqliteRepository` must have opened it once. */
  readonly filename: string
  /** Milliseconds that a call waits for other writers; by default 5,000. */
  readonly busyTimeoutMillis?: number | undefined
}

/** The `application_id` of files that hold leads: "Lead" in ASCII. */
const applicationId = 0x4c656164

/** Appended to, and never changed: `server_schema` has the number of those that were applied. */
const migrations: ReadonlyArray<string> = [
  `
  CREATE TABLE server_workspace (
    workspace TEXT NOT NULL PRIMARY KEY,
    mode TEXT NOT NULL CHECK (mode IN ('live', 'test'))
  ) STRICT, WITHOUT ROWID;

  -- hash is the SHA-256 of a key. The mode of a key is that of its workspace.
  CREATE TABLE server_key (
    id TEXT NOT NULL PRIMARY KEY,
    workspace TEXT NOT NULL REFERENCES server_workspace,
    hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
    hint TEXT NOT NULL CHECK (length(hint) <= 4),
    created_at REAL NOT NULL,
    revoked_at REAL
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX server_key_of_workspace ON server_key (workspace);

  CREATE TABLE server_secret (
    name TEXT NOT NULL PRIMARY KEY,
    secret BLOB NOT NULL CHECK (length(secret) = ${secretBytes})
  ) STRICT, WITHOUT ROWID;
  `,
  Secrets.migration,
  SqliteImports.migration,
  Webhooks.migration
]

/**
 * Opens the store, and makes its tables the first time. Rejects with `ServerStoreError` for a file
 * that is missing, holds no leads or was written by a newer version; such a file stays as it is.
 */
export const make = async (options: SqliteServerStoreOptions): Promise<ServerStore> => {
  const { busyTimeoutMillis, filename } = checkOptions(options)
  const db = attempt(() => new Database(filename, { fileMustExist: true, timeout: busyTimeoutMillis }))
  try {
    attempt(() => prepare(db))
    return storeOn(db)
  } catch (error) {
    db.close()
    throw error
  }
}

/** Options may come from an environment or from untyped code. */
const checkOptions = (options: SqliteServerStoreOptions) => {
  if (typeof options !== "object" || options === null)
    throw new ServerStoreError("the options are missing: give a filename")
  const { busyTimeoutMillis = 5_000, filename } = options
  if (typeof filename !== "string")
    throw new ServerStoreError("filename must be a text: name the file of the leads")
  if (["", ":memory:"].includes(filename.trim()) || filename.includes("\0"))
    throw new ServerStoreError("filename must name the file of the leads")
  if (!Number.isSafeInteger(busyTimeoutMillis) || busyTimeoutMillis < 0 || busyTimeoutMillis > 0x7fffffff)
    throw new ServerStoreError("busyTimeoutMillis must be an integer from 0 to 2147483647")
  return { busyTimeoutMillis, filename }
}

const prepare = (db: Database.Database): void => {
  if (Number(db.pragma("application_id", { simple: true })) !== applicationId)
    throw new ServerStoreError("the file holds no leads: open it by SqliteRepository first")
  db.pragma("foreign_keys = ON")
  // The connection of the leads moves the write-ahead log into the file.
  db.pragma("wal_autocheckpoint = 0")
  if (versionOf(db) === migrations.length) return
  db.transaction(() => {
    // Another process may have made the tables meanwhile.
    const version = versionOf(db)
    for (const migration of migrations.slice(version)) db.exec(migration)
    db.exec("CREATE TABLE IF NOT EXISTS server_schema (version INTEGER NOT NULL) STRICT")
    db.exec("DELETE FROM server_schema")
    db.prepare("INSERT INTO server_schema VALUES (?)").run(migrations.length)
  }).immediate()
}

/** The number of migrations that were applied. Throws for more than this version knows. */
const versionOf = (db: Database.Database): number => {
  const hasTable = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'server_schema'").get() !== undefined
  const version = hasTable ? Number(db.prepare("SELECT version FROM server_schema").pluck().get() ?? 0) : 0
  if (version > migrations.length)
    throw new ServerStoreError(
      `the server's tables are of a newer version (${version}, this one knows ${migrations.length}): update @leadterra/http`
    )
  return version
}

interface KeyRow {
  readonly id: string
  readonly workspace: string
  readonly mode: KeyMode
  readonly hash: string
  readonly hint: string
  readonly created_at: number
  readonly revoked_at: number | null
}

const recordOf = (row: KeyRow): KeyRecord => ({
  id: row.id,
  workspaceId: row.workspace,
  mode: row.mode,
  hash: row.hash,
  hint: row.hint,
  createdAt: row.created_at,
  revokedAt: row.revoked_at
})

const keysSql = `SELECT id, workspace, mode, hash, hint, created_at, revoked_at
  FROM server_key JOIN server_workspace USING (workspace)`

const storeOn = (db: Database.Database): ServerStore => {
  const addWorkspace = db.prepare<[string, KeyMode]>(
    "INSERT INTO server_workspace VALUES (?, ?) ON CONFLICT DO NOTHING"
  )
  const modeOf = db
    .prepare<[string], KeyMode>("SELECT mode FROM server_workspace WHERE workspace = ?")
    .pluck()
  const addKey = db.prepare<[string, string, string, string, number, number | null]>(
    "INSERT INTO server_key VALUES (?, ?, ?, ?, ?, ?)"
  )
  const byHash = db.prepare<[string], KeyRow>(`${keysSql} WHERE hash = ?`)
  const ofWorkspace = db.prepare<[string], KeyRow>(`${keysSql} WHERE workspace = ? ORDER BY created_at, id`)
  const everyKey = db.prepare<[], KeyRow>(`${keysSql} ORDER BY created_at, id`)
  const revoke = db.prepare<[number, string]>(
    "UPDATE server_key SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?"
  )
  const anyKey = db.prepare("SELECT 1 FROM server_key LIMIT 1")

  const add = db.transaction(
    ({ createdAt, hash, hint, id, mode, revokedAt, workspaceId }: KeyRecord): void => {
      addWorkspace.run(workspaceId, mode)
      const found = modeOf.get(workspaceId) ?? mode
      if (found !== mode) throw new WorkspaceModeConflict(workspaceId, found)
      addKey.run(id, workspaceId, hash, hint, createdAt, revokedAt)
    }
  )

  return {
    keys: {
      add: async (record) => attempt(() => add.immediate(record)),
      byHash: async (hash) => {
        const row = attempt(() => byHash.get(hash))
        return row === undefined ? undefined : recordOf(row)
      },
      list: async ({ workspaceId } = {}) =>
        attempt(() => (workspaceId === undefined ? everyKey.all() : ofWorkspace.all(workspaceId))).map(
          recordOf
        ),
      revoke: async (id, at) => attempt(() => revoke.run(at, id).changes) > 0,
      isEmpty: async () => attempt(() => anyKey.get()) === undefined
    },
    imports: SqliteImports.make(db),
    ...Secrets.make(db, attempt),
    webhooks: Webhooks.make(db, attempt),
    erased: async () => {},
    close: async () => void db.close()
  }
}
