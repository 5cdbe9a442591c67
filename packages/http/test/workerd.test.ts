/** The handlers in workerd, called by the client. */
import { join } from "node:path"
import { connect } from "@leadterra/client"
import { expect, it } from "vitest"
import { startWorker } from "../../../test/workerd.ts"

it("serves the calls of the guide in a durable object", async () => {
  const url = await startWorker(join(import.meta.dirname, "workers", "api.ts"), ["Api"])
  const key = await (await fetch(`${url}/key`)).text()
  const api = connect({ url, key, retries: 0 })
  const steps = [{ subject: "Hi {{firstName}}", bodyHtml: "<p>How is {{company}}?</p>" }]
  const { campaign } = await api.campaigns.create({ name: "Spring", sequenceSteps: steps })
  const leads = Array.from({ length: 1_000 }, (_, row) => ({
    email: `lead${row}@acme.com`,
    firstName: "Ava"
  }))
  const { result } = await api.leads.bulk(campaign.id, { leads })
  expect(result).toMatchObject({ enrolled: 1_000, failed: 0 })
  await api.campaigns.start(campaign.id)
  const { messages } = await api.delivery.claim({ limit: 10 })
  expect(messages.map(({ subject }) => subject)).toEqual(Array(10).fill("Hi Ava"))
  // Calls at once share the engine, and none waits for the context of another.
  const stats = await Promise.all(Array.from({ length: 10 }, () => api.campaigns.stats(campaign.id)))
  expect(stats.map(({ queued }) => queued)).toEqual(Array(10).fill(1_000))
  const failed = await fetch(`${url}/v1/campaigns/camp_unknown`, {
    headers: { authorization: `Bearer ${key}` }
  })
  expect([failed.status, failed.headers.get("content-type")]).toEqual([404, "application/problem+json"])
})
