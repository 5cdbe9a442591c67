/**
 * The limit of delivery: a queue on SQLite for one campaign of two steps, by hand. It renders by concatenation, leases, records
 * a send, moves the position, queues the next step, and tells of it by a row for each batch. It knows no workspaces, suppressions or reports but `sent`.
 */
import Database from "better-sqlite3"
import { claimAndRecord, type Due } from "./claimAndRecord.ts"
import type { Queue } from "./Queue.ts"
import type { Batch } from "./workload.ts"

const schema = `
  CREATE TABLE lead (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, first_name TEXT, last_name TEXT, company TEXT,
    job_title TEXT) STRICT;
  CREATE TABLE enrollment (campaign INTEGER, lead INTEGER, position INTEGER NOT NULL, state INTEGER NOT NULL,
    PRIMARY KEY (campaign, lead)) STRICT, WITHOUT ROWID;
  CREATE TABLE message (campaign INTEGER, lead INTEGER, step INTEGER, state INTEGER NOT NULL, due_at REAL NOT NULL,
    attempt INTEGER NOT NULL, token TEXT, leased_until REAL, sent_at REAL, PRIMARY KEY (campaign, lead, step)) STRICT, WITHOUT ROWID;
  CREATE INDEX message_due ON message (campaign, due_at) WHERE state = 0;
  CREATE TABLE event (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, sent TEXT NOT NULL) STRICT;
  CREATE TABLE campaign (id INTEGER PRIMARY KEY, pending INTEGER NOT NULL, sent INTEGER NOT NULL);
  INSERT INTO campaign VALUES (1, 0, 0);`

export const openHandWrittenQueue = (filename: string): Queue => {
  const db = new Database(filename)
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 16000")
  db.exec(schema)
  const insertLead = db.prepare(
    "INSERT OR IGNORE INTO lead (email, first_name, last_name, company, job_title) VALUES (?, ?, ?, ?, ?)"
  )
  const queueAll = db.prepare(
    "INSERT INTO message SELECT campaign, lead, 0, 0, ?, 0, NULL, NULL, NULL FROM enrollment WHERE campaign = 1 AND state = 0"
  )
  const due = db.prepare<[number, number], Due>(
    `SELECT m.lead, l.email, l.first_name AS firstName, l.last_name AS lastName, l.company, l.job_title AS jobTitle
     FROM message AS m CROSS JOIN lead AS l ON l.id = m.lead
     WHERE m.campaign = 1 AND m.state = 0 AND m.due_at <= ? ORDER BY m.due_at, m.lead LIMIT ?`
  )
  const lease = db.prepare(
    "UPDATE message SET state = 1, attempt = attempt + 1, token = ?, leased_until = ? WHERE campaign = 1 AND lead = ? AND step = 0"
  )
  const sent = db.prepare(
    "UPDATE message SET state = 2, sent_at = ? WHERE campaign = 1 AND lead = ? AND step = 0 AND state = 1"
  )
  const move = db.prepare("UPDATE enrollment SET position = position + 1 WHERE campaign = 1 AND lead = ?")
  const next = db.prepare("INSERT INTO message VALUES (1, ?, 1, 0, ?, 0, NULL, NULL, NULL)")
  const count = db.prepare("UPDATE campaign SET pending = pending + ?, sent = sent + ? WHERE id = 1")

  const tell = db.prepare("INSERT INTO event (at, sent) VALUES (?, ?)")

  const enrollOne = db.prepare("INSERT INTO enrollment VALUES (1, ?, 0, 0)")
  const enroll = db.transaction((batch: Batch) => {
    for (const { company, email, firstName, jobTitle, lastName } of batch) {
      const { changes, lastInsertRowid } = insertLead.run(email, firstName, lastName, company, jobTitle)
      if (changes > 0) enrollOne.run(lastInsertRowid)
    }
  })
  const start = db.transaction(() => {
    const { changes } = queueAll.run(Date.now())
    count.run(changes, 0)
    return changes
  })
  return {
    enroll: (batch) => enroll(batch),
    start: () => start.immediate(),
    ...claimAndRecord(db, { due, lease, sent, move, next, count, tell }),
    close: () => db.close()
  }
}
