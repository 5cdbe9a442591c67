/**
 * The statements on addresses that were erased (ER-1). The file knows each by a hash under its own secret, and of the
 * workspace: the same address has another hash in another file, and in another workspace.
 */
import { type EmailAddress, erased, type SuppressionRecord, type WorkspaceId } from "@leadterra/core"
import type { Database } from "better-sqlite3"
import { markSql } from "./cleanFile.ts"
import type { KeyedHash } from "./keyedHash.ts"

type EmailKey = EmailAddress.EmailKey

export const findSql = `SELECT e.hash, e.erased_at AS erasedAt FROM json_each(?) AS k CROSS JOIN erasure AS e
  ON e.workspace = ? AND e.hash = k.value`

export const erasureStatements = (db: Database, hash: KeyedHash) => {
  const find = db.prepare<[string, number], { readonly hash: string; readonly erasedAt: number }>(findSql)
  const add = db.prepare<[number, string, number]>(
    "INSERT INTO erasure (workspace, hash, erased_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
  )
  const remove = db.prepare<[number, string]>(
    "DELETE FROM erasure WHERE workspace = ? AND hash IN (SELECT value FROM json_each(?))"
  )
  const mark = db.prepare<[]>(markSql)
  const hashOf = (workspaceId: WorkspaceId, key: EmailKey): string => hash(`${workspaceId} ${key}`)
  return {
    /** Those of these addresses that were erased, as entries of the suppression list. */
    find: (
      workspace: number,
      workspaceId: WorkspaceId,
      keys: ReadonlyArray<EmailKey>
    ): ReadonlyArray<SuppressionRecord> => {
      const byHash = new Map(keys.map((key) => [hashOf(workspaceId, key), key]))
      return find.all(JSON.stringify([...byHash.keys()]), workspace).flatMap(({ erasedAt, hash }) => {
        const entry = byHash.get(hash)
        return entry === undefined ? [] : [{ entry, reason: erased, suppressedAt: erasedAt }]
      })
    },
    /** Marks the file as one that is to be cleaned. */
    mark: (): void => void mark.run(),
    /** Gives how many are new: one or none. */
    add: (workspace: number, workspaceId: WorkspaceId, key: EmailKey, at: number): number =>
      add.run(workspace, hashOf(workspaceId, key), at).changes,
    /** Gives the number of those that were there. */
    remove: (workspace: number, workspaceId: WorkspaceId, keys: ReadonlyArray<EmailKey>): number =>
      remove.run(workspace, JSON.stringify(keys.map((key) => hashOf(workspaceId, key)))).changes
  }
}
