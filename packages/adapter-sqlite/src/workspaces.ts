/** The statements on workspaces: a row for each that has ever been written to, with the size of its suppression list. */
import type { WorkspaceId } from "@leadterra/core"
import type { Database } from "better-sqlite3"

/** A workspace as it is stored. */
export interface WorkspaceRow {
  readonly id: number
  /** The size of the suppression list, and how many of it are addresses that were erased. */
  readonly suppressions: number
  readonly erased: number
}

export const workspaceStatements = (db: Database) => {
  const find = db.prepare<[WorkspaceId], WorkspaceRow>(
    "SELECT id, suppressions, erased FROM workspace WHERE name = ?"
  )
  const create = db.prepare<[WorkspaceId]>("INSERT INTO workspace (name) VALUES (?)")
  const count = db.prepare<[number, number, number]>(
    "UPDATE workspace SET suppressions = suppressions + ?, erased = erased + ? WHERE id = ?"
  )
  return {
    find: (name: WorkspaceId): WorkspaceRow | undefined => find.get(name),
    /** Gives the key of the new row. */
    create: (name: WorkspaceId): number => Number(create.run(name).lastInsertRowid),
    /** Moves the size of the suppression list, and the number of those erased in it. */
    count: (workspace: number, suppressions: number, erased: number): void => {
      count.run(suppressions, erased, workspace)
    }
  }
}
