/**
 * Claims with a small heap (run with `--max-old-space-size`): a thousand leads whose messages would
 * take five megabytes each, and one lead behind them. Prints what became of them as JSON.
 */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { Campaigns, Delivery, Leads } from "@leadterra/core"
import * as Effect from "effect/Effect"

const workspaceId = "w"
const apostrophes = "'".repeat(5_000)

const program = Effect.gen(function* () {
  const steps = [{ subject: "Hi", bodyHtml: "{{firstName}} ".repeat(200) }]
  const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c", steps })
  const ref = { workspaceId, campaignId }
  const leads = Array.from({ length: 1_000 }, (_, i) => ({
    email: `lead${i}@example.com`,
    firstName: apostrophes
  }))
  yield* Leads.bulkUpsert({ ...ref, leads: [...leads, { email: "last@example.com", firstName: "Ava" }] })
  yield* Campaigns.start(ref)
  const claim = Delivery.claim({ workspaceId, limit: 1_000 })
  // The first one ends a thousand messages, which is the most that a claim ends (DE-4).
  const claimed = [...(yield* claim), ...(yield* claim)]
  // To be sent, a message is written out as bytes.
  const sent = claimed.map(({ html, to }) => ({ to, bytes: Buffer.from(html).length }))
  const { queued } = yield* Campaigns.stats(ref)
  const first = yield* Leads.explain({ ...ref, email: "lead0@example.com" })
  return { claimed: sent.map(({ to }) => to), queued, first: first.verdict.reason }
})

const found = await Effect.runPromise(Effect.provide(program, MemoryRepository.layer))
process.stdout.write(JSON.stringify(found))
