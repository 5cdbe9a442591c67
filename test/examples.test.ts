/** Every program in `examples/` works in an empty folder, and works again on what it left there. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { globSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { open, Unsubscribe } from "@leadterra/core/promise"
import { describe, expect, it, onTestFinished } from "vitest"
import { runToEnd } from "../scripts/run.ts"
import { hostileTargets, requestRaw } from "./http.ts"

const root = join(import.meta.dirname, "..")
const service = "examples/web-service.ts"
const programs = globSync("examples/*.ts", { cwd: root })
  .sort()
  .filter((example) => example !== service)

const emptyFolder = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `leadterra-${basename(name, ".ts")}-`))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const secret = "0123456789abcdef".repeat(4)

/** A message that another process claims from the service's file, and the token of its link. */
const claimed = async (folder: string) => {
  const engine = await open(SqliteRepository.layer({ filename: join(folder, "web-service.db") }))
  const [message] = await engine.delivery.claim({ workspaceId: "acme", limit: 1 })
  await engine.close()
  const messageId = message?.messageId ?? ""
  return { messageId, token: await Unsubscribe.sign({ secret, messageId }) }
}

describe("examples", () => {
  it("exist", () => expect(programs).not.toEqual([]))

  it.each(programs)("%s runs in an empty folder, and again on the files it left", async (example) => {
    const folder = emptyFolder(example)
    for (const run of ["first run", "second run"]) {
      const { code, seen } = await runToEnd([process.execPath, join(root, example)], folder)
      expect(code, `${run}:\n${seen}`).toBe(0)
      if (!example.startsWith("examples/http-")) continue
      expect(seen).toContain("POST /v1/campaigns: 201\n")
      expect(seen).toContain("GET /: my own page\n")
    }
  })

  it(`${service} answers requests, maps failures to statuses, and stops when it is told to`, async () => {
    const env = { ...process.env, PORT: "0", UNSUBSCRIBE_SECRET: secret }
    const folder = emptyFolder(service)
    const child = spawn(process.execPath, [join(root, service)], { cwd: folder, env })
    onTestFinished(() => void child.kill("SIGKILL"))
    let seen = ""
    child.stderr.on("data", (text) => {
      seen += text
    })
    const [line] = await once(child.stdout, "data")
    const origin = /http:\S+/.exec(String(line))?.[0]
    const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
      const request = { method: "POST", body: JSON.stringify(body), headers }
      const response = await fetch(`${origin}/acme/${path}`, request)
      const answer: Record<string, unknown> = JSON.parse(await response.text())
      return { status: response.status, body: answer }
    }
    const steps = [{ subject: "Hi", bodyHtml: "<p>{{firstName}}</p>" }]
    const { status, body: campaign } = await post("campaigns", {
      name: "Spring",
      steps,
      workspaceId: "other"
    })
    expect([status, campaign["workspaceId"]]).toEqual([201, "acme"])
    const path = `campaigns/${campaign["id"]}`
    expect(await post(`${path}/start`, {})).toMatchObject({ status: 409, body: { error: "NoLeadsEnrolled" } })
    expect(await post("suppressions", { emails: ["opted.out@example.com"] })).toMatchObject({ status: 200 })
    const rows = [{ email: "ava@acmecorp.com" }, { email: "opted.out@example.com" }, { email: "nobody" }]
    expect(await post(`${path}/leads`, rows)).toMatchObject({
      status: 200,
      body: { enrolled: 1, skipped: 1, failed: 1, totalInCampaign: 1 }
    })
    const key = { "idempotency-key": "a batch" }
    const late = [{ email: "bo@acmecorp.com" }]
    const first = await post(`${path}/leads`, late, key)
    expect(first).toMatchObject({ status: 200, body: { enrolled: 1 } })
    expect(await post(`${path}/leads`, late, key)).toEqual({
      ...first,
      body: { ...first.body, replayed: true }
    })
    expect(await post(`${path}/leads`, rows, key)).toMatchObject({ status: 409 })
    expect(await post(`${path}/start`, {})).toMatchObject({ status: 200, body: { queuedMessages: 2 } })
    expect(await post(`${path}/leads`, { email: "no list" })).toMatchObject({
      status: 422,
      body: { error: "InvalidRequest", issues: [{ path: "leads" }] }
    })
    expect(await post("campaigns/camp_unknown/leads", [])).toMatchObject({ status: 404 })
    expect((await fetch(`${origin}/acme/${path}`)).status).toBe(200)
    expect((await fetch(`${origin}/acme/campaigns`, { method: "POST", body: "{" })).status).toBe(400)
    const port = Number(new URL(origin ?? "").port)
    for (const target of hostileTargets)
      for (const method of ["GET", "POST"])
        expect([0, 400, 404, 405]).toContain(await requestRaw(port, method, target, "{"))
    const { messageId, token } = await claimed(folder)
    const link = `${origin}/unsubscribe/${token}`
    expect((await fetch(`${origin}/unsubscribe/${messageId}`, { method: "POST" })).status).toBe(404)
    expect(await (await fetch(link)).text()).toContain('<form method="post">')
    const suppressed = async () => {
      const engine = await open(SqliteRepository.layer({ filename: join(folder, "web-service.db") }))
      const { items } = await engine.suppression.list({ workspaceId: "acme" })
      await engine.close()
      return items.map(({ entry }) => entry)
    }
    expect(await suppressed()).toEqual(["opted.out@example.com"])
    expect((await fetch(link, { method: "POST" })).status).toBe(200)
    expect(await suppressed()).toHaveLength(2)
    child.kill("SIGTERM")
    const [code] = await once(child, "exit")
    expect(code, seen).toBe(0)
    expect(seen).toBe("")
  })
})
