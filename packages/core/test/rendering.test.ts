/** Rendering is bounded, by message and by claim (TK-6): FAULTS 40. */
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { MemoryRepository } from "@leadterra/adapter-memory"
import { at, noon } from "@leadterra/conformance"
import { Campaigns, Delivery, Events, Ids, Leads, Limits, type Repository, Template } from "@leadterra/core"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, it } from "vitest"
import type { Campaign } from "../src/model/Campaign.ts"
import { queuedMessage } from "../src/model/Message.ts"
import { MessageRenderer } from "../src/rules/renderMessage.ts"

const workspaceId = Ids.WorkspaceId.make("ws_1")
const text = fc.string({ unit: "grapheme", maxLength: 20 }).filter((value) => value.isWellFormed())

const run = <A, E>(program: Effect.Effect<A, E, Repository>) =>
  Effect.runPromise(Effect.provide(at(noon)(program), MemoryRepository.layer))

const started = Effect.fnUntraced(function* (bodyHtml: string, leads: ReadonlyArray<unknown>) {
  const steps = [{ subject: "s", bodyHtml }]
  const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c", steps })
  yield* Leads.bulkUpsert({ workspaceId, campaignId, leads })
  yield* Campaigns.start({ workspaceId, campaignId })
  return { workspaceId, campaignId }
})

it("TK-6: FAULTS 40: a small heap survives a thousand messages of five megabytes, and reaches the one behind them", async () => {
  const script = join(import.meta.dirname, "oversized.ts")
  const { stdout } = await promisify(execFile)(process.execPath, ["--max-old-space-size=256", script])
  expect(JSON.parse(stdout)).toEqual({ claimed: ["last@example.com"], queued: 1, first: "ended" })
})

it("TK-6: an oversized message fails by itself, and explain says so before and after", () =>
  run(
    Effect.gen(function* () {
      const large = "'".repeat(5_000)
      const leads = [
        { email: "ava@x.com", firstName: "Ava" },
        { email: "large@x.com", firstName: large },
        { email: "bo@x.com", firstName: "Bo" }
      ]
      const ref = yield* started("{{firstName}}".repeat(40), leads)
      const explain = Leads.explain({ ...ref, email: "large@x.com" })
      expect(yield* explain).toMatchObject({
        verdict: { reason: "oversized", since: noon, step: 0, attempt: 0 },
        summary: "Step 1 is too large when it is rendered: the next claim ends the enrolment"
      })
      const claimed = yield* Delivery.claim({ workspaceId })
      expect(claimed.map(({ to }) => to)).toEqual(["ava@x.com", "bo@x.com"])
      expect(yield* explain).toMatchObject({
        verdict: { reason: "ended", why: "failed", since: noon },
        messages: [{ state: "failed", attempt: 0, failures: 0 }]
      })
      const { items } = yield* Events.read({ workspaceId })
      expect(items.at(-1)).toMatchObject({ kind: "enrollment.ended", reason: "failed", enrollments: 1 })
    })
  ))

it("TK-6: a claim ends at its bytes, across workspaces too, and the rest waits for the next one", () =>
  run(
    Effect.gen(function* () {
      const leads = Array.from({ length: 30 }, (_, i) => ({
        email: `a${i}@x.com`,
        firstName: "'".repeat(4_900)
      }))
      const other = Ids.WorkspaceId.make("ws_2")
      const ref = yield* started("{{firstName}}".repeat(40), leads)
      const { id: campaignId } = yield* Campaigns.create({ workspaceId: other, name: "c" })
      yield* Campaigns.replaceSteps({
        workspaceId: other,
        campaignId,
        steps: [{ subject: "s", bodyHtml: "{{firstName}}".repeat(40) }]
      })
      yield* Leads.bulkUpsert({ workspaceId: other, campaignId, leads })
      yield* Campaigns.start({ workspaceId: other, campaignId })
      const sizes: Array<number> = []
      for (let left = 60; left > 0; ) {
        const claimed = yield* Delivery.claim({ limit: 1_000 })
        left -= claimed.length
        sizes.push(claimed.length)
      }
      // Each is 980,001 bytes.
      expect(sizes).toEqual([16, 16, 16, 12])
      expect(yield* Campaigns.stats(ref)).toMatchObject({ queued: 30 })
      expect(Limits.maxClaimBytes).toBe(16_000_000)
    })
  ))

const campaignOf = (subject: string, bodyHtml: string): Campaign => ({
  id: Ids.campaignId("01JXCQ00000000000000000000"),
  workspaceId,
  name: "c",
  status: "running",
  steps: [{ subject, bodyHtml, delayDays: 0 }],
  createdAt: 1,
  startedAt: 1,
  pausedAt: null
})

const leadOf = (fields: Partial<Leads.EnrolledLead["lead"]>) => ({
  id: Ids.leadId("01JXCQ0000ZZZZZZZZZZZZ0000", 0),
  key: "a@x.com" as Leads.EnrolledLead["lead"]["key"],
  email: "a@x.com",
  firstName: null,
  lastName: null,
  company: null,
  jobTitle: null,
  customFields: {},
  createdAt: 1,
  updatedAt: 1,
  ...fields
})

const messageOf = (campaign: Campaign, lead: ReturnType<typeof leadOf>) => {
  const enrollment = { campaignId: campaign.id, leadId: lead.id }
  const id = Ids.messageId(workspaceId, campaign.id, lead.id, 0)
  return { campaign, lead, message: queuedMessage(id, enrollment, 0, 1) }
}

it("TK-2, TK-6: within the bound a message is what Template.render gives, and its size is that in UTF-8", () => {
  const token = fc.constantFrom(
    "{{firstName}}",
    "{{company | \u00e9}}",
    "{{plan}}",
    "{{plan | x}}",
    "{{none}}"
  )
  const source = fc.array(fc.oneof(text, token), { maxLength: 8 }).map((parts) => parts.join(""))
  const value = fc.option(fc.oneof(text, fc.constantFrom("'<&>", "\u{1f4e7}", " ")), { nil: null })
  fc.assert(
    fc.property(source, source, value, value, value, (subject, html, firstName, company, plan) => {
      const lead = leadOf({ firstName, company, customFields: { plan } })
      const rendered = new MessageRenderer().render(messageOf(campaignOf(subject, html), lead))
      const expected = {
        subject: Template.render(Template.compile(subject, "text"), lead),
        html: Template.render(Template.compile(html, "html"), lead)
      }
      const bytes = Buffer.byteLength(expected.subject) + Buffer.byteLength(expected.html)
      expect(rendered).toEqual({ ...expected, bytes })
    })
  )
})

it.each([
  ["the body", 0, 1_000_000, 1, "{{firstName}}"],
  ["a body without tokens", 0, 1_000_000, 1, ""],
  ["the body and the subject", 1, 999_999, 1, "{{firstName}}"],
  ["characters of several bytes", 0, 333_333, 3, "{{firstName}}"]
])(
  "TK-6: a message of exactly the limit is rendered, and one more is not: by %s",
  (_, subject, length, bytes, tokens) => {
    const character = bytes === 1 ? "x" : "\u20ac"
    const render = (length: number) =>
      new MessageRenderer().render(
        messageOf(campaignOf("s".repeat(subject), `${character.repeat(length)}${tokens}`), leadOf({}))
      )
    expect(render(length)?.bytes).toBe(subject + length * bytes)
    expect(render(length + 1)).toBeUndefined()
  }
)

it("TK-6: a subject that is too large by itself fails as well", () => {
  const lead = leadOf({ firstName: "\u20ac".repeat(5_000) })
  const subject = "{{firstName}}".repeat(70)
  expect(new MessageRenderer().render(messageOf(campaignOf(subject, ""), lead))).toBeUndefined()
})

it("TK-6: templates are compiled once per step, and a value is read once per message, however often it stands there", () => {
  let compiled = 0
  let read = 0
  const campaign = campaignOf("s", "{{company}}{{firstName}} {{firstName}}{{company}}{{firstName}}")
  const counted: Campaign = {
    ...campaign,
    get steps() {
      compiled++
      return campaign.steps
    }
  }
  const lead = {
    ...leadOf({ company: "C" }),
    get firstName() {
      read++
      return "A&B"
    }
  }
  const renderer = new MessageRenderer()
  const message = { ...messageOf(campaign, leadOf({})), campaign: counted, lead }
  for (let messages = 1; messages <= 3; messages++) {
    expect(renderer.render(message)?.html).toBe("CA&amp;B A&amp;BCA&amp;B")
    expect([compiled, read]).toEqual([1, messages])
  }
})
