/**
 * The statements on leads. Keys and fields arrive as arrays, so that a batch of any size is one statement. What arrays name is
 * looked up one by one, in a subquery that cannot be turned around: whatever the server knows of a table, or does not know of a new one,
 * it walks no table for it. What exists is changed by an insert that meets it, for the same reason (ADR 13).
 */
import { customFieldsOf, type EmailAddress, type Lead, type LeadId } from "@leadterra/core"
import { inPieces, lengthOf } from "./pieces.ts"
import { columnOf, type Session, statement } from "./Session.ts"

type EmailKey = EmailAddress.EmailKey

export interface LeadRow {
  readonly lead: number
  readonly key: EmailKey
  readonly email: string | null
  readonly firstName: string | null
  readonly lastName: string | null
  readonly company: string | null
  readonly jobTitle: string | null
  /** JSON. */
  readonly customFields: string | null
  readonly createdAt: number
  readonly updatedAt: number
}

export const leadColumns = `l.number AS lead, l.key, l.email, l.first_name AS "firstName", l.last_name AS "lastName", l.company,
  l.job_title AS "jobTitle", l.custom_fields::text AS "customFields", l.created_at AS "createdAt", l.updated_at AS "updatedAt"`

/** Whoever is erased has no address, and so no `@` in its key. */
const present = "strpos(l.key, '@') > 0"

/**
 * The lead of a number. The order, which cannot be had by the other index, says by which index: of a new table the server knows no
 * better, and takes the one for the other.
 */
export const leadBy = (number: string): string =>
  `(SELECT * FROM lead WHERE workspace = $1 AND number BETWEEN ${number} AND ${number} ORDER BY number LIMIT 1)`

/** The leads with these keys, looked up one by one along their index. */
const byKeys = (keys: string): string => `unnest(${keys}::text[]) AS k (key)
   CROSS JOIN LATERAL (SELECT * FROM lead WHERE workspace = $1 AND key = k.key OFFSET 0) AS l`

export const findLeads = statement<LeadRow & { readonly enrolled: boolean }>(
  `SELECT ${leadColumns}, e.lead IS NOT NULL AS enrolled FROM ${byKeys("$3")}
   LEFT JOIN LATERAL (
     SELECT lead FROM enrollment WHERE workspace = $1 AND campaign = $2 AND lead = l.number OFFSET 0
   ) AS e ON true`
)

/** In the order in which they were made, after a number; numbers count from 1. */
export const pageOfLeads = statement<LeadRow>(
  `SELECT ${leadColumns} FROM lead AS l WHERE l.workspace = $1 AND l.number > $2 AND ${present}
   ORDER BY l.number LIMIT $3`
)

export const pageOfCampaignLeads = statement<LeadRow>(
  `SELECT ${leadColumns} FROM enrollment AS e CROSS JOIN LATERAL ${leadBy("e.lead")} AS l
   WHERE e.workspace = $1 AND e.lead > $2 AND e.campaign = $4 AND ${present} ORDER BY e.lead LIMIT $3`
)

export const leadExists = statement<{ readonly lead: number }>(
  `SELECT l.number AS lead FROM ${leadBy("$2")} AS l`
)

export const numbersOfKeys = statement<{ readonly lead: number; readonly key: EmailKey }>(
  `SELECT l.number AS lead, l.key FROM ${byKeys("$2")}`
)

/** The keys of the leads of these numbers, without those erased. */
export const keysOfNumbers = statement<{ readonly key: EmailKey }>(
  `SELECT l.key FROM unnest($2::bigint[]) AS k (number) CROSS JOIN LATERAL ${leadBy("k.number")} AS l
   WHERE ${present}`
)

const insert = statement(
  `INSERT INTO lead (workspace, number, key, email, first_name, last_name, company, job_title, custom_fields, created_at,
     updated_at)
   SELECT $1, v.number, v.key, v.email, v.first_name, v.last_name, v.company, v.job_title, v.custom_fields::json,
     v.created_at, v.updated_at
   FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
     $10::float8[], $11::float8[])
     AS v (number, key, email, first_name, last_name, company, job_title, custom_fields, created_at, updated_at)`
)

/** All of these exist. */
const update = statement(
  `INSERT INTO lead (workspace, key, created_at, number, first_name, last_name, company, job_title, custom_fields, updated_at)
   SELECT $1, '', 0, v.number, v.first_name, v.last_name, v.company, v.job_title, v.custom_fields::json, v.updated_at
   FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[])
     AS v (number, first_name, last_name, company, job_title, custom_fields, updated_at)
   ON CONFLICT (workspace, number) DO UPDATE SET first_name = excluded.first_name, last_name = excluded.last_name,
     company = excluded.company, job_title = excluded.job_title, custom_fields = excluded.custom_fields,
     updated_at = excluded.updated_at`
)

/** All of these exist. */
const erase = statement(
  `INSERT INTO lead (workspace, created_at, number, key, email, updated_at)
   SELECT $1, 0, v.number, v.key, '', v.updated_at
   FROM unnest($2::bigint[], $3::text[], $4::float8[]) AS v (number, key, updated_at)
   ON CONFLICT (workspace, number) DO UPDATE SET key = excluded.key, email = excluded.email,
     first_name = excluded.first_name, last_name = excluded.last_name, company = excluded.company,
     job_title = excluded.job_title, custom_fields = excluded.custom_fields, updated_at = excluded.updated_at`
)

export const leadOf = (id: LeadId, row: LeadRow): Lead => ({
  id,
  key: row.key,
  email: row.email ?? row.key,
  firstName: row.firstName,
  lastName: row.lastName,
  company: row.company,
  jobTitle: row.jobTitle,
  customFields: row.customFields === null ? {} : customFieldsOf(row.customFields),
  createdAt: row.createdAt,
  updatedAt: row.updatedAt
})

const fieldsJson = ({ customFields }: Lead): string | null => {
  const json = JSON.stringify(customFields)
  return json === "{}" ? null : json
}

/** A lead with its number. */
export interface Numbered {
  readonly number: number
  readonly lead: Lead
}

interface Written extends Numbered {
  readonly fields: string | null
}

/** The values to write of leads, in pieces. */
const written = (leads: ReadonlyArray<Numbered>): Generator<ReadonlyArray<Written>> =>
  inPieces(
    leads.map(({ lead, number }) => ({ number, lead, fields: fieldsJson(lead) })),
    ({ fields, lead: { company, email, firstName, jobTitle, key, lastName } }) =>
      lengthOf(key, email, firstName, lastName, company, jobTitle, fields)
  )

const column = <A>(rows: ReadonlyArray<Written>, field: (lead: Lead) => A) =>
  columnOf(rows, ({ lead }) => field(lead))

export const insertLeads = async (
  session: Session,
  workspace: string,
  leads: ReadonlyArray<Numbered>
): Promise<void> => {
  for (const piece of written(leads))
    await session.write(
      insert,
      workspace,
      piece.map(({ number }) => number),
      column(piece, ({ key }) => key),
      column(piece, ({ email, key }) => (email === key ? null : email)),
      column(piece, ({ firstName }) => firstName),
      column(piece, ({ lastName }) => lastName),
      column(piece, ({ company }) => company),
      column(piece, ({ jobTitle }) => jobTitle),
      columnOf(piece, ({ fields }) => fields),
      column(piece, ({ createdAt }) => createdAt),
      column(piece, ({ updatedAt }) => updatedAt)
    )
}

/** Writes the fields of leads, all of which exist. */
export const updateLeads = async (
  session: Session,
  workspace: string,
  leads: ReadonlyArray<Numbered>
): Promise<void> => {
  for (const piece of written(leads))
    await session.write(
      update,
      workspace,
      piece.map(({ number }) => number),
      column(piece, ({ firstName }) => firstName),
      column(piece, ({ lastName }) => lastName),
      column(piece, ({ company }) => company),
      column(piece, ({ jobTitle }) => jobTitle),
      columnOf(piece, ({ fields }) => fields),
      column(piece, ({ updatedAt }) => updatedAt)
    )
}

/** Leaves of each lead its number and the time at which it was made. */
export const eraseLeads = async (
  session: Session,
  workspace: string,
  leads: ReadonlyArray<Numbered>
): Promise<void> => {
  await session.write(
    erase,
    workspace,
    leads.map(({ number }) => number),
    leads.map(({ lead }) => lead.key),
    leads.map(({ lead }) => lead.updatedAt)
  )
}
