/**
 * Updates of rows that arrays name. An outer join can only begin at the arrays, and the look-up by key is all that is left: whatever
 * the server knows of a table, or does not know of a new one, it walks no table for a batch. The branch that makes the join an outer
 * one is never taken.
 */
import { type Statement, statement } from "./Session.ts"

export interface Update {
  readonly table: "lead" | "enrollment" | "message"
  /** The arrays as a table `v`. */
  readonly from: string
  /** The columns of `v` that find a row `o`, beside its workspace, which is `$1`; a campaign is `$2`. */
  readonly by: ReadonlyArray<string>
  /** What must hold of the row besides. */
  readonly when?: string
  readonly set: string
}

/** Such an update: it gives how many rows were found and written. */
export const updateFound = ({ by, from, set, table, when }: Update): Statement<never> => {
  const given = by.includes("campaign")
    ? "$1::text AS workspace, $2::int AS campaign"
    : "$1::text AS workspace"
  const found = ["workspace", ...by].map((column) => `o.${column} = v.${column}`).join(" AND ")
  return statement(
    `MERGE INTO ${table} AS o USING (SELECT ${given}, v.* FROM ${from} OFFSET 0) AS v ON ${found}
     WHEN MATCHED${when === undefined ? "" : ` AND ${when}`} THEN UPDATE SET ${set}
     WHEN NOT MATCHED AND v.workspace IS NULL THEN INSERT (workspace) VALUES (v.workspace)`
  )
}
