/** Faults of SQLite as errors of the store. */
import Database from "better-sqlite3"
import { ServerStoreError, WorkspaceModeConflict } from "../../ServerStore.ts"
import { TooManySecrets } from "../../secrets/SecretStore.ts"

const advice: ReadonlyArray<readonly [code: string, message: string]> = [
  ["SQLITE_BUSY", "another process holds the file: try again"],
  ["SQLITE_LOCKED", "another process holds the file: try again"],
  ["SQLITE_FULL", "the disk is full: free some space and try again"],
  ["SQLITE_READONLY", "the file or its folder is read-only: make both writable for this process"],
  [
    "SQLITE_CANTOPEN",
    "the file cannot be opened: check that it exists and is writable, and that its folder can be searched"
  ],
  ["SQLITE_CORRUPT", "the file is damaged: restore it from a backup"],
  ["SQLITE_NOTADB", "the file is not a SQLite database: name another one"],
  ["SQLITE_CONSTRAINT", "this key was added before: make another one"]
]

const isOfStore = (error: unknown): boolean =>
  error instanceof ServerStoreError ||
  error instanceof WorkspaceModeConflict ||
  error instanceof TooManySecrets

/** Runs a piece of work. Throws `ServerStoreError` where the driver fails. */
export const attempt = <A>(piece: () => A): A => {
  try {
    return piece()
  } catch (error) {
    if (isOfStore(error)) throw error
    // better-sqlite3 itself tells of a missing folder and of a closed connection.
    if (error instanceof TypeError && error.message.includes("directory does not exist"))
      throw new ServerStoreError(
        "the file cannot be opened: check that its folder exists and can be searched"
      )
    if (error instanceof TypeError && error.message.includes("not open"))
      throw new ServerStoreError("the store is closed: open another one")
    if (!(error instanceof Database.SqliteError)) throw error
    const { code } = error
    const message = advice.find(([prefix]) => code.startsWith(prefix))?.[1] ?? `SQLite failed with ${code}`
    throw new ServerStoreError(message, { isRetryable: /^SQLITE_(BUSY|LOCKED)/.test(code) })
  }
}
