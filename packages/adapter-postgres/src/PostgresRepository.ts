/**
 * The `Repository` on PostgreSQL 15 and later: `layer` opens it on a server or on a pool of the host's, and gives back what it took when
 * its scope ends. Any number of processes may share one database.
 */
import { Repository, type RepositoryError } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { cannotOpen } from "./failure.ts"
import { prepareTables } from "./migrate.ts"
import { tables } from "./migrations.ts"
import { openPool } from "./openPool.ts"
import type { PostgresOptions } from "./PostgresOptions.ts"
import { repositoryOn } from "./repositoryOn.ts"
import { attempt, type Connections, withConnection } from "./transaction.ts"

export { tablesMissing } from "./migrate.ts"
export type { PostgresOptions } from "./PostgresOptions.ts"

/**
 * Opens a store. Fails with `RepositoryError`: `StoreRefused` for tables of a newer version or from
 * before the first release, `StoreUnavailable` for a server that refuses, `StoreDisconnected` for
 * one that cannot be reached, `StoreBusy` when there is no free connection.
 */
export const make = (
  options: PostgresOptions
): Effect.Effect<Repository["Service"], RepositoryError, Scope.Scope> =>
  Effect.gen(function* () {
    const {
      migrate = true,
      partitions = 0,
      ...settings
    } = yield* attempt("open", async () => checked(options))
    const { pool, url } = options
    const own =
      pool === undefined
        ? yield* Effect.acquireRelease(
            attempt("open", async () => openPool(url ?? "", options)),
            ({ close }) => Effect.promise(close)
          )
        : undefined
    const opened = own?.pool ?? pool
    if (opened === undefined) return yield* Effect.die("a store has a pool")
    const connections: Connections = { pool: opened, isOwn: own !== undefined, ...settings }
    yield* attempt("open", (signal) =>
      withConnection(connections, signal, (connection) =>
        prepareTables(connection, { ...settings, migrate, partitions })
      )
    )
    return repositoryOn(connections)
  })

/** Provides a store; call it once per process and pass the layer on. Fails like `make`. */
export const layer = (options: PostgresOptions): Layer.Layer<Repository, RepositoryError> =>
  Layer.effect(Repository, make(options))

/**
 * Statements that make the database hold every transaction to the workspace that it was begun for, whatever its queries ask. Run them
 * as the owner of the tables, again after an update of those; they bind every other role, and the owner too.
 */
export const rowLevelSecurity: string = `DO $$
DECLARE
  -- The tables, and the parts that they may be in: who can name a part must find it as well guarded.
  whole CONSTANT regclass[] := ARRAY[${tables.map((table) => `'${table}'`).join(", ")}]::regclass[];
  part regclass;
BEGIN
  FOR part IN SELECT unnest(whole) UNION SELECT inhrelid FROM pg_inherits WHERE inhparent = ANY (whole) LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', part);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', part);
    EXECUTE format('DROP POLICY IF EXISTS leadterra_workspace ON %s', part);
    EXECUTE format('CREATE POLICY leadterra_workspace ON %s
      USING (current_setting(''leadterra.workspace'', true) IN (workspace, ''*''))', part);
  END LOOP;
END $$;`

const checked = (options: PostgresOptions) => {
  if (typeof options !== "object" || options === null)
    throw cannotOpen("the options are missing: give a url or a pool")
  const {
    acquireTimeoutMillis = 5_000,
    closeTimeoutMillis = 10_000,
    connections = 10,
    idleTimeoutMillis = 60_000,
    migrate,
    namedStatements = true,
    partitions,
    pool,
    statementTimeoutMillis,
    queryTimeoutMillis = Math.max(300_000, 2 * (statementTimeoutMillis ?? 0)),
    tls,
    url
  } = options
  if ((url === undefined) === (pool === undefined)) throw cannotOpen("give either a url or a pool")
  if (url !== undefined && (typeof url !== "string" || !/^postgres(?:ql)?:\/\//.test(url)))
    throw cannotOpen("url must begin with postgres:// or postgresql://")
  if (pool !== undefined && typeof pool?.connect !== "function")
    throw cannotOpen("pool must be a pool of pg: give one, or a url in its place")
  checkInteger("acquireTimeoutMillis", acquireTimeoutMillis, 1)
  checkInteger("connections", connections, 1)
  checkInteger("statementTimeoutMillis", statementTimeoutMillis ?? 1, 1)
  checkInteger("queryTimeoutMillis", queryTimeoutMillis, (statementTimeoutMillis ?? 0) + 1)
  checkInteger("idleTimeoutMillis", idleTimeoutMillis, 1)
  checkInteger("closeTimeoutMillis", closeTimeoutMillis, 1)
  checkInteger("partitions", partitions ?? 1, 1, 1_024)
  if (tls === null || !["boolean", "object", "undefined"].includes(typeof tls))
    throw cannotOpen("tls must be true, false or options, not a text")
  checkBoolean("migrate", migrate ?? true)
  checkBoolean("namedStatements", namedStatements)
  return {
    acquireTimeoutMillis,
    idleTimeoutMillis,
    migrate,
    namedStatements,
    partitions,
    queryTimeoutMillis,
    statementTimeoutMillis
  }
}

const checkInteger = (name: string, value: number, minimum: number, maximum = 0x7fffffff): void => {
  if (!Number.isSafeInteger(value) || value < minimum || value > maximum)
    throw cannotOpen(`${name} must be an integer from ${minimum} to ${maximum}`)
}

/** An environment's "false" is true. */
const checkBoolean = (name: string, value: unknown): void => {
  if (typeof value !== "boolean") throw cannotOpen(`${name} must be true or false, not a text`)
}
