/**
 * The limit of delivery on our own tables: a file that our store has filled, and from the start on the bare statements that
 * the work cannot do without, with all constraints and indexes of the store. It renders by concatenation, and knows one campaign of
 * two steps, no suppressions and no report but `sent`.
 */
import Database from "better-sqlite3"
import { claimAndRecord, type Due } from "./claimAndRecord.ts"
import { openOurQueue } from "./ourQueue.ts"
import type { Queue } from "./Queue.ts"

export const openBareQueue = async (filename: string): Promise<Queue> => {
  const filling = await openOurQueue(filename)
  const db = new Database(filename)
  db.exec("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 16000; PRAGMA foreign_keys = ON")
  const queueAll = db.prepare(
    "INSERT INTO message (campaign, lead, step, due_at) SELECT campaign, lead, 0, ? FROM enrollment WHERE campaign = 1 AND state = 'active'"
  )
  const due = db.prepare<[number, number], Due>(
    `SELECT m.lead, coalesce(l.email, l.key) AS email, l.first_name AS firstName, l.last_name AS lastName, l.company,
       l.job_title AS jobTitle
     FROM message AS m CROSS JOIN lead AS l ON l.id = m.lead
     WHERE m.campaign = 1 AND m.state = 'queued' AND m.due_at <= ? ORDER BY m.due_at, m.lead LIMIT ?`
  )
  const lease = db.prepare(
    "UPDATE message SET state = 'leased', attempt = attempt + 1, token = ?, leased_until = ? WHERE campaign = 1 AND lead = ? AND step = 0"
  )
  const sent = db.prepare(
    "UPDATE message SET state = 'sent', sent_at = ?, token = NULL, leased_until = NULL WHERE campaign = 1 AND lead = ? AND step = 0 AND sent_at IS NULL"
  )
  const move = db.prepare("UPDATE enrollment SET position = position + 1 WHERE campaign = 1 AND lead = ?")
  const next = db.prepare("INSERT INTO message (campaign, lead, step, due_at) VALUES (1, ?, 1, ?)")
  const count = db.prepare("UPDATE campaign SET pending = pending + ?, sent = sent + ? WHERE id = 1")
  const tell = db.prepare(
    "INSERT INTO event (workspace, sequence, at, event) SELECT 1, 1 + max(sequence), ?, ? FROM event WHERE workspace = 1"
  )
  const run = db.prepare("UPDATE campaign SET status = 'running', started_at = ? WHERE id = 1")
  const start = db.transaction(() => {
    run.run(Date.now())
    const { changes } = queueAll.run(Date.now())
    count.run(changes, 0)
    tell.run(Date.now(), JSON.stringify({ queued: changes }))
    return changes
  })
  return {
    enroll: filling.enroll,
    start: async () => {
      await filling.close()
      return start.immediate()
    },
    ...claimAndRecord(db, { due, lease, sent, move, next, count, tell }),
    close: () => db.close()
  }
}
