/** The statements on events. A row is an event of a decision, as JSON without what has a column of its own. */
import type { DomainEvent, Happening } from "@leadterra/core"
import type { Database } from "better-sqlite3"

interface EventRow {
  readonly sequence: number
  readonly at: number
  readonly event: string
}

export const pageSql = `SELECT sequence, at, event FROM event WHERE workspace = ? AND sequence > ?
  ORDER BY sequence LIMIT ?`

export const lastSql = "SELECT max(sequence) FROM event WHERE workspace = ?"

const eventOf = ({ at, event, sequence }: EventRow): DomainEvent => {
  const happening: Happening = JSON.parse(event)
  return { ...happening, sequence, at }
}

export const eventStatements = (db: Database) => {
  const page = db.prepare<[number, number, number], EventRow>(pageSql)
  const append = db.prepare<[number, number, number, string]>(
    `INSERT INTO event (workspace, sequence, at, event) VALUES (?, 1 + coalesce((${lastSql}), 0), ?, ?)`
  )
  return {
    /** In their order, after a sequence. */
    page: (workspace: number, after: number, limit: number): ReadonlyArray<DomainEvent> =>
      page.all(workspace, after, limit).map(eventOf),
    /** Gives the event the next sequence of its workspace. */
    append: (workspace: number, at: number, event: Happening): void => {
      append.run(workspace, workspace, at, JSON.stringify(event))
    }
  }
}
