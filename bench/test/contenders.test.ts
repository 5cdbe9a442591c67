/** A comparison is honest only if everyone does the same work: on a small list all end with the same people and the same texts. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { openBareMap } from "../bareMap.ts"
import type { Open } from "../Enroller.ts"
import { openHandWritten } from "../handWritten.ts"
import { openHandWrittenQueue } from "../handWrittenQueue.ts"
import type { ClaimQueue, JobQueue, OpenJobQueue } from "../JobQueue.ts"
import { openOurQueue } from "../ourQueue.ts"
import { openOurMemory, openOurSqlite } from "../ours.ts"
import { openDrizzle } from "../peers/drizzle.ts"
import { openKnex } from "../peers/knex.ts"
import { openKysely } from "../peers/kysely.ts"
import { startDatabase } from "../postgres/database.ts"
import { openDrizzle as openDrizzleOnPostgres } from "../postgres/drizzle.ts"
import { openGraphileWorker } from "../postgres/graphileWorker.ts"
import { openHandWritten as openUnnest } from "../postgres/handWritten.ts"
import { openKysely as openKyselyOnPostgres } from "../postgres/kysely.ts"
import { openOurJobs } from "../postgres/ourJobs.ts"
import { openOurs as openOurPostgres } from "../postgres/ours.ts"
import { openPgBoss } from "../postgres/pgBoss.ts"
import type { OpenQueue, Rendered } from "../Queue.ts"
import { engines, people } from "../templates.ts"
import { passes, timesOf } from "../upserting.ts"
import { type Batch, type BatchOptions, batchesOf, suppressionList } from "../workload.ts"

const onDisk = { openHandWritten, openOurSqlite, openOurMemory, openDrizzle, openKnex, openKysely }

const onServer = { openUnnest, openOurPostgres, openKyselyOnPostgres, openDrizzleOnPostgres }

const emptyFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-contenders-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** As people write addresses: every third in capitals. */
const respelled = (batch: Batch): Batch =>
  batch.map((row, index) => (index % 3 === 0 ? { ...row, email: ` ${row.email.toUpperCase()} ` } : row))

const rows = 2_500
const suppressed = 200

/** Who is enrolled after each pass. */
const enrolledBy = async (open: Open, options: BatchOptions) => {
  const enroller = await open(join(emptyFolder(), "leads.db"), suppressionList(suppressed))
  const seen: Array<ReadonlyArray<string>> = []
  for (const { jobTitle } of passes) {
    await timesOf(enroller, Array.from(batchesOf({ ...options, jobTitle }), respelled))
    seen.push(Array.from(await enroller.enrolled(), (text) => text.toLowerCase().trim()).sort())
  }
  await enroller.close()
  return seen
}

/** Said once more, and plainly. */
const expected = (options: BatchOptions) =>
  passes.map(({ jobTitle }) => {
    const gone = new Set(suppressionList(suppressed))
    const emails = new Set([...batchesOf(options)].flat().map(({ email }) => email))
    return [...emails]
      .filter((email) => !gone.has(email))
      .map((email) => `${email}|${jobTitle}`.toLowerCase())
      .sort()
  })

describe("after new leads, changed ones and the same again", () => {
  it.each(Object.entries({ ...onDisk, ...onServer }))(
    "%s has enrolled those who are not suppressed",
    async (_, open) => {
      const options = { rows, suppressed }
      expect(await enrolledBy(open, options)).toEqual(expected(options))
    }
  )

  it.each(Object.entries({ ...onDisk, openBareMap }))("%s has enrolled all", async (_, open) => {
    expect(await enrolledBy(open, { rows })).toEqual(expected({ rows }))
  })
})

describe("delivery", () => {
  const deliver = async (open: OpenQueue) => {
    const queue = await open(join(emptyFolder(), "queue.db"))
    for (const batch of batchesOf({ rows })) await queue.enroll(batch)
    const started = await queue.start()
    const texts: Array<string> = []
    for (let from = 0; from < rows; from += 1_000) {
      const { messages } = await queue.claim(1_000)
      texts.push(...messages.map(({ html, subject, to }) => `${to}|${subject}|${html}`))
    }
    await queue.close()
    return { started, texts: texts.sort() }
  }

  it("hands out the same messages", async () => {
    const byHand = await deliver(openHandWrittenQueue)
    expect(byHand.texts.length).toBe(byHand.started)
    expect(await deliver(openOurQueue)).toEqual(byHand)
  })
})

describe("queues of jobs on PostgreSQL", () => {
  type Texts = ReadonlyArray<Rendered>
  const work = (queue: JobQueue) => queue.work()
  const claim = (queue: ClaimQueue) => queue.claim()

  it("hand out the same messages", async () => {
    const { stop, url } = await startDatabase()
    onTestFinished(stop)
    const handedOut = async <Q extends JobQueue>(
      open: OpenJobQueue<Q>,
      handOut: (queue: Q) => Promise<Texts>
    ) => {
      const queue = await open(url)
      await queue.prepare(Array.from(batchesOf({ rows: 1_500 })))
      await queue.queue()
      const texts = Array.from(await handOut(queue), ({ html, subject, to }) => `${to}|${subject}|${html}`)
      await queue.close()
      return [...new Set(texts)].sort()
    }
    const ours = await handedOut(openOurJobs, work)
    expect(ours.length).toBeGreaterThan(1_400)
    expect(await handedOut(openOurJobs, claim)).toEqual(ours)
    expect(await handedOut(openPgBoss, work)).toEqual(ours)
    expect(await handedOut(openPgBoss, claim)).toEqual(ours)
    expect(await handedOut(openGraphileWorker, work)).toEqual(ours)
  })
})

describe("rendering", () => {
  const right = engines["concatenation by hand"]()

  it.each(Object.entries(engines))("%s gives the same texts", (_, make) => {
    const render = make()
    for (const person of people.slice(0, 500)) expect(render(person)).toBe(right(person))
  })

  it("has something to escape in 5 of 100 leads", () => {
    const escaped = people.filter((person) => right(person).includes("&amp;"))
    expect(escaped.length / people.length).toBe(0.05)
  })
})
