/**
 * The limit: what someone writes by hand who knows PostgreSQL and needs nothing but this. Columns as arrays, four named statements a batch.
 * It trusts its input, keeps no outcome per row, and lets the database merge: a lead that stays the same is not written.
 */
import type { Open } from "../Enroller.ts"
import { distinct, eventRow } from "../peers/tables.ts"
import { connected, schema, startDatabase, suppress } from "./database.ts"

const upsertSql = `
  INSERT INTO lead AS l (workspace_id, email, first_name, last_name, company, job_title, custom_fields, created_at, updated_at)
  SELECT 1, v.*, $7, $7 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
    AS v (email, first_name, last_name, company, job_title, custom_fields)
  WHERE NOT EXISTS (SELECT 1 FROM suppression AS s WHERE s.workspace_id = 1 AND s.email = v.email)
  ON CONFLICT (workspace_id, email) DO UPDATE SET first_name = excluded.first_name, last_name = excluded.last_name,
    company = excluded.company, job_title = excluded.job_title, custom_fields = excluded.custom_fields,
    updated_at = excluded.updated_at
  WHERE (l.first_name, l.last_name, l.company, l.job_title, l.custom_fields) IS DISTINCT FROM
    (excluded.first_name, excluded.last_name, excluded.company, excluded.job_title, excluded.custom_fields)
  RETURNING id`

const enrollSql = `
  INSERT INTO enrollment SELECT 1, l.id, 0, 'active', $2 FROM lead AS l
  WHERE l.workspace_id = 1 AND l.email = ANY($1::text[])
  ON CONFLICT DO NOTHING RETURNING lead_id AS id`

interface Id {
  readonly id: string
}

export const openHandWritten: Open = async (_, suppressed) => {
  const database = await startDatabase()
  const client = await connected(database.url)
  await client.query(schema)
  await suppress(client, suppressed)
  return {
    upsert: async (batch) => {
      const now = Date.now()
      const rows = distinct(batch)
      const emails = [...rows.keys()]
      const fields = [...rows.values()]
      await client.query("BEGIN")
      const leads = await client.query<Id>({
        name: "upsert",
        text: upsertSql,
        values: [
          emails,
          fields.map(({ firstName }) => firstName),
          fields.map(({ lastName }) => lastName),
          fields.map(({ company }) => company),
          fields.map(({ jobTitle }) => jobTitle),
          fields.map(({ customFields }) => JSON.stringify(customFields)),
          now
        ]
      })
      const enrolled = await client.query<Id>({ name: "enroll", text: enrollSql, values: [emails, now] })
      const idsOf = (found: ReadonlyArray<Id>) => found.map(({ id }) => Number(id))
      const event = eventRow(idsOf(leads.rows), idsOf(enrolled.rows), now)
      await client.query({
        name: "tell",
        text: "INSERT INTO event (at, enrolled, updated) VALUES ($1, $2, $3)",
        values: [event.at, event.enrolled, event.updated]
      })
      await client.query({
        name: "count",
        text: "UPDATE campaign SET enrolled = enrolled + $1 WHERE id = 1",
        values: [enrolled.rows.length]
      })
      await client.query("COMMIT")
    },
    enrolled: async () => {
      const { rows } = await client.query<{ readonly text: string }>(
        "SELECT l.email || '|' || l.job_title AS text FROM enrollment AS e JOIN lead AS l ON l.id = e.lead_id"
      )
      return rows.map(({ text }) => text).sort()
    },
    close: async () => {
      await client.end()
      await database.stop()
    }
  }
}
