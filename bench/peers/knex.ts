/** Knex: one statement with all rows for the leads and one for the enrolments, in a transaction for each batch. */
import knex from "knex"
import type { Open } from "../Enroller.ts"
import { distinct, enrollmentRow, eventRow, leadRow, overwritten, pragmas, schema } from "./tables.ts"

/** It compiles many rows into a compound `SELECT`, of which SQLite takes 500 terms. */
const chunk = 500

const chunksOf = <A>(values: ReadonlyArray<A>): ReadonlyArray<Array<A>> =>
  Array.from({ length: Math.ceil(values.length / chunk) }, (_, index) =>
    values.slice(index * chunk, (index + 1) * chunk)
  )

export const openKnex: Open = async (filename, suppressed) => {
  const db = knex({ client: "better-sqlite3", connection: { filename }, useNullAsDefault: true })
  for (const pragma of pragmas) await db.raw(`PRAGMA ${pragma}`)
  for (const statement of schema.split(";").filter((text) => text.trim() !== "")) await db.raw(statement)
  const entries = suppressed.map((email) => ({ workspace_id: 1, email }))
  await db.batchInsert("suppression", entries, chunk)
  return {
    upsert: (batch) =>
      db.transaction(async (tx) => {
        const now = Date.now()
        const rows = distinct(batch)
        const excluded: ReadonlyArray<string> = await tx("suppression")
          .where("workspace_id", 1)
          .whereIn("email", [...rows.keys()])
          .pluck("email")
        for (const email of excluded) rows.delete(email)
        const ids: Array<number> = []
        for (const leads of chunksOf(Array.from(rows, ([email, row]) => leadRow(email, row, now)))) {
          const stored: ReadonlyArray<{ readonly id: number }> = await tx("lead")
            .insert(leads)
            .onConflict(["workspace_id", "email"])
            .merge([...overwritten])
            .returning("id")
          ids.push(...stored.map(({ id }) => id))
        }
        const enrolled: Array<number> = []
        for (const enrollments of chunksOf(ids.map((id) => enrollmentRow(id, now)))) {
          const stored: ReadonlyArray<{ readonly lead_id: number }> = await tx("enrollment")
            .insert(enrollments)
            .onConflict(["campaign_id", "lead_id"])
            .ignore()
            .returning("lead_id")
          enrolled.push(...stored.map(({ lead_id }) => lead_id))
        }
        await tx("event").insert(eventRow(ids, enrolled, now))
      }),
    enrolled: async () => {
      const found: ReadonlyArray<{ readonly email: string; readonly job_title: string }> = await db(
        "enrollment"
      )
        .join("lead", "lead.id", "enrollment.lead_id")
        .select("lead.email", "lead.job_title")
      return found.map(({ email, job_title }) => `${email}|${job_title}`).sort()
    },
    close: () => db.destroy()
  }
}
