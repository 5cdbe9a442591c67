/** The server by the eyes of Prism, which reads `openapi.json` by itself: no call or answer differs from the document. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { MemoryRepository } from "@leadterra/adapter-memory"
import { open } from "@leadterra/core/promise"
import { createKey, handlers, MemoryServerStore } from "@leadterra/http"
import { openSpool } from "@leadterra/http/node"
import { describe, expect, it, onTestFinished } from "vitest"
import { runToEnd } from "../../../scripts/run.ts"
import { blocksOf } from "../../../test/markdown.ts"
import { startPrism } from "./prism.ts"
import { startServer, steps } from "./server.ts"

const guide = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "guide.md"), "utf8")
const curls = blocksOf(guide).filter(({ info }) => info === "sh")

interface Sent {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: string
}

const send = async (origin: string, { body, headers, method, path }: Sent) => {
  const response = await fetch(origin + path, { method, headers, ...(body === undefined ? {} : { body }) })
  const text = await response.text()
  const answer = { status: response.status, text, violations: response.headers.get("sl-violations") }
  // A type of the proxy's own is a violation, whatever the status.
  expect(text, `${method} ${path}`).not.toContain("stoplight.io")
  expect(answer.violations, `${method} ${path}`).toBe(null)
  return answer
}

describe("prism finds no violation", () => {
  it("in the calls of the guide", async () => {
    const folder = mkdtempSync(join(tmpdir(), "leadterra-prism-"))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const engine = await open(MemoryRepository.layer)
    const store = MemoryServerStore.make()
    const api = handlers({ engine, store, spool: await openSpool({ folder, store }) })
    onTestFinished(async () => {
      await api.close()
      await engine.close()
    })
    const keyOf = async (workspaceId: string, mode: "live" | "test") =>
      (await createKey({ engine, store }, { workspaceId, mode, now: Date.now() })).key
    const keys = { live: await keyOf("ws_live", "live"), test: await keyOf("ws_test", "test") }
    const { strict } = await startPrism(api.fetch)
    const ids = new Map<string, string>()
    for (const { code, line } of curls) {
      const command = code
        .replaceAll("http://127.0.0.1:8787", strict)
        .replaceAll("sk_live_YOUR_KEY", keys.live)
        .replaceAll("sk_test_YOUR_KEY", keys.test)
        .replaceAll(/\b(\w+)_YOUR_ID\b/g, (text, kind) => ids.get(kind) ?? text)
      // A loop of the guide would wait for ever behind a proxy that refuses its call.
      const { code: exitCode, stdout } = await runToEnd(["timeout", "30", "sh", "-c", command], folder)
      expect(stdout, `line ${line}`).not.toContain("stoplight.io")
      expect(exitCode, `line ${line}`).toBe(0)
      for (const [id = "", kind = ""] of stdout.matchAll(/\b(camp|imp|msg|wh)_\w+/g))
        if (!ids.has(kind) || code.includes("/v1/campaigns \\")) ids.set(kind, id)
    }
    expect([...ids.keys()]).toEqual(["camp", "msg", "wh", "imp"])
  })

  it("in answers that refuse a call", async () => {
    const server = await startServer({ maxBodyBytes: 5_000 })
    const { lenient } = await startPrism(server.server.fetch)
    const key = await server.keyOf("ws_1")
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" }
    const empty = await server.createCampaign()
    const draft = await server.createCampaign(steps)
    const running = await server.createCampaign(steps)
    const leads = [{ email: "ava@acmecorp.com" }]
    await server.call("POST", `/v1/campaigns/${running}/leads/bulk`, { leads })
    await server.call("POST", `/v1/campaigns/${running}/start`)
    const bulk = `/v1/campaigns/${draft}/leads/bulk`
    const keyed = { "idempotency-key": "batch-1" }
    const sent: ReadonlyArray<readonly [number, string, string, unknown?, Record<string, string>?]> = [
      [400, "POST", "/v1/campaigns", { name: "Spring", nmae: "Spring" }],
      [400, "POST", "/v1/campaigns", { name: 7 }],
      [400, "POST", "/v1/campaigns", { name: "Spring" }, keyed],
      [400, "POST", bulk, { leads: { length: 3 } }],
      [400, "GET", "/v1/campaigns?after=none"],
      [400, "GET", "/v1/campaigns?limit=many"],
      [400, "POST", `/v1/campaigns/${empty}/start`],
      [400, "POST", `/v1/campaigns/${draft}/start`],
      [401, "GET", "/v1/campaigns", undefined, { authorization: "Bearer sk_live_none" }],
      [404, "GET", "/v1/campaigns/camp_unknown/stats"],
      [404, "POST", "/v1/leads/lookup", { email: "nobody@example.com" }],
      [404, "GET", "/v1/test-clock"],
      [409, "PATCH", `/v1/campaigns/${running}`, { name: "Summer" }],
      [412, "PATCH", `/v1/campaigns/${draft}`, { name: "Summer" }, { "if-match": '"none"' }],
      [413, "POST", bulk, { leads: [{ email: "ava@acmecorp.com", note: "x".repeat(6_000) }] }],
      [415, "POST", bulk, { leads }, { "content-type": "text/plain" }],
      [422, "POST", `${bulk}?onInvalid=reject`, { leads: [{ email: "none" }, 7] }],
      [422, "POST", "/v1/suppression-list", { emails: ["none"] }],
      [200, "POST", bulk, { leads }, keyed],
      [200, "POST", bulk, { leads }, keyed],
      [422, "POST", bulk, { leads: [] }, keyed]
    ]
    for (const [status, method, path, value, more = {}] of sent) {
      const body = value === undefined ? {} : { body: JSON.stringify(value) }
      const answer = await send(lenient, { method, path, headers: { ...headers, ...more }, ...body })
      expect([answer.status, method, path], answer.text).toEqual([status, method, path])
    }
  })

  it("unless an answer differs from the document", async () => {
    const { lenient } = await startPrism(async () => Response.json({ campaigns: [], next: 7 }))
    const response = await fetch(`${lenient}/v1/campaigns`)
    expect([response.status, await response.text()]).toEqual([500, expect.stringContaining("stoplight.io")])
  })
})
