/**
 * The statements on workspaces. The row of one is what its decisions take turns by, one at a time. Nothing else is waited for: so there
 * is no deadlock, and no workspace waits for another.
 */
import { randomBytes } from "node:crypto"
import type { Workspace, WorkspaceId } from "@leadterra/core"
import { type Session, statement } from "./Session.ts"

/** A workspace as it is stored. */
export interface WorkspaceRow {
  /** The size of the suppression list, and how many of it are addresses that were erased. */
  readonly suppressions: number
  readonly erased: number
  /** The key of the hashes by which erased addresses are known. */
  readonly secret: string
  readonly testClock: number | null
}

const findSql =
  'SELECT suppressions, erased, secret, test_clock AS "testClock" FROM workspace WHERE workspace = $1'
const find = statement<WorkspaceRow>(findSql)
const hold = statement<WorkspaceRow>(`${findSql} FOR UPDATE`)
const create = statement(
  "INSERT INTO workspace (workspace, secret, test_clock) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
)
const advance = statement("UPDATE workspace SET test_clock = $2 WHERE workspace = $1 AND test_clock <= $2")
const count = statement(
  "UPDATE workspace SET suppressions = suppressions + $2, erased = erased + $3 WHERE workspace = $1"
)

export const findWorkspace = (session: Session, workspace: WorkspaceId): Promise<WorkspaceRow | undefined> =>
  session.first(find, workspace)

/** Waits until the decision has the workspace, and reads it. */
export const holdWorkspace = (session: Session, workspace: WorkspaceId): Promise<WorkspaceRow | undefined> =>
  session.first(hold, workspace)

/**
 * Makes a workspace, which the decision then holds. Undefined when another decision has made it
 * meanwhile.
 */
export const createWorkspace = async (
  session: Session,
  workspace: WorkspaceId,
  { testClock }: Workspace
): Promise<WorkspaceRow | undefined> => {
  const secret = randomBytes(32).toString("base64")
  const made = await session.write(create, workspace, secret, testClock)
  return made === 0 ? undefined : { suppressions: 0, erased: 0, secret, testClock }
}

/** Sets the test clock. Returns false for a clock that is later, and in a live workspace. */
export const advanceTestClock = async (
  session: Session,
  workspace: WorkspaceId,
  now: number
): Promise<boolean> => (await session.write(advance, workspace, now)) === 1

/** Moves the size of the suppression list, and the number of those erased in it. */
export const countSuppressions = async (
  session: Session,
  workspace: WorkspaceId,
  suppressions: number,
  erased: number
): Promise<void> => {
  await session.write(count, workspace, suppressions, erased)
}
