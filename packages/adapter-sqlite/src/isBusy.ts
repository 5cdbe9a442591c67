import Database from "better-sqlite3"

/** Whether another connection held a lock that SQLite needed. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY")
