/** The statements on workspaces: a row for each that has ever been written to, with the size of its suppression list. */
import type { Workspace, WorkspaceId } from "@leadterra/core"
import type { Database } from "better-sqlite3"

/** A workspace as it is stored. */
export interface WorkspaceRow {
  readonly id: number
  /** The size of the suppression list, and how many of it are addresses that were erased. */
  readonly suppressions: number
  readonly erased: number
  readonly testClock: number | null
}

export const workspaceStatements = (db: Database) => {
  const find = db.prepare<[WorkspaceId], WorkspaceRow>(
    "SELECT id, suppressions, erased, test_clock AS testClock FROM workspace WHERE name = ?"
  )
  const create = db.prepare<[WorkspaceId, number | null]>(
    "INSERT INTO workspace (name, test_clock) VALUES (?, ?)"
  )
  const advance = db.prepare<{ now: number; id: number }>(
    "UPDATE workspace SET test_clock = :now WHERE id = :id AND test_clock <= :now"
  )
  const count = db.prepare<[number, number, number]>(
    "UPDATE workspace SET suppressions = suppressions + ?, erased = erased + ? WHERE id = ?"
  )
  return {
    find: (name: WorkspaceId): WorkspaceRow | undefined => find.get(name),
    /** Gives the key of the new row. */
    create: (name: WorkspaceId, { testClock }: Workspace): number =>
      Number(create.run(name, testClock).lastInsertRowid),
    /** Sets the test clock. Returns false for a clock that is later, and in a live workspace. */
    advance: (id: number, now: number): boolean => advance.run({ id, now }).changes === 1,
    /** Moves the size of the suppression list, and the number of those erased in it. */
    count: (workspace: number, suppressions: number, erased: number): void => {
      count.run(suppressions, erased, workspace)
    }
  }
}
