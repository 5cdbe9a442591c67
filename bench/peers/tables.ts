/**
 * What the peers have in common, so that they differ in nothing but themselves: the pragmas and the tables of the limit, in the
 * names that such libraries are used with, and a batch without its repeats.
 */
import type { Batch, Row } from "../workload.ts"

export const pragmas = ["journal_mode = WAL", "synchronous = NORMAL", "wal_autocheckpoint = 16000"]

export const schema = `
  CREATE TABLE lead (id INTEGER PRIMARY KEY, workspace_id INTEGER NOT NULL, email TEXT NOT NULL, first_name TEXT,
    last_name TEXT, company TEXT, job_title TEXT, custom_fields TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    UNIQUE (workspace_id, email)) STRICT;
  CREATE TABLE enrollment (campaign_id INTEGER NOT NULL, lead_id INTEGER NOT NULL, position INTEGER NOT NULL,
    state TEXT NOT NULL, enrolled_at INTEGER NOT NULL, PRIMARY KEY (campaign_id, lead_id)) STRICT, WITHOUT ROWID;
  CREATE TABLE suppression (workspace_id INTEGER NOT NULL, email TEXT NOT NULL,
    PRIMARY KEY (workspace_id, email)) STRICT, WITHOUT ROWID;
  CREATE TABLE event (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, enrolled TEXT NOT NULL, updated TEXT NOT NULL) STRICT;`

/** By the address in lower case, the last row of each. */
export const distinct = (batch: Batch): Map<string, Row> =>
  new Map(batch.map((row) => [row.email.trim().toLowerCase(), row]))

/** The columns that an upsert overwrites. */
export const overwritten = [
  "first_name",
  "last_name",
  "company",
  "job_title",
  "custom_fields",
  "updated_at"
] as const

export const leadRow = (email: string, row: Row, now: number) => ({
  workspace_id: 1,
  email,
  first_name: row.firstName,
  last_name: row.lastName,
  company: row.company,
  job_title: row.jobTitle,
  custom_fields: JSON.stringify(row.customFields),
  created_at: now,
  updated_at: now
})

export const enrollmentRow = (leadId: number, now: number) => ({
  campaign_id: 1,
  lead_id: leadId,
  position: 0,
  state: "active",
  enrolled_at: now
})

/** The row that tells of a batch, of all its leads and those among them that are new. */
export const eventRow = (leads: ReadonlyArray<number>, enrolled: ReadonlyArray<number>, now: number) => {
  const isNew = new Set(enrolled)
  const updated = leads.filter((id) => !isNew.has(id))
  return { at: now, enrolled: JSON.stringify(enrolled), updated: JSON.stringify(updated) }
}
