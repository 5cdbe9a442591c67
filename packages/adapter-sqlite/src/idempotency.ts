/**
 * The statements on the records of idempotency keys (UP-10), which are in the table `answer`. Key
 * and fingerprint are stored as hashes under the secret of the file: with plain hashes anybody
 * could test a guess, even after an erasure.
 */
import type { IdempotencyRecord, IdempotentCall, WorkspaceId } from "@leadterra/core"
import type { Database } from "better-sqlite3"
import type { KeyedHash } from "./keyedHash.ts"

export const findSql = `SELECT fingerprint, answer, kept_at AS keptAt FROM answer WHERE workspace = ? AND key = ?`

/**
 * A hundred at a time, so that the first batch after a long pause does not delete all expired
 * records.
 */
export const forgetSql = `DELETE FROM answer WHERE id IN
  (SELECT id FROM answer WHERE workspace = ? AND kept_at <= ? ORDER BY kept_at LIMIT 100)`

/** A record as it is stored. */
type StoredRecord = Pick<IdempotencyRecord, "fingerprint" | "answer" | "keptAt">

export const idempotencyStatements = (db: Database, hash: KeyedHash) => {
  const find = db.prepare<[number, string], StoredRecord>(findSql)
  const forget = db.prepare<[number, number]>(forgetSql)
  const keep = db.prepare<[number, string, string, string, number]>(
    `INSERT INTO answer (workspace, key, fingerprint, answer, kept_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (workspace, key) DO UPDATE SET
        fingerprint = excluded.fingerprint, answer = excluded.answer, kept_at = excluded.kept_at`
  )
  const keyOf = (workspaceId: WorkspaceId, { key }: IdempotentCall): string =>
    hash(`key\n${workspaceId}\n${key}`)
  const fingerprintOf = (workspaceId: WorkspaceId, { fingerprint, key }: IdempotentCall): string =>
    hash(`call\n${workspaceId}\n${key}\n${fingerprint}`)
  return {
    /**
     * The record under the key of a call, with the call's fingerprint where it matches, else with
     * the stored hash.
     */
    find: (workspace: number, workspaceId: WorkspaceId, call: IdempotentCall): IdempotencyRecord | null => {
      const found = find.get(workspace, keyOf(workspaceId, call))
      if (found === undefined) return null
      const isSame = found.fingerprint === fingerprintOf(workspaceId, call)
      return { ...found, key: call.key, fingerprint: isSame ? call.fingerprint : found.fingerprint }
    },
    /** Keeps a record, and drops some of those kept at that time or before, the oldest first. */
    record: (
      workspace: number,
      workspaceId: WorkspaceId,
      record: IdempotencyRecord,
      forgetUpTo: number
    ): void => {
      forget.run(workspace, forgetUpTo)
      keep.run(
        workspace,
        keyOf(workspaceId, record),
        fingerprintOf(workspaceId, record),
        record.answer,
        record.keptAt
      )
    }
  }
}
