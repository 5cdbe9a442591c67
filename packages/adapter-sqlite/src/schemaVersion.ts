/**
 * The version of a file's schema, which is its `user_version`. It is checked when a file is opened
 * and in each transaction, since another process may update the file.
 */
import { StoreRefused } from "@leadterra/core"
import type { Database } from "better-sqlite3"
import { CannotOpen } from "./failure.ts"
import { migrations } from "./migrations.ts"

/** Versions from 1 to this one are those of schemas from before the first release. */
const lastUnreleased = 99

/** The version of a file to which this many migrations were applied. */
export const versionAfter = (applied: number): number => lastUnreleased + applied

/** The number of migrations that made a file of this version; 0 for an empty file. */
export const appliedIn = (version: number): number => Math.max(0, version - lastUnreleased)

export const schemaVersion = versionAfter(migrations.length)

/** Throws `CannotOpen` for a version that this package does not know, or no longer. */
export const refuseUnknown = (version: number, known = schemaVersion): void => {
  if (version > known)
    throw refuse(
      `the file was written by a newer version (schema ${version}, this one knows ${known}), and was left as it is: update @leadterra/adapter-sqlite`
    )
  if (version > 0 && version <= lastUnreleased)
    throw refuse(
      `the file has a schema from before the first release (${version}), and was left as it is: name a new file, and import the leads again`
    )
}

const refuse = (why: string): CannotOpen => new CannotOpen(new StoreRefused({ why }))

/** Checks the version inside a transaction. It costs a read of the header of the file. */
export const versionCheck = (db: Database): (() => void) => {
  const version = db.prepare<[], number>("PRAGMA user_version").pluck()
  return () => refuseUnknown(version.get() ?? 0)
}
