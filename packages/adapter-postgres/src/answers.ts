/** The statements on answers that are remembered under an idempotency key. */
import type { IdempotencyKey, IdempotencyRecord, WorkspaceId } from "@leadterra/core"
import { type Session, statement } from "./Session.ts"

export const findAnswer = statement<IdempotencyRecord>(
  `SELECT key, fingerprint, answer, kept_at AS "keptAt" FROM answer WHERE workspace = $1 AND key = $2`
)

/** So many at a time: a batch that comes after a long pause does not pay for all that have expired since. */
const findExpired = statement<{ readonly key: IdempotencyKey }>(
  "SELECT key FROM answer WHERE workspace = $1 AND kept_at <= $2 ORDER BY kept_at LIMIT 100"
)
const forget = statement("DELETE FROM answer WHERE workspace = $1 AND key = ANY($2::text[])")
const keep = statement(
  `INSERT INTO answer (workspace, key, fingerprint, answer, kept_at) VALUES ($1, $2, $3, $4, $5)
   ON CONFLICT (workspace, key) DO UPDATE SET
     fingerprint = excluded.fingerprint, answer = excluded.answer, kept_at = excluded.kept_at`
)

/** Keeps an answer, and drops some of those kept at that time or before, the oldest first. */
export const rememberAnswer = async (
  session: Session,
  workspace: WorkspaceId,
  record: IdempotencyRecord,
  forgetUpTo: number
): Promise<void> => {
  const expired = await session.rows(findExpired, workspace, forgetUpTo)
  if (expired.length > 0)
    await session.write(
      forget,
      workspace,
      expired.map(({ key }) => key)
    )
  await session.write(keep, workspace, record.key, record.fingerprint, record.answer, record.keptAt)
}
