/** Uses a store in all the ways there are, so that each of its statements runs. */
import type { Delivery } from "@leadterra/core"
import { open } from "@leadterra/core/promise"
import { PostgresRepository } from "../src/index.ts"

const workspaceId = "w"
const steps = [
  { subject: "s", bodyHtml: "b" },
  { subject: "t", bodyHtml: "c" }
]

export const useAll = async (options: PostgresRepository.PostgresOptions): Promise<void> => {
  const engine = await open(PostgresRepository.layer(options))
  const { campaigns, delivery, events, leads, suppression } = engine
  const { id: campaignId } = await campaigns.create({ workspaceId, name: "c", steps })
  const ref = { workspaceId, campaignId }
  for (const company of ["Acme", "Buildfast"]) {
    const rows = Array.from({ length: 50 }, (_, index) => ({ email: `p${index}@example.com`, company }))
    await leads.bulkUpsert({ ...ref, leads: rows })
    for (const row of rows)
      await leads.bulkUpsert({ ...ref, leads: [row], idempotencyKey: `${company} ${row.email}` })
  }
  await campaigns.start(ref)
  await leads.bulkUpsert({ ...ref, leads: [{ email: "late@example.com" }] })
  const claimed = await delivery.claim({ workspaceId, limit: 40, leaseSeconds: 60 })
  const types = ["sent", "failed", "replied", "unsubscribed", "bounced"] as const
  const reports = claimed.slice(0, 20).map(({ claimToken, messageId }, index): Delivery.Report => {
    const type = types[index % types.length] ?? "sent"
    return type === "failed" ? { messageId, type, claimToken } : { messageId, type }
  })
  await delivery.record({ workspaceId, reports })
  await delivery.claim({ limit: 5 })
  await campaigns.pause(ref)
  await campaigns.list({ workspaceId })
  await campaigns.stats(ref)
  const gone = Array.from({ length: 100 }, (_, index) => `gone${index}@example.com`)
  await suppression.add({ workspaceId, entries: ["p40@example.com", "@example.net", ...gone] })
  await suppression.remove({ workspaceId, entries: ["@example.net"], actor: "op" })
  await suppression.list({ workspaceId })
  await leads.erase({ workspaceId, emails: ["p41@example.com"] })
  await leads.bulkUpsert({ ...ref, leads: [{ email: "p41@example.com" }] })
  const { items } = await leads.list({ workspaceId })
  await leads.getById({ workspaceId, leadId: items[0]?.id ?? "" })
  for await (const _ of leads.enrolled(ref)) break
  await events.read({ workspaceId })
  const test = await engine.workspaces.create({ workspaceId: "test", mode: "test" })
  await engine.testClock.advance({ workspaceId: "test", to: (test.testClock ?? 0) + 1 })
  await engine.close()
}
