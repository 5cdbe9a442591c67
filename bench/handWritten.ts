/**
 * The limit: what someone writes by hand who knows SQLite and needs nothing but this. Integer keys, one look-up of
 * the whole batch, a plan in plain code, cached statements for the rows that change, one row that tells of the batch.
 * It trusts its input, keeps no outcome per row, and has no foreign keys: the ratio to it is the price of those.
 */
import Database from "better-sqlite3"
import type { Enroller } from "./Enroller.ts"
import type { Batch } from "./workload.ts"

interface Known {
  readonly id: number | undefined
  readonly enrolled: number | null
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly company: string
  readonly jobTitle: string
  readonly custom: string
}

const schema = `
  CREATE TABLE lead (id INTEGER PRIMARY KEY, workspace INTEGER NOT NULL, email TEXT NOT NULL, first_name TEXT,
    last_name TEXT, company TEXT, job_title TEXT, custom TEXT, created_at INTEGER, updated_at INTEGER,
    UNIQUE (workspace, email)) STRICT;
  CREATE TABLE enrollment (campaign INTEGER NOT NULL, lead INTEGER NOT NULL, position INTEGER NOT NULL,
    state INTEGER NOT NULL, enrolled_at INTEGER, PRIMARY KEY (campaign, lead)) STRICT, WITHOUT ROWID;
  CREATE TABLE suppression (workspace INTEGER, email TEXT, PRIMARY KEY (workspace, email)) STRICT, WITHOUT ROWID;
  CREATE TABLE event (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, enrolled TEXT NOT NULL, updated TEXT NOT NULL) STRICT;
  CREATE TABLE campaign (id INTEGER PRIMARY KEY, enrolled INTEGER NOT NULL);
  INSERT INTO campaign VALUES (1, 0);`

/** Opens a new file. */
export const openHandWritten = (filename: string, suppressed: ReadonlyArray<string>): Enroller => {
  const db = new Database(filename)
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 16000")
  db.exec(schema)
  const suppress = db.prepare("INSERT INTO suppression VALUES (1, ?)")
  db.transaction(() => {
    for (const email of suppressed) suppress.run(email)
  })()
  const find = db.prepare<[string], Known>(
    `SELECT l.id, e.lead AS enrolled, l.email, l.first_name AS firstName, l.last_name AS lastName, l.company,
       l.job_title AS jobTitle, l.custom
     FROM json_each(?) AS k CROSS JOIN lead AS l ON l.workspace = 1 AND l.email = k.value
     LEFT JOIN enrollment AS e ON e.campaign = 1 AND e.lead = l.id`
  )
  const findSuppressed = db
    .prepare<[string], string>(
      "SELECT s.email FROM json_each(?) AS k CROSS JOIN suppression AS s ON s.workspace = 1 AND s.email = k.value"
    )
    .pluck()
  const insert = db.prepare(
    "INSERT INTO lead (workspace, email, first_name, last_name, company, job_title, custom, created_at, updated_at) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)"
  )
  const update = db.prepare(
    "UPDATE lead SET first_name = ?, last_name = ?, company = ?, job_title = ?, custom = ?, updated_at = ? WHERE id = ?"
  )
  const enroll = db.prepare("INSERT INTO enrollment VALUES (1, ?, 0, 0, ?)")
  const count = db.prepare("UPDATE campaign SET enrolled = enrolled + ? WHERE id = 1")

  const tell = db.prepare("INSERT INTO event (at, enrolled, updated) VALUES (?, ?, ?)")

  const plan = (batch: Batch): Iterable<Known> => {
    const emails = batch.map(({ email }) => email.trim().toLowerCase())
    const json = JSON.stringify([...new Set(emails)])
    const known = new Map(find.all(json).map((lead) => [lead.email, lead]))
    const excluded = new Set(findSuppressed.all(json))
    const changed = new Map<string, Known>()
    for (const [index, { company, customFields, firstName, jobTitle, lastName }] of batch.entries()) {
      const email = emails[index] ?? ""
      if (excluded.has(email)) continue
      const lead = changed.get(email) ?? known.get(email)
      const custom = JSON.stringify(customFields)
      const same =
        lead?.firstName === firstName &&
        lead.lastName === lastName &&
        lead.company === company &&
        lead.jobTitle === jobTitle &&
        lead.custom === custom &&
        (lead.enrolled !== null || changed.has(email))
      if (same) continue
      const enrolled = lead?.enrolled ?? null
      changed.set(email, { id: lead?.id, enrolled, email, firstName, lastName, company, jobTitle, custom })
    }
    return changed.values()
  }

  const write = (leads: Iterable<Known>, now: number): void => {
    const enrolled: Array<unknown> = []
    const updated: Array<unknown> = []
    for (const lead of leads) {
      const { company, custom, email, firstName, jobTitle, lastName } = lead
      const id =
        lead.id ?? insert.run(email, firstName, lastName, company, jobTitle, custom, now, now).lastInsertRowid
      if (lead.id !== undefined) {
        update.run(firstName, lastName, company, jobTitle, custom, now, id)
        updated.push(id)
      }
      if (lead.enrolled !== null) continue
      enroll.run(id, now)
      enrolled.push(id)
    }
    count.run(enrolled.length)
    if (enrolled.length + updated.length > 0) tell.run(now, JSON.stringify(enrolled), JSON.stringify(updated))
  }

  const upsert = db.transaction((batch: Batch) => write(plan(batch), Date.now()))
  const enrolled = db
    .prepare<[], string>(
      "SELECT l.email || '|' || l.job_title FROM enrollment AS e CROSS JOIN lead AS l ON l.id = e.lead"
    )
    .pluck()
  return {
    upsert: (batch) => upsert.immediate(batch),
    enrolled: () => enrolled.all().sort(),
    close: () => db.close()
  }
}
