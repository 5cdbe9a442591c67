/** Delivery: the start of a campaign, claims of 1,000 messages, rendered, and records of 1,000 sends. */
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import type { Delivery } from "@leadterra/core"
import { open } from "@leadterra/core/promise"
import { handWrittenQueue } from "./handWrittenQueue.ts"
import { type Suite, timed } from "./suite.ts"
import { batchSize, workloadOf } from "./workload.ts"

const steps = [
  {
    subject: "Hi {{firstName}}, about {{company}}",
    bodyHtml: "<p>Dear {{firstName}} {{lastName}},</p><p>How does {{company}} find its {{jobTitle}}s?</p>"
  },
  { subject: "Once more, {{firstName}}", bodyHtml: "<p>Just making sure.</p>" }
]

const leadsOf = (size: number) => workloadOf(size).cases[0] ?? []

export const delivery: Suite = {
  cases: ["start", "claim", "record a send"],
  contenders: [
    {
      name: "a queue by hand",
      limit: "a queue by hand",
      run: async (size, file) => {
        const queue = handWrittenQueue(file)
        const enrolled = queue.enroll(leadsOf(size).flat())
        const claimed: Array<ReturnType<typeof queue.claim>> = []
        const start = await timed(enrolled, queue.start)
        const claim = await timed(enrolled, () => {
          for (let from = 0; from < enrolled; from += batchSize) claimed.push(queue.claim(batchSize))
        })
        const record = await timed(enrolled, () => {
          for (const messages of claimed) queue.record(messages)
        })
        return [start, claim, record]
      }
    },
    {
      name: "Campaigns.start, Delivery.claim and record on SQLite",
      limit: "a queue by hand",
      run: async (size, file) => {
        const engine = await open(SqliteRepository.layer({ filename: file }))
        const workspaceId = "bench"
        const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "bench", steps })
        const ref = { workspaceId, campaignId }
        for (const leads of leadsOf(size)) await engine.leads.bulkUpsert({ ...ref, leads })
        const { totalEnrolled } = await engine.campaigns.stats(ref)
        const claimed: Array<ReadonlyArray<Delivery.ClaimedMessage>> = []
        const start = await timed(totalEnrolled, () => engine.campaigns.start(ref))
        const claim = await timed(totalEnrolled, async () => {
          for (let from = 0; from < totalEnrolled; from += batchSize)
            claimed.push(await engine.delivery.claim({ workspaceId, limit: batchSize, leaseSeconds: 3_600 }))
        })
        const record = await timed(totalEnrolled, async () => {
          for (const messages of claimed) {
            const reports = messages.map(({ messageId }): Delivery.Report => ({ messageId, type: "sent" }))
            await engine.delivery.record({ workspaceId, reports })
          }
        })
        await engine.close()
        return [start, claim, record]
      }
    }
  ]
}
