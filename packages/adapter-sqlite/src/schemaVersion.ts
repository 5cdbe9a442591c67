/**
 * The version of the schema. It is checked when a file is opened and in each transaction, since
 * another process may update it.
 */
import { StoreRefused } from "@leadterra/core"
import type { Database } from "better-sqlite3"
import { CannotOpen } from "./failure.ts"
import { migrations } from "./migrations.ts"

/** Throws `CannotOpen` for a version that this package does not know. */
export const refuseNewer = (version: number): void => {
  if (version <= migrations.length) return
  const why = `the file was written by a newer version (schema ${version}, this one knows ${migrations.length}), and was left as it is: update @leadterra/adapter-sqlite`
  throw new CannotOpen(new StoreRefused({ why }))
}

/** Checks the version inside a transaction. It costs a read of the header of the file. */
export const versionCheck = (db: Database): (() => void) => {
  const version = db.prepare<[], number>("PRAGMA user_version").pluck()
  return () => refuseNewer(version.get() ?? 0)
}
