/** Drizzle: one statement with all rows for the leads and one for the enrolments, in a transaction for each batch. */
import { and, eq, inArray, sql } from "drizzle-orm"
import { drizzle } from "drizzle-orm/node-postgres"
import { bigint, integer, pgTable, primaryKey, text, unique } from "drizzle-orm/pg-core"
import type { Open } from "../Enroller.ts"
import { distinct, eventRow } from "../peers/tables.ts"
import { connected, schema, startDatabase, suppress } from "./database.ts"

const long = (name: string) => bigint(name, { mode: "number" })
const lead = pgTable(
  "lead",
  {
    id: long("id").primaryKey().generatedAlwaysAsIdentity(),
    workspaceId: integer("workspace_id").notNull(),
    email: text("email").notNull(),
    firstName: text("first_name"),
    lastName: text("last_name"),
    company: text("company"),
    jobTitle: text("job_title"),
    customFields: text("custom_fields"),
    createdAt: long("created_at").notNull(),
    updatedAt: long("updated_at").notNull()
  },
  (table) => [unique().on(table.workspaceId, table.email)]
)
const enrollment = pgTable(
  "enrollment",
  {
    campaignId: integer("campaign_id").notNull(),
    leadId: long("lead_id").notNull(),
    position: integer("position").notNull(),
    state: text("state").notNull(),
    enrolledAt: long("enrolled_at").notNull()
  },
  (table) => [primaryKey({ columns: [table.campaignId, table.leadId] })]
)
const suppression = pgTable("suppression", {
  workspaceId: integer("workspace_id").notNull(),
  email: text("email").notNull()
})
const event = pgTable("event", {
  id: long("id").primaryKey().generatedAlwaysAsIdentity(),
  at: long("at").notNull(),
  enrolled: text("enrolled").notNull(),
  updated: text("updated").notNull()
})

export const openDrizzle: Open = async (_, suppressed) => {
  const database = await startDatabase()
  const client = await connected(database.url)
  await client.query(schema)
  await suppress(client, suppressed)
  const db = drizzle({ client })
  return {
    upsert: (batch) =>
      db.transaction(async (tx) => {
        const now = Date.now()
        const rows = distinct(batch)
        const excluded = await tx
          .select({ email: suppression.email })
          .from(suppression)
          .where(and(eq(suppression.workspaceId, 1), inArray(suppression.email, [...rows.keys()])))
        for (const { email } of excluded) rows.delete(email)
        if (rows.size === 0) return
        const leads = await tx
          .insert(lead)
          .values(
            Array.from(rows, ([email, row]) => ({
              workspaceId: 1,
              email,
              firstName: row.firstName,
              lastName: row.lastName,
              company: row.company,
              jobTitle: row.jobTitle,
              customFields: JSON.stringify(row.customFields),
              createdAt: now,
              updatedAt: now
            }))
          )
          .onConflictDoUpdate({
            target: [lead.workspaceId, lead.email],
            set: {
              firstName: sql`excluded.first_name`,
              lastName: sql`excluded.last_name`,
              company: sql`excluded.company`,
              jobTitle: sql`excluded.job_title`,
              customFields: sql`excluded.custom_fields`,
              updatedAt: sql`excluded.updated_at`
            }
          })
          .returning({ id: lead.id })
        const ids = leads.map(({ id }) => id)
        const enrolled = await tx
          .insert(enrollment)
          .values(
            ids.map((leadId) => ({ campaignId: 1, leadId, position: 0, state: "active", enrolledAt: now }))
          )
          .onConflictDoNothing()
          .returning({ leadId: enrollment.leadId })
        await tx.insert(event).values(
          eventRow(
            ids,
            enrolled.map(({ leadId }) => leadId),
            now
          )
        )
      }),
    enrolled: async () => {
      const found = await db
        .select({ email: lead.email, jobTitle: lead.jobTitle })
        .from(enrollment)
        .innerJoin(lead, eq(lead.id, enrollment.leadId))
      return found.map(({ email, jobTitle }) => `${email}|${jobTitle}`).sort()
    },
    close: async () => {
      await client.end()
      await database.stop()
    }
  }
}
