/** Kysely: one statement with all rows for the leads and one for the enrolments, in a transaction for each batch. */
import { type Generated, Kysely, PostgresDialect } from "kysely"
import { Pool } from "pg"
import type { Open } from "../Enroller.ts"
import { distinct, enrollmentRow, eventRow, leadRow, overwritten } from "../peers/tables.ts"
import { connected, schema, startDatabase, suppress } from "./database.ts"

interface Tables {
  readonly lead: ReturnType<typeof leadRow> & { readonly id: Generated<string> }
  readonly enrollment: Omit<ReturnType<typeof enrollmentRow>, "lead_id"> & { readonly lead_id: string }
  readonly suppression: { readonly workspace_id: number; readonly email: string }
  readonly event: ReturnType<typeof eventRow> & { readonly id: Generated<string> }
}

export const openKysely: Open = async (_, suppressed) => {
  const database = await startDatabase()
  const client = await connected(database.url)
  await client.query(schema)
  await suppress(client, suppressed)
  await client.end()
  const pool = new Pool({ connectionString: database.url, max: 1 })
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
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
          .values(ids.map((id) => ({ ...enrollmentRow(0, now), lead_id: id })))
          .onConflict((conflict) => conflict.doNothing())
          .returning("lead_id")
          .execute()
        const event = eventRow(
          ids.map(Number),
          enrolled.map(({ lead_id }) => Number(lead_id)),
          now
        )
        await tx.insertInto("event").values(event).execute()
      }),
    enrolled: async () => {
      const found = await db
        .selectFrom("enrollment")
        .innerJoin("lead", "lead.id", "enrollment.lead_id")
        .select(["lead.email", "lead.job_title"])
        .execute()
      return found.map(({ email, job_title }) => `${email}|${job_title}`).sort()
    },
    close: async () => {
      await db.destroy()
      await database.stop()
    }
  }
}
