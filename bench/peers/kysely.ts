/** Kysely: one statement with all rows for the leads and one for the enrolments, in a transaction for each batch. */
import Database from "better-sqlite3"
import { type Generated, Kysely, SqliteDialect } from "kysely"
import type { Open } from "../Enroller.ts"
import { distinct, enrollmentRow, eventRow, leadRow, overwritten, pragmas, schema } from "./tables.ts"

interface Tables {
  readonly lead: ReturnType<typeof leadRow> & { readonly id: Generated<number> }
  readonly enrollment: ReturnType<typeof enrollmentRow>
  readonly suppression: { readonly workspace_id: number; readonly email: string }
  readonly event: ReturnType<typeof eventRow> & { readonly id: Generated<number> }
}

export const openKysely: Open = async (file, suppressed) => {
  const database = new Database(file)
  for (const pragma of pragmas) database.pragma(pragma)
  database.exec(schema)
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) })
  for (let from = 0; from < suppressed.length; from += 1_000) {
    const entries = suppressed.slice(from, from + 1_000).map((email) => ({ workspace_id: 1, email }))
    await db.insertInto("suppression").values(entries).execute()
  }
  return {
    upsert: (batch) =>
      db.transaction().execute(async (tx) => {
        const now = Date.now()
        const rows = distinct(batch)
        const excluded = await tx
          .selectFrom("suppression")
          .select("email")
          .where("workspace_id", "=", 1)
          .where("email", "in", [...rows.keys()])
          .execute()
        for (const { email } of excluded) rows.delete(email)
        if (rows.size === 0) return
        const leads = await tx
          .insertInto("lead")
          .values(Array.from(rows, ([email, row]) => leadRow(email, row, now)))
          .onConflict((conflict) =>
            conflict
              .columns(["workspace_id", "email"])
              .doUpdateSet((eb) =>
                Object.fromEntries(overwritten.map((column) => [column, eb.ref(`excluded.${column}`)]))
              )
          )
          .returning("id")
          .execute()
        const ids = leads.map(({ id }) => id)
        const enrolled = await tx
          .insertInto("enrollment")
          .values(ids.map((id) => enrollmentRow(id, now)))
          .onConflict((conflict) => conflict.doNothing())
          .returning("lead_id")
          .execute()
        const isEnrolled = enrolled.map(({ lead_id }) => lead_id)
        await tx
          .insertInto("event")
          .values(eventRow(ids, isEnrolled, now))
          .execute()
      }),
    enrolled: async () => {
      const found = await db
        .selectFrom("enrollment")
        .innerJoin("lead", "lead.id", "enrollment.lead_id")
        .select(["lead.email", "lead.job_title"])
        .execute()
      return found.map(({ email, job_title }) => `${email}|${job_title}`).sort()
    },
    close: () => db.destroy()
  }
}
