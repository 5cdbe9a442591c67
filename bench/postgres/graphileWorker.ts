/** graphile-worker, as its notes on performance set it up: jobs that hold what is rendered, added by 1,000, locked by 1,000, completed together. */
import { Logger, makeWorkerUtils, run } from "graphile-worker"
import { Pool } from "pg"
import { rendered } from "../claimAndRecord.ts"
import { isPerson, type OpenJobQueue } from "../JobQueue.ts"
import type { Rendered } from "../Queue.ts"
import { type Batch, batchSize } from "../workload.ts"

const identifier = "message"

export const openGraphileWorker: OpenJobQueue = async (url) => {
  const pgPool = new Pool({ connectionString: url })
  pgPool.on("error", () => {})
  const preset = {
    worker: {
      concurrentJobs: 24,
      localQueue: { size: batchSize },
      completeJobBatchDelay: 10,
      logger: new Logger(() => () => {})
    }
  }
  const utils = await makeWorkerUtils({ pgPool, preset })
  await utils.migrate()
  let people: ReadonlyArray<Batch> = []
  return {
    prepare: (batches) => {
      people = batches
    },
    queue: async () => {
      for (const batch of people) await utils.addJobs(batch.map((payload) => ({ identifier, payload })))
    },
    work: async () => {
      const messages: Array<Rendered> = []
      const total = people.reduce((sum, { length }) => sum + length, 0)
      const all = Promise.withResolvers<void>()
      const message = (payload: unknown) => {
        if (isPerson(payload)) messages.push(rendered(payload))
        if (messages.length === total) all.resolve()
      }
      const runner = await run({ pgPool, preset, taskList: { [identifier]: message } })
      await all.promise
      await runner.stop()
      return messages
    },
    close: async () => {
      await utils.release()
      await pgPool.end()
    }
  }
}
