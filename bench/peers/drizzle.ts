/** Drizzle: prepared statements for each row, in a transaction for each batch. */
import Database from "better-sqlite3"
import { and, eq, inArray, sql } from "drizzle-orm"
import { drizzle } from "drizzle-orm/better-sqlite3"
import { integer, primaryKey, sqliteTable, text, unique } from "drizzle-orm/sqlite-core"
import type { Open } from "../Enroller.ts"
import type { Batch } from "../workload.ts"
import { distinct, pragmas, schema } from "./tables.ts"

const lead = sqliteTable(
  "lead",
  {
    id: integer("id").primaryKey(),
    workspaceId: integer("workspace_id").notNull(),
    email: text("email").notNull(),
    firstName: text("first_name"),
    lastName: text("last_name"),
    company: text("company"),
    jobTitle: text("job_title"),
    customFields: text("custom_fields", { mode: "json" }).$type<Readonly<Record<string, string>>>(),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull()
  },
  (table) => [unique().on(table.workspaceId, table.email)]
)
const enrollment = sqliteTable(
  "enrollment",
  {
    campaignId: integer("campaign_id").notNull(),
    leadId: integer("lead_id").notNull(),
    position: integer("position").notNull(),
    state: text("state").notNull(),
    enrolledAt: integer("enrolled_at").notNull()
  },
  (table) => [primaryKey({ columns: [table.campaignId, table.leadId] })]
)
const suppression = sqliteTable("suppression", {
  workspaceId: integer("workspace_id").notNull(),
  email: text("email").notNull()
})
const event = sqliteTable("event", {
  id: integer("id").primaryKey(),
  at: integer("at").notNull(),
  enrolled: text("enrolled", { mode: "json" }).$type<ReadonlyArray<number>>().notNull(),
  updated: text("updated", { mode: "json" }).$type<ReadonlyArray<number>>().notNull()
})

export const openDrizzle: Open = (file, suppressed) => {
  const client = new Database(file)
  for (const pragma of pragmas) client.pragma(pragma)
  client.exec(schema)
  const db = drizzle({ client })
  const suppress = db
    .insert(suppression)
    .values({ workspaceId: 1, email: sql.placeholder("email") })
    .prepare()
  db.transaction(() => {
    for (const email of suppressed) suppress.run({ email })
  })

  const value = sql.placeholder
  const upsertLead = db
    .insert(lead)
    .values({
      workspaceId: 1,
      email: value("email"),
      firstName: value("firstName"),
      lastName: value("lastName"),
      company: value("company"),
      jobTitle: value("jobTitle"),
      customFields: value("customFields"),
      createdAt: value("now"),
      updatedAt: value("now")
    })
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
    .prepare()
  const enroll = db
    .insert(enrollment)
    .values({
      campaignId: 1,
      leadId: value("leadId"),
      position: 0,
      state: "active",
      enrolledAt: value("now")
    })
    .onConflictDoNothing()
    .prepare()

  const upsert = (batch: Batch) =>
    db.transaction(
      (tx) => {
        const now = Date.now()
        const rows = distinct(batch)
        const excluded = tx
          .select({ email: suppression.email })
          .from(suppression)
          .where(and(eq(suppression.workspaceId, 1), inArray(suppression.email, [...rows.keys()])))
          .all()
        for (const { email } of excluded) rows.delete(email)
        const enrolled: Array<number> = []
        const updated: Array<number> = []
        for (const [email, row] of rows) {
          const { id } = upsertLead.get({ ...row, email, now })
          const isNew = enroll.run({ leadId: id, now }).changes > 0
          if (isNew) enrolled.push(id)
          else updated.push(id)
        }
        tx.insert(event).values({ at: now, enrolled, updated }).run()
      },
      { behavior: "immediate" }
    )
  return {
    upsert,
    enrolled: () =>
      db
        .select({ email: lead.email, jobTitle: lead.jobTitle })
        .from(enrollment)
        .innerJoin(lead, eq(lead.id, enrollment.leadId))
        .all()
        .map(({ email, jobTitle }) => `${email}|${jobTitle}`)
        .sort(),
    close: () => client.close()
  }
}
