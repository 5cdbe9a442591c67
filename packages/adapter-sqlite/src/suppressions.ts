/** The statements on the suppression list. Text compares by its bytes, which is the order of code points. */
import type { SuppressionEntry, SuppressionRecord } from "@leadterra/core"
import type { Database } from "better-sqlite3"

const columns = "s.entry, s.reason, s.suppressed_at AS suppressedAt"

export const findSql = `SELECT ${columns} FROM json_each(?) AS k CROSS JOIN suppression AS s
  ON s.workspace = ? AND s.entry = k.value`

/** Domains are written with an @ in front, and no address begins with one: most lists hold none. */
export const hasDomainsSql =
  "SELECT 1 FROM suppression WHERE workspace = ? AND entry >= '@' AND entry < 'A' LIMIT 1"

export const suppressionStatements = (db: Database) => {
  const find = db.prepare<[string, number], SuppressionRecord>(findSql)
  const page = db.prepare<[number, string, number], SuppressionRecord>(
    `SELECT ${columns} FROM suppression AS s WHERE s.workspace = ? AND s.entry > ? ORDER BY s.entry LIMIT ?`
  )
  const add = db.prepare<[number, SuppressionEntry, string, number]>(
    "INSERT INTO suppression (workspace, entry, reason, suppressed_at) VALUES (?, ?, ?, ?)"
  )
  const remove = db.prepare<[number, string]>(
    "DELETE FROM suppression WHERE workspace = ? AND entry IN (SELECT value FROM json_each(?))"
  )
  const hasDomains = db.prepare<[number], 1>(hasDomainsSql).pluck()
  return {
    /** Whether the list holds an entry for a domain. */
    hasDomains: (workspace: number): boolean => hasDomains.get(workspace) === 1,
    find: (workspace: number, entries: ReadonlyArray<SuppressionEntry>): ReadonlyArray<SuppressionRecord> =>
      find.all(JSON.stringify(entries), workspace),
    /** In the order of the entries; every entry sorts after the empty text. */
    page: (workspace: number, after: string, limit: number): ReadonlyArray<SuppressionRecord> =>
      page.all(workspace, after, limit),
    add: (workspace: number, { entry, reason, suppressedAt }: SuppressionRecord): void => {
      add.run(workspace, entry, reason, suppressedAt)
    },
    /** Gives the number of entries that were there. */
    remove: (workspace: number, entries: ReadonlyArray<SuppressionEntry>): number =>
      remove.run(workspace, JSON.stringify(entries)).changes
  }
}
