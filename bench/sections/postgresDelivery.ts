/** Delivery on PostgreSQL: the start of a campaign beside its one statement, and a queue of messages beside queues of jobs. */
import { PostgresRepository } from "@leadterra/adapter-postgres"
import { barChart } from "../charts.ts"
import type { ClaimQueue, JobQueue, OpenJobQueue } from "../JobQueue.ts"
import { openQueueOn } from "../ourQueue.ts"
import { connected, startDatabase } from "../postgres/database.ts"
import { openGraphileWorker } from "../postgres/graphileWorker.ts"
import { openOurJobs } from "../postgres/ourJobs.ts"
import { openPgBoss } from "../postgres/pgBoss.ts"
import { type Queue, rateOf } from "../Queue.ts"
import { ratioOf } from "../results.ts"
import type { Contender, Figures, Section, Suite } from "../suite.ts"
import { type Batch, batchesOf, batchSize } from "../workload.ts"

const insertSelect = "INSERT .. SELECT on the same tables"

/** The start of a campaign on a server of its own. */
const starter = (name: string, start: (queue: Queue, url: string) => Promise<Figures>): Contender => ({
  name,
  limit: insertSelect,
  run: async (size) => {
    const { stop, url } = await startDatabase()
    const queue = await openQueueOn(PostgresRepository.layer({ url, connections: 2 }), 2)
    for (const batch of batchesOf({ rows: size })) await queue.enroll(batch)
    const figures = await start(queue, url)
    await queue.close()
    await stop()
    return figures
  }
})

const start: Suite = {
  name: "the start of a campaign",
  size: "leads",
  cases: [{ name: "start", unit: "messages/s", goal: 0.8 }],
  full: [{ size: 100_000, rounds: 5 }],
  quick: [{ size: 10_000, rounds: 1 }],
  contenders: [
    starter(insertSelect, async (_, url) => {
      const client = await connected(url)
      const insert = `INSERT INTO message (workspace, campaign, lead, step, due_at)
        SELECT workspace, campaign, lead, 0, $1 FROM enrollment`
      const rate = await rateOf(async () => (await client.query(insert, [Date.now()])).rowCount ?? 0)
      await client.end()
      return [rate]
    }),
    starter("Campaigns.start", async (queue) => [await rateOf(async () => queue.start())])
  ]
}

const ours = "Campaigns.start, Delivery.claim and record"

/** Each person once. */
const peopleOf = (rows: number): ReadonlyArray<Batch> => {
  const byEmail = new Map(
    Array.from(batchesOf({ rows }))
      .flat()
      .map((row) => [row.email, row])
  )
  const people = [...byEmail.values()]
  return Array.from({ length: Math.ceil(people.length / batchSize) }, (_, index) =>
    people.slice(index * batchSize, (index + 1) * batchSize)
  )
}

const contender = <Q extends JobQueue>(
  name: string,
  open: OpenJobQueue<Q>,
  measure: (queue: Q, total: number) => Promise<Figures>
): Contender => {
  const run = async (size: number): Promise<Figures> => {
    const { stop, url } = await startDatabase()
    const queue = await open(url)
    const people = peopleOf(size)
    await queue.prepare(people)
    const figures = await measure(queue, people.flat().length)
    await queue.close()
    await stop()
    return figures
  }
  return {
    name,
    limit: ours,
    run: async (size) => {
      await run(5_000)
      return run(size)
    }
  }
}

const queued = ({ queue }: JobQueue, total: number): Promise<number> =>
  rateOf(async () => {
    await queue()
    return total
  })

const queuedAndDone = async (queue: JobQueue, total: number): Promise<Figures> => [
  await queued(queue, total),
  await rateOf(async () => (await queue.work()).length)
]

const claimed = async (queue: ClaimQueue): Promise<Figures> => {
  await queue.queue()
  return [await rateOf(async () => (await queue.claim()).length)]
}

const jobs: Suite = {
  name: "queues of jobs",
  size: "messages",
  ratio: "by ours",
  cases: [
    { name: "queue", unit: "messages/s" },
    { name: "claim and report", unit: "messages/s" }
  ],
  full: [{ size: 50_000, rounds: 5 }],
  quick: [{ size: 5_000, rounds: 1 }],
  contenders: [
    contender(ours, openOurJobs, queuedAndDone),
    contender("pg-boss", openPgBoss, queuedAndDone),
    contender("graphile-worker", openGraphileWorker, queuedAndDone)
  ]
}

const claims: Suite = {
  name: "claims alone",
  size: "messages",
  ratio: "by ours",
  cases: [{ name: "claim", unit: "messages/s" }],
  full: [{ size: 50_000, rounds: 5 }],
  quick: [{ size: 5_000, rounds: 1 }],
  contenders: [contender(ours, openOurJobs, claimed), contender("pg-boss", openPgBoss, claimed)]
}

export const section: Section = {
  title: "Delivery on PostgreSQL",
  about: `On a server of its own on the same machine, whose commits are on the disk. A campaign of two steps is started beside the bare
\`INSERT .. SELECT\` that it cannot do without. Then a message for each lead is queued, handed out by 1,000 and rendered, and reported as
sent, in a campaign of one step; beside it do [queues of jobs](../bench/postgres) the same, with jobs that hold all that is rendered.
Of them neither looks at suppressions, keeps a place in a sequence, or counts. graphile-worker hands jobs to its own workers and reports
them meanwhile: its claims cannot be told from its reports.`,
  libraries: ["pg", "pg-boss", "graphile-worker", "effect"],
  suites: [start, jobs, claims],
  charts: (series) => [
    barChart({
      name: "postgres-delivery",
      title: "How many times as fast delivery on PostgreSQL is",
      axis: "our messages per second over theirs; less than 1 is slower",
      show: (value) => value.toFixed(2),
      line: { at: 1, label: "as fast" },
      bars: series
        .filter(({ contender, suite }) => suite !== start.name && contender !== ours)
        .map((one) => ({ label: `${one.case}: ${one.contender}`, value: ratioOf(one, series, "by ours") }))
    })
  ]
}
