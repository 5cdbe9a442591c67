/** The bodies of webhooks are those of the OpenAPI document and of the README. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Ids } from "@leadterra/core"
import * as Schema from "effect/Schema"
import fc from "fast-check"
import { expect, it } from "vitest"
import { webhookBodies } from "../src/contract/webhookBodies.ts"
import { bodyOf } from "../src/webhooks/bodyOf.ts"
import { signedHeaders } from "../src/webhooks/signedHeaders.ts"
import { type Subject, webhookEvents } from "../src/webhooks/Webhook.ts"
import { drawSecret } from "../src/webhooks/webhookSecrets.ts"

const folder = join(import.meta.dirname, "..")
const readme = readFileSync(join(folder, "README.md"), "utf8")
const { webhooks } = JSON.parse(readFileSync(join(folder, "openapi.json"), "utf8"))

const kinds = [...webhookEvents, "webhook.test"] as const
const ulid = "01JXCQ00000000000000000000"
const campaignId = Ids.campaignId(ulid)
const leadId = Ids.leadId(ulid, 0)
const messageIds = fc.oneof(
  fc.nat({ max: 99 }).map((step) => Ids.messageId(Ids.WorkspaceId.make("ws_1"), campaignId, leadId, step)),
  fc.constant("of another form")
)
const subjects: fc.Arbitrary<Subject> = fc.oneof(
  fc.record({
    kind: fc.constant("campaign.started" as const),
    campaignId: fc.string(),
    leadsEnrolled: fc.nat(),
    queuedMessages: fc.nat()
  }),
  fc.record({
    kind: fc.constantFrom("message.sent" as const, "reply.received" as const),
    messageId: messageIds
  }),
  fc.record({
    kind: fc.constant("message.bounced" as const),
    messageId: messageIds,
    bounceType: fc.constantFrom("hard" as const, "soft" as const)
  }),
  fc.record({
    kind: fc.constant("webhook.disabled" as const),
    webhookId: fc.string(),
    reason: fc.constantFrom("failing" as const, "gone" as const)
  }),
  fc.record({ kind: fc.constant("webhook.test" as const), webhookId: fc.string() })
)

/** The names of the members of a JSON value, at any depth. */
const namesIn = (value: unknown): ReadonlyArray<string> =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, member]) => [name, ...namesIn(member)])
    : []

it("a body has the members of its schema and no other, whatever it tells of", () => {
  fc.assert(
    fc.property(subjects, fc.date({ noInvalidDate: true }), (subject, at) => {
      const decode = Schema.decodeUnknownSync(webhookBodies[subject.kind].body, { onExcessProperty: "error" })
      const body: unknown = JSON.parse(bodyOf({ subject, at: at.getTime() }))
      expect(decode(body)).toEqual(body)
    })
  )
})

it("the README names every kind, and every member of its body", () => {
  const [, page = ""] = /^## Webhooks$([\s\S]*?)^## /m.exec(readme) ?? []
  const named = new Set(Array.from(page.matchAll(/[\w.]+/g), ([name]) => name))
  fc.assert(
    fc.property(subjects, (subject) => {
      const members = namesIn(JSON.parse(bodyOf({ subject, at: 0 })))
      expect([subject.kind, ...members].filter((name) => !named.has(name))).toEqual([])
    })
  )
})

it("the OpenAPI document has every kind, with the headers of an attempt", async () => {
  expect(Object.keys(webhooks)).toEqual([...kinds])
  const signed = await signedHeaders({ id: "evt_1", now: 0, body: "{}", secrets: [drawSecret()] })
  const names = Object.keys(signed).filter((name) => !["content-type", "user-agent"].includes(name))
  for (const { post } of Object.values<{ post: { parameters: ReadonlyArray<{ name: string }> } }>(webhooks))
    expect(post.parameters.map(({ name }) => name.toLowerCase())).toEqual(names)
})
