/** The statements on messages. A message is never deleted and its key never used again (SQ-3): cancelling keeps the row. */
import type { Database } from "better-sqlite3"

export interface MessageRow {
  readonly lead: number
  readonly step: number
  readonly dueAt: number
}

export const findSql = `SELECT m.lead, m.step, m.due_at AS dueAt FROM json_each(?) AS k
  CROSS JOIN message AS m ON m.campaign = ? AND m.lead = k.value WHERE m.state = 'queued'`

export const queueFirstSql = `INSERT INTO message (campaign, lead, step, due_at)
  SELECT campaign, lead, position, ? FROM enrollment WHERE campaign = ? AND state = 'active'`

/** Needs the leads that `cover` gathers. */
export const cancelSql = `UPDATE message SET state = 'cancelled'
  WHERE campaign = ? AND lead IN (SELECT lead FROM temp.covered) AND state = 'queued'`

export const messageStatements = (db: Database) => {
  const find = db.prepare<[string, number], MessageRow>(findSql)
  const queue = db.prepare<[number, number, string]>(
    "INSERT INTO message (campaign, lead, step, due_at) SELECT ?, value, 0, ? FROM json_each(?)"
  )
  const queueFirst = db.prepare<[number, number]>(queueFirstSql)
  const cancel = db.prepare<[number]>(cancelSql)
  return {
    /** The queued messages of these leads in a campaign. */
    find: (campaign: number, leads: ReadonlyArray<number>): ReadonlyArray<MessageRow> =>
      find.all(JSON.stringify(leads), campaign),
    /** Queues the first message of new enrolments, and gives their number. */
    queue: (campaign: number, leads: ReadonlyArray<number>, dueAt: number): number =>
      queue.run(campaign, dueAt, JSON.stringify(leads)).changes,
    /** Queues the first message of every active enrolment (SQ-4), and gives their number. */
    queueFirst: (campaign: number, dueAt: number): number => queueFirst.run(dueAt, campaign).changes,
    /** Cancels the queued messages of the gathered leads in one campaign, and gives their number. */
    cancel: (campaign: number): number => cancel.run(campaign).changes
  }
}
