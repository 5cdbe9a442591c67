/** The worker of `examples/send-loop.ts`, killed again and again, against what a mail server saw of it. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { PostgresRepository } from "@leadterra/adapter-postgres"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { Limits } from "@leadterra/core"
import { open } from "@leadterra/core/promise"
import fc from "fast-check"
import { expect, it, onTestFinished } from "vitest"
import { type Received, startSink } from "../examples/support/smtp-sink.ts"
import { runToEnd } from "../scripts/run.ts"
import { hostileTargets, requestRaw, sendRaw, statusOf } from "./http.ts"
import { startPostgres } from "./postgres.ts"

const kills = process.env["NIGHTLY"] === undefined ? 8 : 60
const script = join(import.meta.dirname, "..", "examples", "send-loop.ts")
const workspaceId = "acme"
it("runs on PostgreSQL, and again on what it left there", async () => {
  const server = await startPostgres()
  onTestFinished(server.stop)
  const database = `send_loop_${process.pid}`
  await server.run(`CREATE DATABASE ${database}`)
  const env = { LEADTERRA_DB: server.url(database) }
  for (const run of ["first run", "second run"]) {
    const { code, seen } = await runToEnd([process.execPath, script], tmpdir(), env)
    expect(code, `${run}:\n${seen}`).toBe(0)
  }
  const engine = await open(PostgresRepository.layer({ url: server.url(database) }))
  onTestFinished(engine.close)
  const [campaign] = (await engine.campaigns.list({ workspaceId })).items
  const stats = await engine.campaigns.stats({ workspaceId, campaignId: campaign?.id ?? "" })
  expect(stats.sent).toBeGreaterThan(0)
})

it("FAULTS 41: unsubscribe links act on a signed POST alone, and survive any URL and any body", async () => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-unsubscribe-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const arrived = Promise.withResolvers<Received>()
  const attacked = Promise.withResolvers<void>()
  const sink = await startSink((message) => {
    if (message.to.startsWith("ava@")) arrived.resolve(message)
    // The worker waits for its answer, and serves its links meanwhile.
    return attacked.promise
  })
  onTestFinished(sink.stop)
  const worker = runToEnd([process.execPath, script], folder, { SMTP_URL: sink.url })
  const { messageId, oneClick } = await arrived.promise
  const { pathname, port } = new URL(oneClick)
  const status = (method: string, target: string, body = "") => requestRaw(Number(port), method, target, body)
  const id = messageId.slice(1, messageId.indexOf("@"))
  // Message ids of a batch can be counted through: none of these stops anybody.
  for (const target of [`/unsubscribe/${id}`, `/unsubscribe/${encodeURIComponent(id)}`, `${pathname}A`])
    for (const method of ["GET", "POST"]) expect(await status(method, target)).toBe(404)
  for (const target of hostileTargets)
    for (const method of ["GET", "POST", "PUT"]) expect([0, 400, 404]).toContain(await status(method, target))
  expect(statusOf(await sendRaw(Number(port), "nonsense\r\n\r\n"))).toBe(400)
  const page = await fetch(oneClick)
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<form method="post">')])
  expect(await status("PUT", pathname)).toBe(405)
  const engine = await open(SqliteRepository.layer({ filename: join(folder, "send-loop.db") }))
  onTestFinished(engine.close)
  const suppressed = async () =>
    (await engine.suppression.list({ workspaceId })).items.map(({ entry }) => entry)
  expect(await suppressed()).toEqual([])
  expect(await status("POST", pathname, "x".repeat(1_000_000))).toBe(200)
  expect(await status("POST", pathname, "List-Unsubscribe=One-Click")).toBe(200)
  expect(await suppressed()).toEqual(["ava@example.com"])
  attacked.resolve()
  const { code, seen } = await worker
  expect(code, seen).toBe(0)
})

it(`SQ-3, DE-1, DE-3: a worker that is killed ${kills} times forgets nobody, and records no step twice`, async () => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-send-loop-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const received: Array<Received> = []
  const sink = await startSink((message) => {
    received.push(message)
    // Long enough for a kill between what has arrived and its answer.
    return sleep(60)
  })
  onTestFinished(sink.stop)
  const start = () =>
    spawn(process.execPath, [script], {
      cwd: folder,
      env: { ...process.env, SMTP_URL: sink.url },
      stdio: "pipe"
    })

  const seed = fc.readConfigureGlobal().seed ?? 0
  for (const millis of fc.sample(fc.integer({ min: 0, max: 120 }), { seed, numRuns: kills })) {
    const before = received.length
    const worker = start()
    let over = false
    const ended = once(worker, "exit").then(() => {
      over = true
    })
    // Around the moment at which the mail server answers and the worker records.
    while (received.length === before && !over) await sleep(2)
    await sleep(millis)
    worker.kill("SIGKILL")
    await ended
  }
  const last = start()
  let seen = ""
  for (const stream of [last.stdout, last.stderr]) stream.on("data", (text) => (seen += text))
  const [code] = await once(last, "exit")
  expect(code, seen).toBe(0)

  const engine = await open(SqliteRepository.layer({ filename: join(folder, "send-loop.db") }))
  onTestFinished(engine.close)
  const [campaign] = (await engine.campaigns.list({ workspaceId })).items
  const ref = { workspaceId, campaignId: campaign?.id ?? "" }
  const leads = (await engine.leads.list({ workspaceId })).items
  expect(leads).toHaveLength(6)
  let recorded = 0
  for (const { email } of leads) {
    const { messages, verdict } = await engine.leads.explain({ ...ref, email })
    const sent = messages.filter(({ sentAt }) => sentAt !== null)
    recorded += sent.length
    // Mail to Dan is put off. A kill is also a failure of each claimed message.
    const hasFailed = verdict.reason === "ended" && verdict.why === "failed"
    if (hasFailed) expect(messages.at(-1)?.failures).toBe(Limits.maxFailures)
    if (email.startsWith("gone@")) {
      if (!hasFailed) expect(verdict).toMatchObject({ reason: "ended", why: "bounced" })
      expect(received.filter(({ to }) => to === email)).toEqual([])
      continue
    }
    // Bo's unsubscribe may have met no worker.
    if (!hasFailed && verdict.reason !== "completed") expect(email).toBe("bo@example.com")
    expect(sent.map(({ step }) => step)).toEqual(sent.map((_, step) => step))
    for (const { messageId } of sent)
      expect(received.some((mail) => mail.to === email && mail.messageId.includes(messageId))).toBe(true)
  }
  expect((await engine.campaigns.stats(ref)).sent).toBe(recorded)

  const times = new Map<string, number>()
  const bodies = new Map<string, string>()
  for (const { body, messageId } of received) {
    times.set(messageId, (times.get(messageId) ?? 0) + 1)
    expect(bodies.get(messageId) ?? body, "what goes out again is the same").toBe(body)
    bodies.set(messageId, body)
  }
  const twice = [...times.values()].filter((count) => count > 1).length
  for (const count of times.values()) expect(count).toBeLessThanOrEqual(kills + 1)
  console.log(`${kills} kills: ${received.length} messages arrived, ${twice} of ${times.size} more than once`)
})
