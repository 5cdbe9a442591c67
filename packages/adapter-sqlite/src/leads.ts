/**
 * The statements on leads. Keys arrive as one JSON array, so that a batch of any size is one look-up (no limit on
 * variables); writes are one cached statement
 * a row, which is faster for rows this wide than any set of values.
 */
import type { EmailAddress, FieldValue, Lead, LeadId } from "@leadterra/core"
import { Ids } from "@leadterra/core"
import type { Database } from "better-sqlite3"
import { Refusal } from "./failure.ts"

type EmailKey = EmailAddress.EmailKey

export interface LeadRow {
  readonly row: number
  readonly key: EmailKey
  readonly email: string | null
  readonly publicId: string
  readonly firstName: string | null
  readonly lastName: string | null
  readonly company: string | null
  readonly jobTitle: string | null
  readonly customFields: string | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** A lead with the key of its row. */
export interface StoredLead {
  readonly row: number
  readonly lead: Lead
}

export const leadColumns = `l.id AS row, l.key, l.email, l.public_id AS publicId, l.first_name AS firstName,
  l.last_name AS lastName, l.company, l.job_title AS jobTitle, l.custom_fields AS customFields,
  l.created_at AS createdAt, l.updated_at AS updatedAt`

/** Exported for the test of its plan: one probe of the unique index for each key. */
export const findSql = `SELECT ${leadColumns} FROM json_each(?) AS k CROSS JOIN lead AS l
  ON l.workspace = ? AND l.key = k.value`

/** Whoever is erased has no address, and so no `@` in its key. */
const present = "instr(l.key, '@') > 0"

export const pageSql = `SELECT ${leadColumns} FROM lead AS l INDEXED BY lead_of_workspace
  WHERE l.workspace = ? AND l.id > ? AND ${present} ORDER BY l.id LIMIT ?`

export const campaignPageSql = `SELECT ${leadColumns} FROM enrollment AS e CROSS JOIN lead AS l ON l.id = e.lead
  WHERE e.campaign = ? AND e.lead > ? AND ${present} ORDER BY e.lead LIMIT ?`

const prefix = "lead_"

export const publicIdOf = (id: LeadId): string => {
  if (!id.startsWith(prefix)) throw new Refusal("a lead's id begins with lead_")
  return id.slice(prefix.length)
}

const parseFields = (json: string | null): Readonly<Record<string, FieldValue>> =>
  json === null ? {} : JSON.parse(json)

const fieldsJson = ({ customFields }: Lead): string | null => {
  const json = JSON.stringify(customFields)
  return json === "{}" ? null : json
}

export const leadOf = (row: LeadRow): Lead => ({
  id: Ids.storedLeadId(prefix + row.publicId),
  key: row.key,
  email: row.email ?? row.key,
  firstName: row.firstName,
  lastName: row.lastName,
  company: row.company,
  jobTitle: row.jobTitle,
  customFields: parseFields(row.customFields),
  createdAt: row.createdAt,
  updatedAt: row.updatedAt
})

export const leadStatements = (db: Database) => {
  const find = db.prepare<[string, number], LeadRow>(findSql)
  const page = db.prepare<[number, number, number], LeadRow>(pageSql)
  const campaignPage = db.prepare<[number, number, number], LeadRow>(campaignPageSql)
  const rowOf = db
    .prepare<[number, EmailKey], number>("SELECT id FROM lead WHERE workspace = ? AND key = ?")
    .pluck()
  const rowOfId = db
    .prepare<[number, string], number>("SELECT id FROM lead WHERE workspace = ? AND public_id = ?")
    .pluck()
  const insert = db.prepare(
    `INSERT INTO lead (workspace, key, email, public_id, first_name, last_name, company, job_title,
       custom_fields, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
  )
  const update = db.prepare(
    `UPDATE lead SET first_name = ?, last_name = ?, company = ?, job_title = ?, custom_fields = ?, updated_at = ?
     WHERE id = ?`
  )
  const erase = db.prepare<[EmailKey, number, number]>(
    `UPDATE lead SET key = ?, email = '', first_name = NULL, last_name = NULL, company = NULL, job_title = NULL,
       custom_fields = NULL, updated_at = ? WHERE id = ?`
  )
  return {
    find: (workspace: number, keys: ReadonlyArray<EmailKey>): ReadonlyArray<StoredLead> =>
      find.all(JSON.stringify(keys), workspace).map((row) => ({ row: row.row, lead: leadOf(row) })),
    /** In the order in which they were made, after a row; rows count from 1. */
    page: (workspace: number, after: number, limit: number): ReadonlyArray<Lead> =>
      page.all(workspace, after, limit).map(leadOf),
    campaignPage: (campaign: number, after: number, limit: number): ReadonlyArray<Lead> =>
      campaignPage.all(campaign, after, limit).map(leadOf),
    rowOf: (workspace: number, key: EmailKey): number | undefined => rowOf.get(workspace, key),
    /** Any text may stand for an id here: a cursor comes from outside. */
    rowOfId: (workspace: number, id: string): number | undefined =>
      id.startsWith(prefix) ? rowOfId.get(workspace, id.slice(prefix.length)) : undefined,
    /** Leaves of a lead its id and the time at which it was made. */
    erase: (row: number, { key, updatedAt }: Lead): void => {
      erase.run(key, updatedAt, row)
    },
    /** Gives the key of the new row. */
    create: (workspace: number, lead: Lead): number =>
      Number(
        insert.run(
          workspace,
          lead.key,
          lead.email === lead.key ? null : lead.email,
          publicIdOf(lead.id),
          lead.firstName,
          lead.lastName,
          lead.company,
          lead.jobTitle,
          fieldsJson(lead),
          lead.createdAt,
          lead.updatedAt
        ).lastInsertRowid
      ),
    change: (row: number, lead: Lead): void => {
      const { company, firstName, jobTitle, lastName, updatedAt } = lead
      update.run(firstName, lastName, company, jobTitle, fieldsJson(lead), updatedAt, row)
    }
  }
}
