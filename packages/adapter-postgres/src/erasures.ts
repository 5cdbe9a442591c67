/**
 * The statements on addresses that were erased (ER-1). The store knows each by a hash under a secret of its workspace: the same
 * address has another hash in another workspace.
 */
import { type EmailAddress, erased, type SuppressionRecord, type WorkspaceId } from "@leadterra/core"
import { keyedHash } from "./keyedHash.ts"
import { type Session, statement } from "./Session.ts"

type EmailKey = EmailAddress.EmailKey

const find = statement<{ readonly hash: string; readonly erasedAt: number }>(
  `SELECT e.hash, e.erased_at AS "erasedAt" FROM unnest($2::text[]) AS k (hash)
   CROSS JOIN LATERAL (SELECT * FROM erasure WHERE workspace = $1 AND hash = k.hash OFFSET 0) AS e`
)
const add = statement(
  `INSERT INTO erasure (workspace, hash, erased_at) SELECT $1, v.hash, $3 FROM unnest($2::text[]) AS v (hash)
   ON CONFLICT DO NOTHING`
)
const remove = statement("DELETE FROM erasure WHERE workspace = $1 AND hash = ANY($2::text[])")

const hashOf = (secret: string, workspace: WorkspaceId, key: EmailKey): string =>
  keyedHash(secret, `${workspace} ${key}`)

/** Those of these addresses that were erased, as entries of the suppression list. */
export const findErasures = async (
  session: Session,
  workspace: WorkspaceId,
  secret: string,
  keys: ReadonlyArray<EmailKey>
): Promise<ReadonlyArray<SuppressionRecord>> => {
  const byHash = new Map(keys.map((key) => [hashOf(secret, workspace, key), key]))
  const found = await session.rows(find, workspace, [...byHash.keys()])
  return found.flatMap(({ erasedAt, hash }) => {
    const entry = byHash.get(hash)
    return entry === undefined ? [] : [{ entry, reason: erased, suppressedAt: erasedAt }]
  })
}

/** Gives how many are new. */
export const addErasures = (
  session: Session,
  workspace: WorkspaceId,
  secret: string,
  keys: ReadonlyArray<EmailKey>,
  at: number
): Promise<number> =>
  session.write(
    add,
    workspace,
    keys.map((key) => hashOf(secret, workspace, key)),
    at
  )

/** Gives the number of those that were there. */
export const removeErasures = (
  session: Session,
  workspace: WorkspaceId,
  secret: string,
  keys: ReadonlyArray<EmailKey>
): Promise<number> =>
  session.write(
    remove,
    workspace,
    keys.map((key) => hashOf(secret, workspace, key))
  )
