/**
 * The statements on leads. Keys arrive as one JSON array, so that a batch of any size is one look-up (no limit on
 * variables); writes are one cached statement a row, which is faster for rows this wide than any set of values. Rows
 * are read as arrays, column by column, since objects with names cost half as much again.
 */
import { customFieldsOf, type EmailAddress, type Lead, type LeadId } from "@leadterra/core"
import type { Database } from "better-sqlite3"
import { Refusal } from "./failure.ts"
import { type IdOf, type LeadRows, size } from "./leadRows.ts"

type EmailKey = EmailAddress.EmailKey

/** The columns of `leadColumns`, in their order. */
export type LeadRow = [
  row: number,
  email: string | null,
  firstName: string | null,
  lastName: string | null,
  company: string | null,
  jobTitle: string | null,
  customFields: string | null,
  createdAt: number,
  updatedAt: number
]

/** All but the key, which whoever has asked for it knows. */
export const leadColumns = `l.id, l.email, l.first_name, l.last_name, l.company, l.job_title, l.custom_fields,
  l.created_at, l.updated_at`

/** The leads with these keys. The last column is twice the place of the key, and one more where the lead is enrolled. */
export const findSql = `SELECT ${leadColumns}, 2 * k.key + (e.lead IS NOT NULL)
  FROM json_each(?) AS k CROSS JOIN lead AS l ON l.workspace = ? AND l.key = k.value
  LEFT JOIN enrollment AS e ON e.campaign = ? AND e.lead = l.id`

export type FoundRow = [...LeadRow, mark: number]

/** The place of a lead's key among those that were asked for. */
export const placeOf = (row: FoundRow): number => row[9] >> 1

/** Whether a lead is enrolled in the campaign that was asked for. */
export const isEnrolled = (row: FoundRow): boolean => row[9] % 2 === 1

/** Erased leads have no address, and so no `@` in their keys. */
const present = "instr(l.key, '@') > 0"

/** The keys of the leads at these rows, without those erased. */
export const keysOfRowsSql = `SELECT l.key FROM json_each(?) AS k CROSS JOIN lead AS l ON l.id = k.value
  WHERE l.workspace = ? AND ${present}`

type KeyedRow = [...LeadRow, key: EmailKey]

/** Batch by batch: the leads of one are a range of rows. */
export const pageSql = `SELECT ${leadColumns}, l.key FROM lead_batch AS b INDEXED BY lead_batch_of_workspace
  CROSS JOIN lead AS l ON l.id >= max(b.id * ${size}, ? + 1) AND l.id < (b.id + 1) * ${size}
  WHERE b.workspace = ? AND b.id >= ? AND ${present} ORDER BY b.id, l.id LIMIT ?`

export const campaignPageSql = `SELECT ${leadColumns}, l.key FROM enrollment AS e CROSS JOIN lead AS l ON l.id = e.lead
  WHERE e.campaign = ? AND e.lead > ? AND ${present} ORDER BY e.lead LIMIT ?`

const fieldsJson = ({ customFields }: Lead): string | null => {
  const json = JSON.stringify(customFields)
  return json === "{}" ? null : json
}

export const leadOf = (
  idOf: IdOf,
  key: EmailKey,
  [row, email, firstName, lastName, company, jobTitle, customFields, createdAt, updatedAt]: readonly [
    ...LeadRow,
    ...ReadonlyArray<unknown>
  ]
): Lead => ({
  id: idOf(row),
  key,
  email: email ?? key,
  firstName,
  lastName,
  company,
  jobTitle,
  customFields: customFields === null ? {} : customFieldsOf(customFields),
  createdAt,
  updatedAt
})

export const leadStatements = (db: Database, rows: LeadRows) => {
  const find = db.prepare<[string, number, number], FoundRow>(findSql).raw()
  const keysOfRows = db.prepare<[string, number], EmailKey>(keysOfRowsSql).pluck()
  const page = db.prepare<[number, number, number, number], KeyedRow>(pageSql).raw()
  const campaignPage = db.prepare<[number, number, number], KeyedRow>(campaignPageSql).raw()
  const rowOf = db
    .prepare<[number, EmailKey], number>("SELECT id FROM lead WHERE workspace = ? AND key = ?")
    .pluck()
  const insert = db.prepare(
    `INSERT INTO lead (id, workspace, key, email, first_name, last_name, company, job_title, custom_fields, created_at,
       updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
  )
  const update = db.prepare(
    `UPDATE lead SET first_name = ?, last_name = ?, company = ?, job_title = ?, updated_at = ?, custom_fields = ?
     WHERE id = ?`
  )
  const updateStandard = db.prepare(
    "UPDATE lead SET first_name = ?, last_name = ?, company = ?, job_title = ?, updated_at = ? WHERE id = ?"
  )
  const erase = db.prepare<[EmailKey, number, number]>(
    `UPDATE lead SET key = ?, email = '', first_name = NULL, last_name = NULL, company = NULL, job_title = NULL,
       custom_fields = NULL, updated_at = ? WHERE id = ?`
  )
  const leadsOf = (found: ReadonlyArray<KeyedRow>): ReadonlyArray<Lead> => {
    const idOf = rows.idsOf(found.map(([row]) => row))
    return found.map((row) => leadOf(idOf, row[9], row))
  }
  return {
    find: (workspace: number, campaign: number, keys: ReadonlyArray<EmailKey>): ReadonlyArray<FoundRow> =>
      find.all(JSON.stringify(keys), workspace, campaign),
    /** The addresses of the leads that have these ids. Erased leads have none. */
    keysOf: (workspace: number, ids: ReadonlyArray<LeadId>): ReadonlyArray<EmailKey> =>
      keysOfRows.all(JSON.stringify(ids.flatMap((id) => rows.rowOf(workspace, id) ?? [])), workspace),
    /** In the order in which they were made, after a row; rows count from 1. */
    page: (workspace: number, after: number, limit: number): ReadonlyArray<Lead> =>
      leadsOf(page.all(after, workspace, Math.floor(after / size), limit)),
    campaignPage: (campaign: number, after: number, limit: number): ReadonlyArray<Lead> =>
      leadsOf(campaignPage.all(campaign, after, limit)),
    rowOf: (workspace: number, key: EmailKey): number | undefined => rowOf.get(workspace, key),
    /** The row of the lead that has this id. Any text may stand for one here: a cursor comes from outside. */
    rowOfId: (workspace: number, id: LeadId): number | undefined => {
      const row = rows.rowOf(workspace, id)
      return row !== undefined && rows.has(workspace, row) ? row : undefined
    },
    /** Leaves of a lead its id and the time at which it was made. */
    erase: (row: number, { key, updatedAt }: Lead): void => {
      erase.run(key, updatedAt, row)
    },
    /** Gives the new row. */
    create: (workspace: number, lead: Lead): number => {
      const row = rows.newRow(workspace, lead.id)
      if (row === undefined) throw new Refusal("a lead's id is lead_ and a ULID")
      const { company, createdAt, email, firstName, jobTitle, key, lastName, updatedAt } = lead
      insert.run(
        row,
        workspace,
        key,
        email === key ? null : email,
        firstName,
        lastName,
        company,
        jobTitle,
        fieldsJson(lead),
        createdAt,
        updatedAt
      )
      return row
    },
    /** Writes the fields of a lead; custom fields that it keeps need not be written again. */
    change: (row: number, lead: Lead, keepsFields: boolean): void => {
      const { company, firstName, jobTitle, lastName, updatedAt } = lead
      if (keepsFields) updateStandard.run(firstName, lastName, company, jobTitle, updatedAt, row)
      else update.run(firstName, lastName, company, jobTitle, updatedAt, fieldsJson(lead), row)
    }
  }
}
