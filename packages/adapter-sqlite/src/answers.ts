/** The statements on answers that are remembered under an idempotency key. */
import type { IdempotencyKey, IdempotencyRecord } from "@leadterra/core"
import type { Database } from "better-sqlite3"

export const findAnswerSql = `SELECT key, fingerprint, answer, kept_at AS keptAt FROM answer
  WHERE workspace = ? AND key = ?`

/** So many at a time: a batch that comes after a long pause does not pay for all that have expired since. */
export const forgetAnswersSql = `DELETE FROM answer WHERE id IN
  (SELECT id FROM answer WHERE workspace = ? AND kept_at <= ? ORDER BY kept_at LIMIT 100)`

export const answerStatements = (db: Database) => {
  const find = db.prepare<[number, string], IdempotencyRecord>(findAnswerSql)
  const forget = db.prepare<[number, number]>(forgetAnswersSql)
  const keep = db.prepare<[number, string, string, string, number]>(
    `INSERT INTO answer (workspace, key, fingerprint, answer, kept_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (workspace, key) DO UPDATE SET
        fingerprint = excluded.fingerprint, answer = excluded.answer, kept_at = excluded.kept_at`
  )
  return {
    find: (workspace: number, key: IdempotencyKey): IdempotencyRecord | null =>
      find.get(workspace, key) ?? null,
    /** Keeps an answer, and drops some of those kept at that time or before, the oldest first. */
    remember: (workspace: number, record: IdempotencyRecord, forgetUpTo: number): void => {
      forget.run(workspace, forgetUpTo)
      keep.run(workspace, record.key, record.fingerprint, record.answer, record.keptAt)
    }
  }
}
