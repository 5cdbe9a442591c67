/**
 * After an erasure: the file is written anew, from its rows alone, and its write-ahead log is emptied (ER-1). Nothing less
 * will do: when a tree is balanced, copies of rows stay behind in the gaps of its pages, where even `secure_delete` leaves
 * them. Waits for those who read and write, and throws `SQLITE_BUSY` when they are at it for too long.
 */
import Database from "better-sqlite3"
import { isBusy } from "./failure.ts"
import { fileOf } from "./fileOf.ts"
import { pause } from "./pause.ts"

/** Does nothing for a database that is in no file. */
export const cleanFile = (db: Database.Database): void => {
  const file = fileOf(db)
  if (file === undefined) return
  const timeout = Number(db.pragma("busy_timeout", { simple: true }))
  // A connection of its own: this one keeps temporary tables in memory, where the copy of the file has no room.
  const cleaner = new Database(file, { fileMustExist: true, timeout })
  try {
    const patience = performance.now() + timeout
    while (!hasCleaned(cleaner, performance.now() < patience)) pause(20)
  } finally {
    cleaner.close()
  }
}

/** SQLite does not wait for others who write a file anew or move its log, but gives up at once: the wait is ours. */
const hasCleaned = (cleaner: Database.Database, mayTryAgain: boolean): boolean => {
  try {
    cleaner.exec("VACUUM")
    const [found] = cleaner.prepare<[], { readonly busy: number }>("PRAGMA wal_checkpoint(TRUNCATE)").all()
    if (found?.busy === 0) return true
    if (!mayTryAgain) throw new Database.SqliteError("the log is in use", "SQLITE_BUSY")
    return false
  } catch (error) {
    if (!isBusy(error) || !mayTryAgain) throw error
    return false
  }
}
