/** Delivery by Leadterra. */
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import type { Delivery, Repository } from "@leadterra/core"
import { open } from "@leadterra/core/promise"
import type * as Layer from "effect/Layer"
import type { Queue } from "./Queue.ts"

const workspaceId = "bench"

const steps = [
  {
    subject: "Hi {{firstName}}, about {{company}}",
    bodyHtml: "<p>Dear {{firstName}} {{lastName}},</p><p>How does {{company}} find its {{jobTitle}}s?</p>"
  },
  { subject: "Once more, {{firstName}}", bodyHtml: "<p>Just making sure.</p>" }
]

/** A queue on a store, whose campaign has so many of the steps. */
export const openQueueOn = async <E>(layer: Layer.Layer<Repository, E>, length: 1 | 2): Promise<Queue> => {
  const engine = await open(layer)
  const { id: campaignId } = await engine.campaigns.create({
    workspaceId,
    name: "bench",
    steps: steps.slice(0, length)
  })
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

export const openOurQueue = (filename: string): Promise<Queue> =>
  openQueueOn(SqliteRepository.layer({ filename }), 2)
