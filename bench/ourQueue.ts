/** Delivery by Leadterra, on SQLite. */
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import type { Delivery } from "@leadterra/core"
import { open } from "@leadterra/core/promise"
import type { Queue } from "./Queue.ts"

const workspaceId = "bench"

const steps = [
  {
    subject: "Hi {{firstName}}, about {{company}}",
    bodyHtml: "<p>Dear {{firstName}} {{lastName}},</p><p>How does {{company}} find its {{jobTitle}}s?</p>"
  },
  { subject: "Once more, {{firstName}}", bodyHtml: "<p>Just making sure.</p>" }
]

export const openOurQueue = async (filename: string): Promise<Queue> => {
  const engine = await open(SqliteRepository.layer({ filename }))
  const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "bench", steps })
  const ref = { workspaceId, campaignId }
  return {
    enroll: (leads) => engine.leads.bulkUpsert({ ...ref, leads }),
    start: async () => (await engine.campaigns.start(ref)).queuedMessages,
    claim: async (limit) => {
      const messages = await engine.delivery.claim({ workspaceId, limit, leaseSeconds: 3_600 })
      return {
        messages,
        record: () => {
          const reports = messages.map(({ messageId }): Delivery.Report => ({ messageId, type: "sent" }))
          return engine.delivery.record({ workspaceId, reports })
        }
      }
    },
    close: engine.close
  }
}
