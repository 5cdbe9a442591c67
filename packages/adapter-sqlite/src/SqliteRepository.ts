/**
 * The `Repository` on one SQLite file. A call is one transaction: it lands whole or not at all, also under
 * interruption and when the process is killed. Several processes may share the file; they take turns to write.
 * SQLite runs on the calling thread: a batch of 1,000 leads holds it for 10 to 20 ms, a busy store for up to
 * `busyTimeoutMillis`. Statistics for the query planner are never gathered: they would hold addresses.
 */
import { Repository, type RepositoryError } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { needsCleaning } from "./cleanFile.ts"
import { repositoryError } from "./failure.ts"
import { type Opened, openDatabase } from "./openDatabase.ts"
import { repositoryOn } from "./repositoryOn.ts"
import type { SqliteOptions } from "./SqliteOptions.ts"

export { CopyFailed, type CopyOptions, copyStore } from "./copyStore.ts"
export type { SqliteOptions } from "./SqliteOptions.ts"

/**
 * Opens a store, and closes it with the scope. Fails with `RepositoryError`: `StoreRefused` for a
 * file of another program, of a newer version or from before the first release, which is left
 * untouched, `StoreUnavailable` for one that cannot be opened, and `StoreBusy` when others hold it
 * for too long. Finishes an erasure that a crash interrupted (ER-1).
 */
export const make = (
  options: SqliteOptions
): Effect.Effect<Repository["Service"], RepositoryError, Scope.Scope> =>
  Effect.acquireRelease(
    opening(() => openDatabase(options)),
    closing
  ).pipe(
    Effect.tap(finishErasures),
    Effect.flatMap(({ checkpointer, cleaner, db }) =>
      opening(() => repositoryOn(db, { checkpointer, cleaner }))
    )
  )

/**
 * Cleans a file whose cleaning a crash interrupted. When others use the file or the disk has no
 * room for a copy, the store opens all the same, and the mark stays for the next erasure or
 * opening.
 */
const finishErasures = ({ cleaner, db }: Opened): Effect.Effect<void, RepositoryError> =>
  Effect.gen(function* () {
    if (cleaner === undefined || !(yield* opening(() => needsCleaning(db)))) return
    yield* Effect.tryPromise(() => cleaner.clean()).pipe(
      Effect.catch(() =>
        Effect.logWarning(
          "The file still holds data of an erasure that was interrupted: erase the address again, or open the store again while nobody reads"
        )
      )
    )
  })

/**
 * The last connection to close does a checkpoint: so the threads end before the host's connection.
 */
const closing = ({ checkpointer, cleaner, db }: Opened): Effect.Effect<void> => {
  const close = Effect.sync(() => void db.close())
  const stopped = checkpointer?.stop()
  if (stopped === undefined && cleaner?.underWay === undefined) return close
  const ended = Effect.promise(async () => {
    await stopped
    while (cleaner?.underWay !== undefined) await cleaner.underWay
  })
  return Effect.andThen(ended, close)
}

const opening = <A>(piece: () => A): Effect.Effect<A, RepositoryError> =>
  Effect.try({ try: piece, catch: (error) => repositoryError("open", error) })

/** Provides a store on a file; call it once per file and pass the layer on. Fails like `make`. */
export const layer = (options: SqliteOptions): Layer.Layer<Repository, RepositoryError> =>
  Layer.effect(Repository, make(options))
