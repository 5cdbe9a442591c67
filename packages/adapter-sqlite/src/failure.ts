/**
 * From what better-sqlite3 throws to the reasons of the port. A reason says what to do, and never repeats SQLite's
 * own message in its text. What is not a failure of the store is a bug and is thrown on.
 */
import {
  ConstraintViolated,
  RepositoryError,
  StoreBusy,
  type StoreRefused,
  StoreUnavailable
} from "@leadterra/core"
import Database from "better-sqlite3"

/** A change that names what does not exist, or an id that is none: refused like a broken constraint. */
export class Refusal extends Error {}

/** Why a file cannot be opened, or must not be. */
export class CannotOpen extends Error {
  readonly reason: StoreRefused | StoreUnavailable
  constructor(reason: StoreRefused | StoreUnavailable) {
    super(reason.advice)
    this.reason = reason
  }
}

const advice: ReadonlyArray<readonly [code: string, why: string]> = [
  ["SQLITE_FULL", "the disk is full: free some space and try again"],
  ["SQLITE_READONLY", "the file or its folder is read-only: make both writable for this process"],
  ["SQLITE_PERM", "the file may not be accessed: make it readable and writable for this process"],
  ["SQLITE_CANTOPEN", "the file cannot be opened: check that its folder exists and is writable"],
  ["SQLITE_IOERR", "the disk failed to read or write: check it, and its free space"],
  ["SQLITE_CORRUPT", "the file is damaged: restore it from a backup"],
  ["SQLITE_NOTADB", "the file is not a SQLite database: name another one"],
  ["SQLITE_NOMEM", "there was not enough memory: try a smaller batch"],
  ["SQLITE_TOOBIG", "a value is too long for SQLite"]
]

/** "UNIQUE constraint failed: lead.workspace, lead.key" names columns and no values. */
const constraintOf = (error: Error): string =>
  /^(?:UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed(?:: [\w., ()]+)?/.exec(error.message)?.[0] ??
  "a constraint of the schema"

/** The error of the port for what an operation threw. Throws on what is no failure of the store. */
export const repositoryError = (operation: string, error: unknown): RepositoryError => {
  if (error instanceof CannotOpen) return new RepositoryError({ operation, reason: error.reason })
  if (error instanceof Refusal) {
    return new RepositoryError({
      operation,
      reason: new ConstraintViolated({ constraint: error.message })
    })
  }
  if (!(error instanceof Database.SqliteError)) throw error
  const { code } = error
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) {
    return new RepositoryError({ operation, reason: new StoreBusy() })
  }
  if (code.startsWith("SQLITE_CONSTRAINT")) {
    return new RepositoryError({
      operation,
      reason: new ConstraintViolated({ constraint: constraintOf(error) })
    })
  }
  const why = advice.find(([prefix]) => code.startsWith(prefix))?.[1] ?? `SQLite failed with ${code}`
  return new RepositoryError({ operation, reason: new StoreUnavailable({ why, cause: error }) })
}
