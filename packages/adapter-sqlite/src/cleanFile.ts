/**
 * Removes the bytes of erased data from the file (ER-1): rewrites the file from its rows alone,
 * empties the write-ahead log, and marks the erasures as cleaned. Deleting is not enough: when a
 * tree is balanced, copies of rows stay in the gaps of its pages, where even `secure_delete` leaves
 * them. It runs on a connection of its own, in a thread (`Cleaner`): the store's connection keeps
 * temporary tables in memory, where a copy of the file has no room.
 */
import Database from "better-sqlite3"
import { connect } from "./connect.ts"
import { isBusy } from "./isBusy.ts"
import { pause } from "./pause.ts"

/** How many erasures a file has seen, and after how many of them it was last clean. */
interface Cleanings {
  readonly erasures: number
  readonly cleaned: number
}

const findSql = "SELECT erasures, cleaned FROM cleaning"

/** Whether an erasure was stored, and the file was not rewritten since. */
export const needsCleaning = (db: Database.Database): boolean => {
  const found = db.prepare<[], Cleanings>(findSql).get()
  return found !== undefined && found.cleaned < found.erasures
}

/**
 * The statement by which an erasing transaction marks the file: it is then cleaned even after a
 * crash.
 */
export const markSql = "UPDATE cleaning SET erasures = erasures + 1"

/**
 * Cleans a file that needs it. Waits for other readers and writers, for `timeout` milliseconds each
 * time, and then throws `SQLITE_BUSY`; the mark stays.
 */
export const cleanFile = (
  filename: string,
  options: Database.Options & { readonly timeout: number }
): void => {
  const { timeout } = options
  const db = connect(filename, { ...options, fileMustExist: true })
  try {
    // The copy goes to a temporary file: it may be larger than memory.
    db.pragma("temp_store = FILE")
    const [before] = patiently(timeout, () => db.prepare<[], Cleanings>(findSql).all())
    if (before === undefined || before.cleaned >= before.erasures) return
    patiently(timeout, () => db.exec("VACUUM"))
    patiently(timeout, () => emptyLog(db))
    // An erasure that was stored since the file was read is another one's to clean.
    patiently(timeout, () =>
      db.prepare<[number]>("UPDATE cleaning SET cleaned = max(cleaned, ?)").run(before.erasures)
    )
    // The log holds the mark and nothing else: it may stay there while others read.
    db.pragma("busy_timeout = 0")
    db.pragma("wal_checkpoint(TRUNCATE)")
  } finally {
    db.close()
  }
}

const emptyLog = (db: Database.Database): void => {
  const [found] = db.prepare<[], { readonly busy: number }>("PRAGMA wal_checkpoint(TRUNCATE)").all()
  if (found?.busy !== 0) throw new Database.SqliteError("the log is in use", "SQLITE_BUSY")
}

/**
 * SQLite does not wait for another rewriting or checkpoint, but fails at once: so this code waits.
 */
const patiently = <A>(timeout: number, step: () => A): A => {
  const end = performance.now() + timeout
  for (;;) {
    try {
      return step()
    } catch (error) {
      if (!isBusy(error) || performance.now() >= end) throw error
      pause(20)
    }
  }
}
