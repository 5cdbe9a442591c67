/**
 * The `Repository` on one SQLite file. A call is one transaction: it lands whole or not at all, also under
 * interruption and when the process is killed. Several processes may share the file; they take turns to write.
 * SQLite runs on the calling thread: a batch of 1,000 leads holds it for 10 to 20 ms, a busy store for up to
 * `busyTimeoutMillis`. Statistics for the query planner are never gathered: they would hold addresses.
 */
import { Repository, type RepositoryError } from "@leadterra/core"
import type { Database } from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { repositoryError } from "./failure.ts"
import { openDatabase } from "./openDatabase.ts"
import { repositoryOn } from "./repositoryOn.ts"
import type { SqliteOptions } from "./SqliteOptions.ts"

export type { SqliteOptions } from "./SqliteOptions.ts"

/**
 * Opens a store, and closes it with the scope. Fails with `RepositoryError`: `StoreRefused` for a file of another
 * program or of a newer version, which is left untouched, `StoreUnavailable` for one that cannot be opened,
 * and `StoreBusy` when others hold it for too long.
 */
export const make = (
  options: SqliteOptions
): Effect.Effect<Repository["Service"], RepositoryError, Scope.Scope> =>
  Effect.acquireRelease(
    opening(() => openDatabase(options)),
    ({ checkpointer, db }) => closing(db, checkpointer?.stop())
  ).pipe(Effect.flatMap(({ checkpointer, db }) => opening(() => repositoryOn(db, checkpointer))))

/** The last connection to close moves what is left in the log: the thread goes before the host's own. */
const closing = (db: Database, stopped: Promise<void> | undefined): Effect.Effect<void> => {
  const close = Effect.sync(() => void db.close())
  return stopped === undefined
    ? close
    : Effect.andThen(
        Effect.promise(() => stopped),
        close
      )
}

const opening = <A>(piece: () => A): Effect.Effect<A, RepositoryError> =>
  Effect.try({ try: piece, catch: (error) => repositoryError("open", error) })

/** Provides a store on a file; call it once per file and pass the layer on. Fails like `make`. */
export const layer = (options: SqliteOptions): Layer.Layer<Repository, RepositoryError> =>
  Layer.effect(Repository, make(options))
