/** Delivery: the start of a campaign, claims of 1,000 messages, rendered, and records of 1,000 sends. */
import { join } from "node:path"
import Database from "better-sqlite3"
import { openBareQueue } from "../bareQueue.ts"
import { ratioChart } from "../charts.ts"
import { openHandWrittenQueue } from "../handWrittenQueue.ts"
import { openOurQueue } from "../ourQueue.ts"
import { type Claimed, type OpenQueue, rateOf } from "../Queue.ts"
import type { Contender, Section, Suite } from "../suite.ts"
import { batchesOf, batchSize } from "../workload.ts"

const limit = "the bare statements, on the same tables"
const lean = "a queue by hand, on lean tables"
const goals = { start: 0.8, claim: 0.7, "record a send": 0.7 }

const enrolled = async (open: OpenQueue, file: string, rows: number) => {
  const queue = await open(file)
  for (const batch of batchesOf({ rows })) await queue.enroll(batch)
  return queue
}

const allClaimed = async (claim: () => Claimed | Promise<Claimed>): Promise<ReadonlyArray<Claimed>> => {
  const all: Array<Claimed> = []
  for (let one = await claim(); one.messages.length > 0; one = await claim()) all.push(one)
  return all
}

/** Starts, claims until nothing is due, and records all of it. */
const deliver = async (open: OpenQueue, file: string, rows: number): Promise<ReadonlyArray<number>> => {
  const queue = await enrolled(open, file, rows)
  let claimed: ReadonlyArray<Claimed> = []
  const messages = () => claimed.reduce((total, one) => total + one.messages.length, 0)
  const rates = [
    await rateOf(queue.start),
    await rateOf(async () => {
      claimed = await allClaimed(() => queue.claim(batchSize))
      return messages()
    }),
    await rateOf(async () => {
      for (const { record } of claimed) await record()
      return messages()
    })
  ]
  await queue.close()
  return rates
}

const contender = (name: string, open: OpenQueue): Contender => ({
  name,
  limit,
  run: async (size, folder) => {
    await deliver(open, join(folder, "warm-up.db"), 20_000)
    return deliver(open, join(folder, "queue.db"), size)
  }
})

const ours = "Campaigns.start, Delivery.claim and record"

export const delivery: Suite = {
  name: "a campaign",
  size: "leads",
  cases: [
    { name: "start", unit: "messages/s", goal: goals.start },
    { name: "claim", unit: "messages/s", goal: goals.claim },
    { name: "record a send", unit: "messages/s", goal: goals["record a send"] }
  ],
  full: [{ size: 100_000, rounds: 7 }],
  quick: [{ size: 10_000, rounds: 3 }],
  contenders: [
    contender(limit, openBareQueue),
    contender(ours, openOurQueue),
    contender(lean, openHandWrittenQueue)
  ]
}

const bareInsert = "INSERT .. SELECT on the same tables"

const starter = (name: string, open: OpenQueue): Contender => ({
  name,
  limit: bareInsert,
  run: async (size, folder) => {
    const queue = await enrolled(open, join(folder, "queue.db"), size)
    const rate = await rateOf(queue.start)
    await queue.close()
    return [rate]
  }
})

/** The one statement that a start cannot do without, on a file that our store has filled. */
const insertBare: Contender = {
  name: bareInsert,
  limit: bareInsert,
  run: async (size, folder) => {
    const file = join(folder, "queue.db")
    const queue = await enrolled(openOurQueue, file, size)
    await queue.close()
    const db = new Database(file)
    db.exec("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 16000")
    const insert = db.prepare(
      "INSERT INTO message (campaign, lead, step, due_at) SELECT campaign, lead, 0, ? FROM enrollment"
    )
    const rate = await rateOf(() => insert.run(Date.now()).changes)
    db.close()
    return [rate]
  }
}

const largeStart: Suite = {
  name: "a large campaign",
  size: "leads",
  cases: [{ name: "start", unit: "messages/s", goal: goals.start }],
  full: [{ size: 1_000_000, rounds: 3 }],
  quick: [{ size: 50_000, rounds: 1 }],
  contenders: [insertBare, starter(ours, openOurQueue), starter(lean, openHandWrittenQueue)]
}

export const section: Section = {
  title: "Delivery",
  about: `A campaign of two steps on SQLite is started; its messages are claimed by 1,000, rendered, until nothing is due; and all are
recorded as sent, which queues the next step. The limit is [the bare statements](../bench/bareQueue.ts) on the tables of the store, with
all of its constraints and indexes, and rendering by concatenation; that of a large start is the bare \`INSERT .. SELECT\`. Beside
them stands [a queue by hand](../bench/handWrittenQueue.ts) on lean tables: one index, no foreign keys, no workspaces, and no
report but \`sent\`. What it is faster by is the price of the constraints.`,
  libraries: ["better-sqlite3", "effect"],
  suites: [delivery, largeStart],
  charts: (series) => [
    ratioChart("delivery", "Delivery beside its limits", "share of the limit's messages per second", series, {
      contender: ours,
      goals: [delivery, largeStart]
    })
  ]
}
