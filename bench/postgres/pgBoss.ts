/** pg-boss, by its defaults but for its upkeep: jobs that hold what is rendered, inserted, fetched and completed by 1,000. */
import { PgBoss } from "pg-boss"
import { rendered } from "../claimAndRecord.ts"
import type { ClaimQueue, OpenJobQueue } from "../JobQueue.ts"
import type { Rendered } from "../Queue.ts"
import { type Batch, batchSize, type Row } from "../workload.ts"

const name = "messages"

export const openPgBoss: OpenJobQueue<ClaimQueue> = async (url) => {
  const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false })
  await boss.start()
  await boss.createQueue(name)
  let people: ReadonlyArray<Batch> = []
  const handOut = async (report: (ids: Array<string>) => unknown): Promise<ReadonlyArray<Rendered>> => {
    const messages: Array<Rendered> = []
    for (;;) {
      const jobs = await boss.fetch<Row>(name, { batchSize })
      if (jobs.length === 0) return messages
      for (const { data } of jobs) messages.push(rendered(data))
      await report(jobs.map(({ id }) => id))
    }
  }
  return {
    prepare: (batches) => {
      people = batches
    },
    queue: async () => {
      for (const batch of people) {
        const jobs = batch.map((row) => ({ data: row }))
        await boss.insert(name, jobs)
      }
    },
    claim: () => handOut(() => {}),
    work: () => handOut((ids) => boss.complete(name, ids)),
    close: () => boss.stop({ graceful: false })
  }
}
