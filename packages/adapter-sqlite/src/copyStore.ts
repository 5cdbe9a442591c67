/**
 * Copies a store into a new file, and tells a store that cannot be read from a copy that cannot be
 * written: SQLite reports both by the same codes.
 */
import { closeSync, openSync } from "node:fs"
import Database from "better-sqlite3"
import { repositoryError } from "./failure.ts"
import { probe } from "./openDatabase.ts"

export interface CopyOptions {
  /** The store. */
  readonly filename: string
  /** The copy: no file may have this name. */
  readonly into: string
  /** Milliseconds to wait for others that use the store, by default 5,000. */
  readonly busyTimeoutMillis?: number | undefined
}

/** The file of the copy could not be made or written; the store is well. */
export class CopyFailed extends Error {
  readonly _tag = "CopyFailed"
  /** The code of an error of SQLite or of the system. */
  readonly code: string

  constructor(code: string) {
    super(`the copy cannot be written (${code}): name another folder`)
    this.code = code
  }
}

/**
 * Copies the store as it is now, for its owner alone, and changes nothing in it. Throws
 * `RepositoryError` for a store that cannot be read, as opening it would, and `CopyFailed` for a copy
 * that cannot be written.
 */
export const copyStore = ({ busyTimeoutMillis = 5_000, filename, into }: CopyOptions): void => {
  try {
    probe(filename, busyTimeoutMillis)
  } catch (error) {
    throw repositoryError("open", error)
  }
  try {
    // SQLite copies into an empty file, and gives the files beside it the same permissions.
    closeSync(openSync(into, "wx", 0o600))
  } catch (error) {
    throw new CopyFailed(codeOf(error) ?? "unknown reason")
  }
  const source = new Database(filename, { readonly: true, timeout: busyTimeoutMillis })
  try {
    source.prepare("VACUUM INTO ?").run(into)
  } catch (error) {
    const code = codeOf(error) ?? ""
    throw ofCopy.test(code) ? new CopyFailed(code) : repositoryError("copy", error)
  } finally {
    source.close()
  }
}

/** The store has been read by then, so these are about the copy; a failed read is about the store. */
const ofCopy = /^SQLITE_(?:FULL|CANTOPEN|READONLY|PERM|IOERR(?!_READ|_SHORT_READ|_CORRUPTFS))/

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error ? String(error.code) : undefined
