/**
 * The guide, step by step, on a SQLite file: create a campaign, suppress an address, enrol the guide's leads, start,
 * change leads, add more to the running campaign, look at the messages that wait, and do the same over HTTP. Run it
 * again on the file that it left behind and it works again, in a workspace of its own.
 */
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { Campaigns, Leads, Suppression, Template, type UpsertReport } from "@leadterra/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { overHttp } from "./support/overHttp.ts"

const filename = process.argv[2] ?? "quickstart.db"

const leads = [
  {
    email: "ava@acmecorp.com",
    firstName: "Ava",
    lastName: "Chen",
    company: "Acme Corp",
    jobTitle: "VP Sales"
  },
  {
    email: "marcus@buildfast.io",
    firstName: "Marcus",
    lastName: "Webb",
    company: "BuildFast",
    jobTitle: "Head of Growth"
  },
  {
    email: "priya@nexusai.com",
    firstName: "Priya",
    lastName: "Sharma",
    company: "Nexus AI",
    jobTitle: "Director of Revenue"
  }
]

const steps = [
  {
    subject: "A question about {{company}}",
    bodyHtml: "<p>Hi {{firstName | there}},</p><p>How does {{company}} find new customers?</p>"
  },
  {
    subject: "Following up",
    bodyHtml: "<p>{{firstName | Hello}}, is this one for a {{jobTitle | colleague}}?</p>",
    delayDays: 3
  }
]

const section = (title: string) => console.log(`\n# ${title}`)
const show = (answer: unknown) => console.log(JSON.stringify(answer, null, 2))

const quickstart = Effect.gen(function* () {
  // Each run has a workspace of its own, so that its counts are those of the guide.
  const workspaceId = `ws_${yield* Clock.currentTimeMillis}`

  section("Create a campaign with two steps")
  const campaign = yield* Campaigns.create({ workspaceId, name: "Spring outreach", steps })
  const campaignId = campaign.id
  console.log(`${campaign.status} ${campaign.id}, ${campaign.steps.length} steps`)

  section("Suppress an address")
  show({ result: yield* Suppression.add({ workspaceId, emails: ["opted.out@example.com"] }) })

  section("Enrol the three leads of the guide")
  const first = yield* Leads.bulkUpsert({ workspaceId, campaignId, leads })
  show({ result: counts(first) })

  section("Start the campaign")
  show({ campaign: yield* Campaigns.start({ workspaceId, campaignId }) })

  section("Add leads to the running campaign: one row of each outcome")
  const rows = [
    { email: "lena@newcomer.dev", firstName: "Lena", customFields: { plan: "pro", seats: 12 } },
    { email: "AVA@AcmeCorp.com", jobTitle: "Chief Revenue Officer" },
    { email: "Opted.Out@example.com", firstName: "Otto" },
    { email: "not an address", firstName: "Nobody" }
  ]
  const preview = yield* Leads.preview({ workspaceId, campaignId, leads: rows })
  const report = yield* Leads.bulkUpsert({ workspaceId, campaignId, leads: rows })
  show({ result: report })
  console.log(`The preview said the same: ${JSON.stringify(preview) === JSON.stringify(report)}`)

  section("The first messages, as they would be sent now")
  const compiled = campaign.steps.map(({ bodyHtml, subject }) => ({
    subject: Template.compile(subject, "text"),
    html: Template.compile(bodyHtml, "html")
  }))
  const { items } = yield* Leads.list({ workspaceId, campaignId })
  for (const lead of items) {
    const enrollment = yield* Leads.enrollment({ workspaceId, campaignId, email: lead.email })
    const template = compiled[enrollment?.pending?.step ?? -1]
    if (template === undefined) continue
    console.log(`To: ${lead.email}\nSubject: ${Template.render(template.subject, lead)}`)
    console.log(`${Template.render(template.html, lead)}\n`)
  }
})

const counts = ({ enrolled, skipped, totalInCampaign, updated }: UpsertReport) => ({
  enrolled,
  updated,
  skipped,
  totalInCampaign
})

await Effect.runPromise(quickstart.pipe(Effect.provide(SqliteRepository.layer({ filename }))))
await overHttp(filename, { leads, steps })
