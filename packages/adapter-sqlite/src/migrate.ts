/**
 * Brings a file to the schema of this package. A file is ours when its `application_id` says so; an
 * empty one becomes ours.
 */
import { StoreRefused } from "@leadterra/core"
import type { Database } from "better-sqlite3"
import { CannotOpen } from "./failure.ts"
import { applicationId, migrations } from "./migrations.ts"
import { appliedIn, refuseUnknown, versionAfter } from "./schemaVersion.ts"

/**
 * Returns the number of migrations that a file lacks. Throws `CannotOpen` for a file of another
 * program, of a newer version, or from before the first release.
 */
export const missingMigrations = (db: Database, list = migrations): number => {
  const { owner, tables, version } = header(db)
  if (owner === 0 && version === 0 && tables === 0) return list.length
  if (owner !== applicationId) {
    const why = "the file belongs to another program, and was left as it is: name another one"
    throw new CannotOpen(new StoreRefused({ why }))
  }
  refuseUnknown(version, versionAfter(list.length))
  return list.length - appliedIn(version)
}

/** Read in one transaction: another process may be in the middle of the first migration. */
const header = (db: Database) =>
  db
    .transaction(() => {
      const owner = Number(db.pragma("application_id", { simple: true }))
      const version = Number(db.pragma("user_version", { simple: true }))
      // Only a file without marks may be empty.
      const isMarked = owner !== 0 || version !== 0
      const tables = isMarked ? undefined : db.prepare("SELECT count(*) FROM sqlite_schema").pluck().get()
      return { owner, version, tables }
    })
    .deferred()

/**
 * Applies the missing migrations, all or none. They are counted under the write lock: another
 * process may just have applied them.
 */
export const migrate = (db: Database, list = migrations): void =>
  db
    .transaction(() => {
      const missing = missingMigrations(db, list)
      if (missing === 0) return
      for (const migration of list.slice(-missing)) db.exec(migration)
      db.pragma(`application_id = ${applicationId}`)
      db.pragma(`user_version = ${versionAfter(list.length)}`)
    })
    .immediate()
