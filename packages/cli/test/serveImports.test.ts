/** Imports by `serve` as a process: killed, replaced while it runs, and sent uploads that never end. */
import { once } from "node:events"
import { readdirSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import Database from "better-sqlite3"
import { describe, expect, it, vi } from "vitest"
import { serving } from "./process.ts"
import { runOn, scene } from "./terminal.ts"

const kills = process.env["NIGHTLY"] === undefined ? 1 : 10
const rows = 12_000

/** A list with rows that fail, and with addresses that come again. */
const list = `email,firstName\n${Array.from({ length: rows }, (_, row) =>
  row % 997 === 5 ? `nobody ${row},=No` : `lead${row % 10_000}@acme.com,Ann ${row}`
).join("\n")}\n`

const start = async () => {
  const { folder } = scene()
  const key = (await runOn(folder)(["keys", "create"])).out.trim()
  const call = async (
    url: string,
    method: string,
    path: string,
    body?: string,
    type = "application/json"
  ) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": type }
    const response = await fetch(
      url + path,
      body === undefined ? { method, headers } : { method, headers, body }
    )
    return { status: response.status, text: await response.text() }
  }
  const json = async (...given: Parameters<typeof call>) => JSON.parse((await call(...given)).text)
  const campaignOn = async (url: string): Promise<string> =>
    (await json(url, "POST", "/v1/campaigns", '{"name":"Spring"}')).campaign.id
  const upload = async (url: string, campaignId: string): Promise<string> =>
    (await json(url, "POST", `/v1/campaigns/${campaignId}/imports`, list, "text/csv")).import.id
  const until = (url: string, id: string, isMet: (job: Record<string, unknown>) => boolean) =>
    vi.waitFor(
      async () => {
        const { import: job } = await json(url, "GET", `/v1/imports/${id}`)
        if (!isMet(job)) throw new Error(JSON.stringify(job))
        return job
      },
      { timeout: 60_000, interval: 10 }
    )
  const isCompleted = ({ state }: Record<string, unknown>) => state === "completed"
  const exported = async (campaignId: string) => {
    const { out } = await runOn(folder)(["leads", "export", "--campaign", campaignId, "--format", "ndjson"])
    return out
      .replaceAll(/"enrolledAt":"[^"]*"/g, "")
      .split("\n")
      .sort()
  }
  const files = () => {
    const [inner = ""] = readdirSync(join(folder, "leads.db-imports"))
    return readdirSync(join(folder, "leads.db-imports", inner)).filter((name) => name !== "spool.id")
  }
  return { call, campaignOn, exported, files, folder, isCompleted, json, key, until, upload }
}

/** The end of an import that nobody disturbs. */
const undisturbed = async () => {
  const { call, campaignOn, exported, folder, isCompleted, until, upload } = await start()
  const { child, url } = await serving(folder)
  const campaignId = await campaignOn(url)
  const id = await upload(url, campaignId)
  const { result } = await until(url, id, isCompleted)
  const failed = (await call(url, "GET", `/v1/imports/${id}/failed-rows`)).text
  child.kill("SIGTERM")
  return { result, failed, leads: await exported(campaignId) }
}

describe("an import", () => {
  it("of a server that is killed says so, goes on, and ends as one that nobody disturbed", async () => {
    const whole = await undisturbed()
    expect(whole.result).toMatchObject({ enrolled: 9_992, updated: 1_995, failed: 13 })
    const { call, campaignOn, exported, files, folder, isCompleted, json, until, upload } = await start()
    let server = await serving(folder)
    const campaignId = await campaignOn(server.url)
    const id = await upload(server.url, campaignId)
    for (let kill = 0; kill < kills; kill++) {
      const { rows: before } = await json(server.url, "GET", `/v1/imports/${id}`).then((body) => body.import)
      await until(server.url, id, (job) => Number(job["rows"]) > before)
      server.child.kill("SIGKILL")
      await once(server.child, "exit")
      // The time of the lease passes.
      const db = new Database(join(folder, "leads.db"))
      const set = "UPDATE server_import SET due_at = ?, job = json_set(job, '$.dueAt', ?, '$.lease.until', ?)"
      const past = Date.now() - 1
      db.prepare(set).run(past, past, past)
      db.close()
      server = await serving(folder)
      const stopped = await until(server.url, id, ({ state }) => state === "failed")
      expect(stopped).toMatchObject({ resumable: true, failure: { code: "interrupted" } })
      expect(Number(stopped["next"])).toBeLessThan(rows)
      expect((await call(server.url, "POST", `/v1/imports/${id}/resume`)).status).toBe(202)
    }
    const { result } = await until(server.url, id, isCompleted)
    expect(result).toEqual(whole.result)
    expect((await call(server.url, "GET", `/v1/imports/${id}/failed-rows`)).text).toBe(whole.failed)
    expect(await exported(campaignId)).toEqual(whole.leads)
    await vi.waitFor(() => expect(files().filter((name) => !name.endsWith(".failed"))).toEqual([]), {
      timeout: 30_000
    })
  }, 180_000)

  it("goes on by itself in a second server when the first one is told to stop", async () => {
    const { campaignOn, folder, isCompleted, until, upload } = await start()
    const first = await serving(folder)
    const id = await upload(first.url, await campaignOn(first.url))
    const second = await serving(folder)
    await until(first.url, id, ({ rows }) => Number(rows) > 0)
    first.child.kill("SIGTERM")
    expect((await first.ended).exitCode).toBe(0)
    const { result } = await until(second.url, id, isCompleted)
    expect(result).toMatchObject({ enrolled: 9_992, updated: 1_995, failed: 13 })
  }, 120_000)

  it("does not begin with an upload that breaks off, and nothing of it stays", async () => {
    const { campaignOn, files, folder, json, key } = await start()
    const { port, url } = await serving(folder)
    const path = `/v1/campaigns/${await campaignOn(url)}/imports`
    const headers = `host: x\r\nauthorization: Bearer ${key}\r\ncontent-type: text/csv\r\ncontent-length: 9999\r\n`
    const halfClosed = connect(port, "127.0.0.1")
    halfClosed.end(`POST ${path} HTTP/1.1\r\n${headers}\r\nemail\nava@acme.com\n`)
    halfClosed.resume()
    const closed = once(halfClosed, "close")
    const left = connect(port, "127.0.0.1")
    left.on("error", () => {})
    left.write(`POST ${path} HTTP/1.1\r\n${headers}\r\nemail\nava@acme.com\n`)
    await vi.waitFor(() => expect(files().length).toBeGreaterThan(0), { timeout: 30_000 })
    left.destroy()
    await closed
    await vi.waitFor(() => expect(files()).toEqual([]), { timeout: 30_000 })
    expect(await json(url, "GET", "/v1/imports")).toEqual({ imports: [], next: null })
  })

  it("is refused before its list is read, over sockets too", async () => {
    const { call, folder } = await start()
    const { url } = await serving(folder)
    const { status, text } = await call(url, "POST", "/v1/campaigns/camp_unknown/imports", list, "text/csv")
    expect([status, JSON.parse(text).code]).toEqual([404, "campaign_not_found"])
  })
})

describe("the folder of imports", () => {
  it("that is named must be usable", async () => {
    const { command, put } = scene()
    put("taken.txt", "")
    const named = await command(["serve", "--port", "0", "--spool-dir", "taken.txt"])
    expect(named).toMatchObject({ exitCode: 6, out: "", err: expect.stringContaining("ENOTDIR") })
  })

  it("that nobody named leaves a server without imports where it cannot be used, and says why", async () => {
    const { folder, put } = scene()
    put("leads.db-imports", "")
    const { child, ended } = await serving(folder)
    child.kill("SIGTERM")
    expect((await ended).err).toContain('"event":"no imports","why":"the spool failed with ENOTDIR')
  })
})
