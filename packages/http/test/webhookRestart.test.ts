/** Webhooks on disk: retries go on after a restart, and an erasure leaves nothing of a person with them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { open } from "@leadterra/core/promise"
import { expect, it, onTestFinished } from "vitest"
import * as SqliteServerStore from "../src/stores/sqlite.ts"
import { Dispatcher } from "../src/webhooks/Dispatcher.ts"
import { EventReader } from "../src/webhooks/EventReader.ts"
import type { WebhookRequest } from "../src/webhooks/SendWebhook.ts"
import { type Webhook, webhookEvents } from "../src/webhooks/Webhook.ts"
import { drawSecret } from "../src/webhooks/webhookSecrets.ts"
import { webhookFor } from "./webhookLaws.ts"

const workspaceId = "acme"
const person = { email: "ava.lindqvist@acmecorp.com", firstName: "Avalina", company: "Acme Holding" }

it("deliveries hold ids alone: an erased person is in no file and no body, and retries go on after restarts", async () => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-webhooks-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const filename = join(folder, "leads.db")
  let now = Date.now()
  const sent: Array<WebhookRequest> = []
  const errors: Array<unknown> = []
  /** A process from its start to its end, with a receiver that answers so. */
  const lifeOf = async <A>(
    status: number,
    work: (
      engine: Awaited<ReturnType<typeof open>>,
      store: Awaited<ReturnType<typeof SqliteServerStore.make>>
    ) => Promise<A>
  ): Promise<A> => {
    const engine = await open(SqliteRepository.layer({ filename }))
    const store = await SqliteServerStore.make({ filename })
    const result = await work(engine, store)
    now += 1_000
    const onError = (error: unknown) => void errors.push(error)
    const reader = new EventReader({ engine, store, onError }, () => now)
    while (await reader.read());
    const dispatcher = new Dispatcher(
      {
        store,
        onError,
        send: async (request) => {
          sent.push(request)
          return { kind: "answered", status }
        }
      },
      () => now
    )
    while (await dispatcher.send()) await dispatcher.settle()
    await dispatcher.settle()
    await store.close()
    await engine.close()
    return result
  }
  const webhook: Webhook = webhookFor(1, {
    workspaceId,
    createdAt: now,
    events: webhookEvents,
    secrets: { current: drawSecret(), previous: null }
  })

  await lifeOf(500, async ({ campaigns, delivery, leads }, { webhooks }) => {
    await webhooks.add(webhook)
    const steps = [{ subject: "Hi {{firstName}}", bodyHtml: "<p>{{company}}</p>" }]
    const { id: campaignId } = await campaigns.create({ workspaceId, name: "Spring", steps })
    await leads.bulkUpsert({ workspaceId, campaignId, leads: [person] })
    await campaigns.start({ workspaceId, campaignId })
    const [message] = await delivery.claim({ workspaceId })
    const messageId = message?.messageId ?? ""
    await delivery.record({
      reports: [
        { messageId, type: "sent" },
        { messageId, type: "replied", class: "interested" },
        { messageId, type: "bounced", kind: "soft" }
      ]
    })
  })
  expect(errors).toEqual([])
  expect(sent).toHaveLength(4)
  await lifeOf(500, async ({ leads }) => {
    expect(await leads.erase({ workspaceId, emails: [person.email] })).toMatchObject({ erased: 1 })
  })
  // No attempt is due yet, and the schedule is kept.
  expect(sent).toHaveLength(4)
  now += 60_000
  await lifeOf(200, async () => {})
  expect(sent).toHaveLength(8)
  const bodies = sent.map(({ body }) => body)
  expect(new Set(bodies).size).toBe(4)
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)).toString("latin1"))
  for (const text of [...bodies, ...files])
    for (const value of Object.values(person)) expect(text).not.toContain(value)
  await lifeOf(200, async (_, { webhooks }) => {
    const { items } = await webhooks.deliveries(webhook, { after: null, limit: 10, state: null })
    expect(items.map(({ attempts, state }) => [attempts, state.kind])).toEqual(
      Array.from({ length: 4 }, () => [2, "delivered"])
    )
  })
})
