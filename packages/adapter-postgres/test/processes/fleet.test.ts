/** Eight processes import overlapping lists while four send, and processes and the server itself are killed meanwhile. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { open } from "@leadterra/core/promise"
import fc from "fast-check"
import { Client } from "pg"
import { expect, it, onTestFinished } from "vitest"
import { startOwn } from "../../../../test/postgres.ts"
import { PostgresRepository } from "../../src/index.ts"
import { type ImporterTask, type SenderTask, workspaceId } from "./tasks.ts"

const nightly = process.env["NIGHTLY"] !== undefined
const size = nightly ? 20_000 : 300
const kills = nightly ? 60 : 6
const importers = 8
const senders = 4
/** Half of each list is the half of the next. */
const people = (importers + 1) * (size / 2)

/** A process that is begun again when it is killed. */
const worker = (script: string, task: object) => {
  let child: ChildProcess
  let ended: Promise<unknown>
  const start = (): void => {
    child = spawn(process.execPath, [join(import.meta.dirname, script), JSON.stringify(task)], {
      stdio: ["pipe", "pipe", "inherit"]
    })
    child.stdout?.resume()
    ended = once(child, "exit")
  }
  start()
  return {
    kill: async (): Promise<boolean> => {
      const isAlive = child.exitCode === null && child.kill("SIGKILL")
      await ended
      if (isAlive) start()
      return isAlive
    },
    end: (): void => void child.stdin?.write("\n"),
    exitCode: async (): Promise<unknown> => {
      await ended
      return child.exitCode
    }
  }
}

it(`ID-1, SQ-1, SQ-3, DE-1: ${importers} processes import and ${senders} send through ${kills} kills of them and two of the server: nothing is lost and nothing doubled`, async () => {
  // Without it a server that is killed forgets what it has confirmed last.
  const durable = { synchronous_commit: "on" }
  const server = (await startOwn("found", durable)) ?? (await startOwn("shipped", durable))
  if (server === undefined) throw new Error("no PostgreSQL to kill")
  const folder = mkdtempSync(join(tmpdir(), "leadterra-fleet-"))
  onTestFinished(async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const log = join(folder, "log")
  writeFileSync(log, "")
  const url = server.url()
  const engine = await open(PostgresRepository.layer({ url }))
  onTestFinished(engine.close)
  const steps = Array(2).fill({ subject: "Hi {{firstName}}", bodyHtml: "<p>{{company}}</p>" })
  const campaigns: Array<string> = []
  for (let index = 0; index <= importers; index++) {
    const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: `c${index}`, steps })
    await engine.leads.bulkUpsert({ workspaceId, campaignId, leads: [{ email: "first@example.com" }] })
    await engine.campaigns.start({ workspaceId, campaignId })
    campaigns.push(campaignId)
  }
  const [shared = "", ...own] = campaigns

  const importing = own.map((campaignId, index) => {
    const task: ImporterTask = { url, from: index * (size / 2), size, campaignIds: [shared, campaignId] }
    return worker("importer.ts", task)
  })
  const task: SenderTask = { url, log, limit: 100 }
  const sending = Array.from({ length: senders }, () => worker("sender.ts", task))
  const seed = fc.readConfigureGlobal().seed ?? 0
  const moments = fc.sample(fc.tuple(fc.nat({ max: importers + senders - 1 }), fc.nat({ max: 400 })), {
    seed,
    numRuns: kills
  })
  let killed = 0
  for (const [index, [victim, millis]] of moments.entries()) {
    await sleep(200 + millis)
    if (await [...importing, ...sending][victim]?.kill()) killed++
    if (index === 2 || index === kills - 2) {
      await server.kill()
      await sleep(100)
      await server.restart()
    }
  }
  for (const each of importing) expect(await each.exitCode()).toBe(0)
  for (let left = 1; left > 0; await sleep(50)) {
    const stats = await Promise.all(
      campaigns.map((campaignId) => engine.campaigns.stats({ workspaceId, campaignId }))
    )
    left = stats.reduce((total, { queued }) => total + queued, 0)
  }
  for (const each of sending) each.end()
  for (const each of sending) expect(await each.exitCode()).toBe(0)

  const client = new Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  const column = async (sql: string): Promise<ReadonlyArray<unknown>> =>
    (await client.query({ text: sql, rowMode: "array" })).rows.map(([value]) => value)
  expect(await column("SELECT count(*)::int FROM lead")).toEqual([people + 1])
  expect(await column("SELECT count(*)::int FROM enrollment GROUP BY campaign ORDER BY campaign")).toEqual([
    people + 1,
    ...own.map(() => size + 1)
  ])
  expect(await column("SELECT DISTINCT state || ' ' || position FROM enrollment")).toEqual(["completed 2"])
  expect(await column("SELECT DISTINCT state FROM message")).toEqual(["sent"])
  const enrolled = people + 1 + importers * (size + 1)
  expect(await column("SELECT count(*)::int FROM message")).toEqual([2 * enrolled])
  // A lead has what one of the lists that name it has said.
  expect(
    await column(`SELECT count(*)::int FROM lead WHERE key LIKE 'lead%' AND
      substring(key FROM '^lead(\\d+)@')::int - substring(company FROM '^list (\\d+)$')::int NOT BETWEEN 0 AND ${size - 1}`)
  ).toEqual([0])
  expect(
    await column(`SELECT count(*)::int FROM campaign AS c WHERE (c.enrolled, c.active, c.pending, c.sent) IS DISTINCT FROM
      ((SELECT count(*) FROM enrollment AS e WHERE e.campaign = c.number), 0::bigint, 0::bigint,
       (SELECT count(*) FROM message AS m WHERE m.campaign = c.number AND m.sent_at IS NOT NULL))`)
  ).toEqual([0])
  // Who was enrolled and what was sent is told once.
  expect(
    await column(
      `SELECT sum(json_array_length(event->'leadIds'))::int FROM event WHERE event->>'kind' = 'lead.enrolled'`
    )
  ).toEqual([enrolled])
  expect(
    await column(
      `SELECT sum(json_array_length(event->'messageIds'))::int FROM event WHERE event->>'kind' = 'message.sent'`
    )
  ).toEqual([2 * enrolled])
  expect(await column("SELECT max(sequence) - count(*) FROM event")).toEqual(["0"])

  const attempts = new Map<string, Array<string>>()
  for (const [, id = "", attempt = ""] of readFileSync(log, "utf8").matchAll(/^(\S+) (\d+)$/gm))
    attempts.set(id, [...(attempts.get(id) ?? []), attempt])
  expect(attempts.size).toBe(2 * enrolled)
  for (const [id, numbers] of attempts) expect(new Set(numbers).size, id).toBe(numbers.length)
  expect(killed).toBeGreaterThan(kills / 2)
})
