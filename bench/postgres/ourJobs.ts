/** Leadterra on PostgreSQL: people are enrolled beforehand in a campaign of one step, whose start queues a message for each. */
import { PostgresRepository } from "@leadterra/adapter-postgres"
import type { ClaimQueue, OpenJobQueue } from "../JobQueue.ts"
import { openQueueOn } from "../ourQueue.ts"
import type { Claimed, Rendered } from "../Queue.ts"
import { batchSize } from "../workload.ts"

export const openOurJobs: OpenJobQueue<ClaimQueue> = async (url) => {
  const queue = await openQueueOn(PostgresRepository.layer({ url, connections: 2 }), 1)
  const handOut = async (report: (claimed: Claimed) => unknown): Promise<ReadonlyArray<Rendered>> => {
    const messages: Array<Rendered> = []
    for (;;) {
      const claimed = await queue.claim(batchSize)
      if (claimed.messages.length === 0) return messages
      messages.push(...claimed.messages)
      await report(claimed)
    }
  }
  return {
    prepare: async (batches) => {
      for (const batch of batches) await queue.enroll(batch)
    },
    queue: async () => queue.start(),
    claim: () => handOut(() => {}),
    work: () => handOut(({ record }) => record()),
    close: queue.close
  }
}
