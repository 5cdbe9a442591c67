/**
 * The statements on the records of idempotency keys (UP-10), which are in the table `answer`. Key
 * and fingerprint are stored as hashes under the secret of the workspace: with plain hashes anybody
 * could test a guess, even after an erasure.
 */
import type { IdempotencyRecord, IdempotentCall, WorkspaceId } from "@leadterra/core"
import { keyedHash } from "./keyedHash.ts"
import { type Session, statement } from "./Session.ts"

const find = statement<Pick<IdempotencyRecord, "fingerprint" | "answer" | "keptAt">>(
  `SELECT fingerprint, answer, kept_at AS "keptAt" FROM answer WHERE workspace = $1 AND key = $2`
)

/**
 * A hundred at a time, so that the first batch after a long pause does not delete all expired
 * records.
 */
const findExpired = statement<{ readonly key: string }>(
  "SELECT key FROM answer WHERE workspace = $1 AND kept_at <= $2 ORDER BY kept_at LIMIT 100"
)
const forget = statement("DELETE FROM answer WHERE workspace = $1 AND key = ANY($2::text[])")
const keep = statement(
  `INSERT INTO answer (workspace, key, fingerprint, answer, kept_at) VALUES ($1, $2, $3, $4, $5)
   ON CONFLICT (workspace, key) DO UPDATE SET
     fingerprint = excluded.fingerprint, answer = excluded.answer, kept_at = excluded.kept_at`
)

const keyOf = (secret: string, { key }: IdempotentCall): string => keyedHash(secret, `key\n${key}`)

const fingerprintOf = (secret: string, { fingerprint, key }: IdempotentCall): string =>
  keyedHash(secret, `call\n${key}\n${fingerprint}`)

/**
 * The record under the key of a call, with the call's fingerprint where it matches, else with the
 * stored hash.
 */
export const findIdempotency = async (
  session: Session,
  workspace: WorkspaceId,
  secret: string,
  call: IdempotentCall
): Promise<IdempotencyRecord | null> => {
  const found = await session.first(find, workspace, keyOf(secret, call))
  if (found === undefined) return null
  const isSame = found.fingerprint === fingerprintOf(secret, call)
  return { ...found, key: call.key, fingerprint: isSame ? call.fingerprint : found.fingerprint }
}

/** Keeps a record, and drops some of those kept at that time or before, the oldest first. */
export const recordIdempotency = async (
  session: Session,
  workspace: WorkspaceId,
  secret: string,
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
  const [key, fingerprint] = [keyOf(secret, record), fingerprintOf(secret, record)]
  await session.write(keep, workspace, key, fingerprint, record.answer, record.keptAt)
}
