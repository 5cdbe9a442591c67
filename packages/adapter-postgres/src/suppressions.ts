/** The statements on the suppression list. Text compares by its bytes, which is the order of code points. */
import type { SuppressionEntry, SuppressionRecord, WorkspaceId } from "@leadterra/core"
import { type Session, statement } from "./Session.ts"

const columns = `s.entry, s.reason, s.suppressed_at AS "suppressedAt"`

export const findSuppressions = statement<SuppressionRecord>(
  `SELECT ${columns} FROM unnest($2::text[]) AS k (entry)
   CROSS JOIN LATERAL (SELECT * FROM suppression WHERE workspace = $1 AND entry = k.entry OFFSET 0) AS s`
)

/** Domains are written with an @ in front, and no address begins with one: most lists hold none. */
export const anyDomain = statement<{ readonly entry: SuppressionEntry }>(
  "SELECT entry FROM suppression WHERE workspace = $1 AND entry >= '@' AND entry < 'A' LIMIT 1"
)

/** In the order of the entries; every entry sorts after the empty text. */
export const pageOfSuppressions = statement<SuppressionRecord>(
  `SELECT ${columns} FROM suppression AS s WHERE s.workspace = $1 AND s.entry > $2 ORDER BY s.entry LIMIT $3`
)

const add = statement(
  `INSERT INTO suppression (workspace, entry, reason, suppressed_at)
   SELECT $1, v.* FROM unnest($2::text[], $3::text[], $4::float8[]) AS v`
)

export const removeSuppressions = statement(
  "DELETE FROM suppression WHERE workspace = $1 AND entry = ANY($2::text[])"
)

export const addSuppressions = async (
  session: Session,
  workspace: WorkspaceId,
  suppressions: ReadonlyArray<SuppressionRecord>
): Promise<void> => {
  await session.write(
    add,
    workspace,
    suppressions.map(({ entry }) => entry),
    suppressions.map(({ reason }) => reason),
    suppressions.map(({ suppressedAt }) => suppressedAt)
  )
}
