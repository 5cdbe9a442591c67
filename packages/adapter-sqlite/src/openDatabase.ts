/**
 * Opens a file as a store, or refuses it and leaves it as it was. A file of another program or of
 * an unknown schema is opened read-only alone, since even closing a writable connection may write.
 * Processes may open a new file at once.
 */
import { closeSync, openSync } from "node:fs"
import { StoreRefused } from "@leadterra/core"
import Database from "better-sqlite3"
import { Checkpointer } from "./Checkpointer.ts"
import { Cleaner, clean } from "./Cleaner.ts"
import { checkOptions } from "./checkOptions.ts"
import { connect, statOf } from "./connect.ts"
import { CannotOpen } from "./failure.ts"
import { fileOf } from "./fileOf.ts"
import { isBusy } from "./isBusy.ts"
import { migrate, missingMigrations } from "./migrate.ts"
import { pause } from "./pause.ts"
import type { SqliteOptions } from "./SqliteOptions.ts"

/** A connection; for a file also its cleaner, and the checkpoint thread where commits do none. */
export interface Opened {
  readonly db: Database.Database
  readonly checkpointer: Checkpointer | undefined
  readonly cleaner: Cleaner | undefined
}

/** Opens, migrates and tunes. Throws `CannotOpen`, or what SQLite throws. */
export const openDatabase = (options: SqliteOptions): Opened => {
  const { busyTimeoutMillis, checkpointThread, filename, synchronous, walAutocheckpoint } =
    checkOptions(options)
  const size = sizeOf(filename)
  if (size > 0) probe(filename, busyTimeoutMillis, size)
  if (filename !== ":memory:") createForOwner(filename)
  const db = connect(filename, { timeout: busyTimeoutMillis })
  try {
    db.pragma("foreign_keys = ON")
    db.pragma(`synchronous = ${synchronous === "full" ? "FULL" : "NORMAL"}`)
    db.pragma("temp_store = MEMORY")
    const missing = missingMigrations(db)
    useWriteAheadLog(db, busyTimeoutMillis)
    if (missing > 0) migrate(db)
    db.pragma(`wal_autocheckpoint = ${walAutocheckpoint}`)
    if (walAutocheckpoint > 0) limitLog(db, walAutocheckpoint)
    const filename = fileOf(db)
    if (filename === undefined) return { db, checkpointer: undefined, cleaner: undefined }
    const hasThread = checkpointThread && walAutocheckpoint > 0
    return {
      db,
      checkpointer: hasThread ? new Checkpointer(db, filename, walAutocheckpoint) : undefined,
      cleaner: new Cleaner(() => clean({ filename, timeout: busyTimeoutMillis }))
    }
  } catch (error) {
    db.close()
    throw error
  }
}

const headerSize = 100

/** In bytes; 0 when there is no such file. */
const sizeOf = (filename: string): number => {
  const found = filename === ":memory:" ? undefined : statOf(filename)
  return found?.isFile() === true ? found.size : 0
}

/**
 * Creates a file that only its owner can read, where SQLite would let everybody. SQLite gives the
 * files beside it the same mode, and keeps the mode of an existing file.
 */
const createForOwner = (filename: string): void => {
  if (statOf(filename) !== undefined) return
  try {
    closeSync(openSync(filename, "a", 0o600))
  } catch {
    // SQLite says why there can be no such file.
  }
}

/**
 * After a burst the log is truncated to its usual length. SQLite itself would leave it as long as
 * it ever was.
 */
const limitLog = (db: Database.Database, pages: number): void => {
  const pageSize = Number(db.pragma("page_size", { simple: true }))
  db.pragma(`journal_size_limit = ${pages * pageSize}`)
}

const noDatabase = () => {
  const why = "the file is not a SQLite database, and was left as it is: name another one"
  return new CannotOpen(new StoreRefused({ why }))
}

/** Refuses what is no store, without a change of it. Throws `CannotOpen`, or what SQLite throws. */
export const probe = (filename: string, timeout: number, size = sizeOf(filename)): void => {
  // SQLite takes a file of one byte for an empty one.
  if (size > 0 && size < headerSize) throw noDatabase()
  const db = connect(filename, { readonly: true, timeout })
  try {
    missingMigrations(db)
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code === "SQLITE_NOTADB") {
      throw noDatabase()
    }
    throw error
  } finally {
    db.close()
  }
}

/** SQLite gives up on this switch at once when another process is in the middle of it: the wait is ours. */
const useWriteAheadLog = (db: Database.Database, timeout: number): void => {
  for (let waited = 0; ; waited += 10) {
    try {
      db.pragma("journal_mode = WAL")
      return
    } catch (error) {
      if (!isBusy(error) || waited >= timeout) throw error
      pause(10)
    }
  }
}
