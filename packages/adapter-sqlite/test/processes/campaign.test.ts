/** A whole campaign, from its start to its end, through two workers that are killed again and again. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { Ids } from "@leadterra/core"
import { open } from "@leadterra/core/promise"
import Database from "better-sqlite3"
import fc from "fast-check"
import { expect, it, onTestFinished } from "vitest"
import { SqliteRepository } from "../../src/index.ts"
import { leadRows } from "../../src/leadRows.ts"
import type { Task } from "./sender.ts"

const nightly = process.env["NIGHTLY"] !== undefined
const size = nightly ? 100_000 : 5_000
const kills = nightly ? 60 : 8
/** Some hundred claims, so that the workers are still at it when the last kill comes. */
const limit = nightly ? 500 : 50
const workspaceId = "w"
const steps = Array(3).fill({ subject: "Hi {{firstName}}", bodyHtml: "<p>{{company}}</p>" })

it(`SQ-1, SQ-3, SU-2, DE-1: ${size} leads go through three steps with two workers and ${kills} kills, no step doubled and none missing`, async () => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-campaign-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const filename = join(folder, "store.db")
  const log = join(folder, "log")
  writeFileSync(log, "")
  const engine = await open(SqliteRepository.layer({ filename, busyTimeoutMillis: 60_000 }))
  onTestFinished(engine.close)
  const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "c", steps })
  const ref = { workspaceId, campaignId }
  for (let from = 0; from < size; from += 1_000) {
    const leads = Array.from({ length: 1_000 }, (_, i) => ({
      email: `lead${from + i}@example${i % 100}.com`,
      firstName: "Ava",
      company: "Acme"
    }))
    await engine.leads.bulkUpsert({ ...ref, leads })
  }
  expect(await engine.campaigns.start(ref)).toMatchObject({ leadsEnrolled: size, queuedMessages: size })

  const task: Task = { filename, log, limit, ...ref }
  const script = join(import.meta.dirname, "sender.ts")
  const start = () => {
    const child = spawn(process.execPath, [script, JSON.stringify(task)], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    return { child, ended: once(child, "exit") }
  }
  const workers = [start(), start()]
  const seed = fc.readConfigureGlobal().seed ?? 0
  const moments = fc.sample(fc.tuple(fc.nat({ max: 1 }), fc.nat({ max: 60 })), { seed, numRuns: kills })
  let killed = 0
  for (const [index, [victim, millis]] of moments.entries()) {
    const worker = workers[victim]
    if (worker === undefined) continue
    // Around a claim and its record.
    await Promise.race([once(worker.child.stdout, "data"), worker.ended])
    await sleep(millis)
    if (worker.child.kill("SIGKILL")) killed++
    await worker.ended
    workers[victim] = start()
    // The first of them, while most of the messages wait.
    if (index === 0) await engine.suppression.add({ workspaceId, entries: ["@example7.com"] })
  }
  for (const { child, ended } of workers) {
    child.stdout.resume()
    const [code] = await ended
    expect(code).toBe(0)
  }
  expect(killed).toBe(kills)

  const db = new Database(filename, { readonly: true })
  onTestFinished(() => void db.close())
  const one = (sql: string): unknown => db.prepare(sql).pluck().get()
  expect(one("SELECT count(*) FROM enrollment WHERE state = 'active'")).toBe(0)
  expect(one("SELECT count(*) FROM message WHERE state IN ('queued', 'leased')")).toBe(0)
  expect(one("SELECT count(*) FROM enrollment WHERE state = 'completed' AND position <> 3")).toBe(0)
  expect(
    one(`SELECT count(*) FROM enrollment AS e WHERE position <>
      (SELECT count(*) FROM message AS m WHERE m.campaign = e.campaign AND m.lead = e.lead AND m.sent_at IS NOT NULL)`)
  ).toBe(0)
  const completed = Number(one("SELECT count(*) FROM enrollment WHERE state = 'completed'"))
  const early = db
    .prepare<[], { readonly reason: string; readonly leads: number; readonly sent: number }>(
      "SELECT end_reason AS reason, count(*) AS leads, sum(position) AS sent FROM enrollment WHERE state = 'ended' GROUP BY 1 ORDER BY 1"
    )
    .all()
  expect(early.map(({ reason }) => reason)).toEqual(["bounced", "replied", "suppressed", "unsubscribed"])
  const sent = 3 * completed + early.reduce((sum, row) => sum + row.sent, 0)
  expect((await engine.campaigns.stats(ref)).sent).toBe(sent)

  const attempts = new Map<string, Array<number>>()
  for (const [, id = "", attempt] of readFileSync(log, "utf8").matchAll(/^(\S+) (\d+)$/gm))
    attempts.set(id, [...(attempts.get(id) ?? []), Number(attempt)])
  for (const [id, numbers] of attempts) expect(new Set(numbers).size, id).toBe(numbers.length)
  const rows = db
    .prepare<[], { readonly lead: number; readonly step: number }>(
      "SELECT lead, step FROM message WHERE sent_at IS NOT NULL"
    )
    .all()
  const idOf = leadRows(db).idsOf(rows.map(({ lead }) => lead))
  const recorded = rows.map(({ lead, step }) =>
    Ids.messageId(Ids.WorkspaceId.make("w"), campaignId, idOf(lead), step)
  )
  expect(recorded).toHaveLength(sent)
  for (const id of recorded) if (!attempts.has(id)) expect.fail(`${id} was recorded and never handed out`)
  const twice = [...attempts.values()].filter((numbers) => numbers.length > 1).length
  const ends = early.map(({ leads, reason }) => `${leads} ${reason}`).join(", ")
  console.log(
    `${sent} sends recorded; ${completed} completed, ${ends}; ${twice} messages handed out more than once`
  )
})
