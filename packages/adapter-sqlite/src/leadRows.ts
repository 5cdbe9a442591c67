/**
 * The rows of leads, and their ids. A lead's id is `lead_` and a ULID; leads that one decision makes share all but the last
 * digits of it. Those that share them are a batch, with a row of its own in `lead_batch`; the row of a lead is its batch's
 * number times `size`, plus its last three digits as a number. So the one follows from the other, a list of row numbers is
 * short, and leads need no index of ids.
 */
import { Ids, type LeadId } from "@leadterra/core"
import type { Database } from "better-sqlite3"

/** Rows that one batch has room for. */
export const size = Ids.leadsPerBatch

const prefix = "lead_"

/** Batches that are remembered before they are forgotten all at once. */
const remembered = 20_000

export const ulidsSql =
  "SELECT b.id, b.ulid FROM json_each(?) AS k CROSS JOIN lead_batch AS b ON b.id = k.value"

/** The id of the lead at a row. */
export type IdOf = (row: number) => LeadId

export type LeadRows = ReturnType<typeof leadRows>

export const leadRows = (db: Database) => {
  const find = db
    .prepare<[number, string], number>("SELECT id FROM lead_batch WHERE workspace = ? AND ulid = ?")
    .pluck()
  const ulids = db.prepare<[string], [id: number, ulid: string]>(ulidsSql).raw()
  const insert = db.prepare<[number, string]>("INSERT INTO lead_batch (workspace, ulid) VALUES (?, ?)")
  const exists = db
    .prepare<[number, number], number>("SELECT id FROM lead WHERE id = ? AND workspace = ?")
    .pluck()
  const dataVersion = db.prepare<[], number>("PRAGMA data_version").pluck()
  // A batch never changes once committed, unless the file is restored to an earlier state.
  const batches = new Map<string, number>()
  const beginnings = new Map<number, string>()

  let last = { workspace: 0, beginning: "none", batch: 0 }
  let version: number | undefined

  const forget = (): void => {
    batches.clear()
    beginnings.clear()
    last = { workspace: 0, beginning: "none", batch: 0 }
  }

  const batchOf = (workspace: number, id: LeadId): number | undefined => {
    // Leads come batch by batch.
    if (workspace === last.workspace && id.startsWith(last.beginning)) return last.batch
    const beginning = Ids.leadBatch(id)
    const batch = batchNamed(workspace, beginning.slice(prefix.length))
    if (batch !== undefined) last = { workspace, beginning, batch }
    return batch
  }

  const batchNamed = (workspace: number, ulid: string): number | undefined => {
    const name = `${workspace} ${ulid}`
    const known = batches.get(name)
    if (known !== undefined) return known
    const found = find.get(workspace, ulid)
    if (found === undefined) return undefined
    if (batches.size >= remembered) batches.clear()
    batches.set(name, found)
    return found
  }

  /** Reads the batches of these rows that are not known yet, in one statement. */
  const meet = (rows: Iterable<number>): void => {
    const unknown = new Set<number>()
    for (const row of rows) {
      const batch = Math.floor(row / size)
      if (!beginnings.has(batch)) unknown.add(batch)
    }
    if (unknown.size === 0) return
    if (beginnings.size + unknown.size > remembered) beginnings.clear()
    for (const [id, ulid] of ulids.all(JSON.stringify([...unknown]))) beginnings.set(id, prefix + ulid)
  }

  const idOf = (row: number): LeadId => {
    const beginning = beginnings.get(Math.floor(row / size))
    if (beginning === undefined) throw new Error("this row is none of those that were asked for")
    return Ids.leadIdAt(beginning, row % size)
  }

  return {
    /** The ids of these rows, as a function of the row; good until the next call. */
    idsOf: (rows: Iterable<number>): IdOf => {
      meet(rows)
      return idOf
    },
    /** The row that a lead of this id has, if there is one; undefined where none can be. */
    rowOf: (workspace: number, id: LeadId): number | undefined => {
      const place = Ids.leadPlace(id)
      const batch = place === undefined ? undefined : batchOf(workspace, id)
      return place === undefined || batch === undefined ? undefined : batch * size + place
    },
    /** The row for a new lead of this id; its batch is made where there is none. Undefined when it is no lead's id. */
    newRow: (workspace: number, id: LeadId): number | undefined => {
      const place = Ids.leadPlace(id)
      if (place === undefined) return undefined
      const batch =
        batchOf(workspace, id) ??
        Number(insert.run(workspace, Ids.leadBatch(id).slice(prefix.length)).lastInsertRowid)
      return batch * size + place
    },
    /** Whether there is a lead at this row. */
    has: (workspace: number, row: number): boolean => exists.get(row, workspace) !== undefined,
    /**
     * Begins a transaction: drops cached batches when another connection has written since the last
     * one.
     */
    begin: (): void => {
      const current = dataVersion.get()
      if (current !== version) forget()
      version = current
    },
    /** After a rollback: what was read of it may be gone. */
    forget
  }
}
