/**
 * A plain script without Effect: enrols a JSON file of leads into a new campaign and tells what became of each row.
 *
 *     node examples/plain-script.ts leads.json
 *
 * Without a file it takes the rows below. Everything lands in `plain-script.db`, so a second run updates the same leads.
 */
import { readFile } from "node:fs/promises"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { CampaignNotFound } from "@leadterra/core"
import { open } from "@leadterra/core/promise"

const sample: ReadonlyArray<unknown> = [
  { email: "ava@acmecorp.com", firstName: "Ava", company: "Acme", plan: "pro" },
  { email: " AVA@acmecorp.com", jobTitle: "CRO" },
  { email: "opted.out@example.com" },
  { email: "nobody", firstName: 7 }
]
const [file] = process.argv.slice(2)
const leads: unknown = file === undefined ? sample : JSON.parse(await readFile(file, "utf8"))
if (!Array.isArray(leads)) throw new Error("The file must hold an array of leads")

const engine = await open(SqliteRepository.layer({ filename: "plain-script.db" }))
try {
  const workspaceId = "demo"
  const { id: campaignId } = await engine.campaigns.create({
    workspaceId,
    name: "Spring",
    steps: [{ subject: "Hi {{firstName | there}}", bodyHtml: "<p>How is {{company | work}}?</p>" }]
  })
  await engine.suppression.add({ workspaceId, emails: ["opted.out@example.com"] })

  const report = await engine.leads.bulkUpsert({ workspaceId, campaignId, leads })
  for (const row of report.outcomes) {
    const why = row.outcome === "failed" ? row.issues.map(({ message, path }) => ` ${path}: ${message}`) : []
    console.log(`row ${row.index}: ${row.outcome}${why.join(";")}`)
  }
  const { leadsEnrolled, queuedMessages } = await engine.campaigns.start({ workspaceId, campaignId })
  console.log(`${leadsEnrolled} enrolled, ${queuedMessages} first messages queued`)

  // A failure is an ordinary rejection, with a class and a `_tag` to tell it by.
  await engine.campaigns
    .pause({ workspaceId, campaignId: "camp_of_someone_else" })
    .catch((error: unknown) => {
      if (!(error instanceof CampaignNotFound)) throw error
      console.log(`${error._tag}: ${error.message}`)
    })
} finally {
  await engine.close()
}
