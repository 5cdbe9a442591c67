/** Calls under way and answers that nobody reads: what one workspace leaves to the others. */
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { MemoryServerStore } from "@leadterra/http"
import { openSpool } from "@leadterra/http/node"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { readMillis } from "../src/heldAnswer.ts"
import { startServer } from "./server.ts"

const run = promisify(execFile)

/** A server whose lists of the first workspace wait until they are let go. */
const startSlow = async (options = {}) => {
  const begun: Array<() => void> = []
  const started = await startServer(options, (engine) => ({
    ...engine,
    campaigns: {
      ...engine.campaigns,
      list: async (input, options) => {
        if (input.workspaceId === "ws_1") await new Promise<void>((resolve) => void begun.push(resolve))
        return engine.campaigns.list(input, options)
      }
    }
  }))
  const letGo = (count: number): void => {
    for (const resolve of begun.splice(0, count)) resolve()
  }
  const list = () => started.call("GET", "/v1/campaigns")
  return { ...started, begun, letGo, list }
}

describe("the calls of a workspace that are under way", () => {
  it("are four, its next ones wait for them, and those of other workspaces do not", async () => {
    const { begun, call, keyOf, letGo, list } = await startSlow()
    const calls = Array.from({ length: 6 }, list)
    await vi.waitFor(() => expect(begun).toHaveLength(4), { timeout: 30_000 })
    const other = await call("GET", "/v1/campaigns", undefined, { key: await keyOf("ws_2") })
    expect([other.status, begun.length]).toEqual([200, 4])
    letGo(1)
    await vi.waitFor(() => expect(begun).toHaveLength(4), { timeout: 30_000 })
    letGo(4)
    await vi.waitFor(() => expect(begun).toHaveLength(1), { timeout: 30_000 })
    letGo(1)
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(Array(6).fill(200))
  })

  it("a hundred more wait, and one above them gets 429", async () => {
    const { begun, letGo, list } = await startSlow({ maxCallsAtOnce: 1 })
    const calls = Array.from({ length: 102 }, list)
    expect(await Promise.race(calls)).toMatchObject({ status: 429, body: { code: "too_many_requests" } })
    const letting = setInterval(() => letGo(begun.length), 0)
    onTestFinished(() => clearInterval(letting))
    const statuses = (await Promise.all(calls)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(101)
  })

  it("callers who leave while they wait, or while they are under way, make room", async () => {
    const { answered, begun, keyOf, letGo, list, server } = await startSlow({ maxCallsAtOnce: 1 })
    const headers = { authorization: `Bearer ${await keyOf("ws_1")}` }
    const leaving = new AbortController()
    const request = () => new Request("http://localhost/v1/campaigns", { headers, signal: leaving.signal })
    const left = [server.fetch(request()), server.fetch(request())]
    await vi.waitFor(() => expect(begun).toHaveLength(1), { timeout: 30_000 })
    leaving.abort()
    await Promise.all(left)
    const call = list()
    await vi.waitFor(() => expect(begun).toHaveLength(2), { timeout: 30_000 })
    letGo(2)
    expect((await call).status).toBe(200)
    expect(answered.map(({ status }) => status)).toEqual([499, 499, 200])
  })

  it("that are slow in their bodies hold nothing", async () => {
    const { call, keyOf, server } = await startServer({ maxCallsAtOnce: 1 })
    const headers = { authorization: `Bearer ${await keyOf("ws_1")}`, "content-type": "application/json" }
    let end = (): void => {}
    const body = new ReadableStream({
      start: (controller) => {
        end = () => controller.error(new Error("left"))
      }
    })
    const init = { method: "POST", headers, body, duplex: "half" } as RequestInit
    const slow = server.fetch(new Request("http://localhost/v1/campaigns", init))
    expect((await call("GET", "/v1/campaigns")).status).toBe(200)
    end()
    expect((await slow).status).toBe(400)
  })
})

describe("the upload of a list", () => {
  it("takes no slot, however slow it is", async () => {
    const folder = mkdtempSync(join(tmpdir(), "leadterra-uploads-"))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const store = MemoryServerStore.make()
    const spool = await openSpool({ folder, store })
    const options = { maxCallsAtOnce: 1, spool, store }
    const { call, createCampaign, keyOf, server } = await startServer(options, (engine) => engine, store)
    const id = await createCampaign()
    const { promise: reading, resolve: read } = Promise.withResolvers<void>()
    let end = (): void => {}
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          end = () => controller.error(new Error("left"))
          read()
        }
      },
      { highWaterMark: 0 }
    )
    const headers = { authorization: `Bearer ${await keyOf("ws_1")}`, "content-type": "text/csv" }
    const init = { method: "POST", headers, body, duplex: "half" } as RequestInit
    const upload = server.fetch(new Request(`http://localhost/v1/campaigns/${id}/imports`, init))
    await reading
    expect((await call("GET", "/v1/campaigns")).status).toBe(200)
    end()
    expect((await upload).status).toBe(400)
  })
})

/** A server with a list of campaigns of some hundred kilobytes. */
const startLarge = async (options = {}) => {
  const started = await startServer(options)
  const steps = Array.from({ length: 20 }, () => ({ subject: "s", bodyHtml: "h".repeat(10_000) }))
  await started.createCampaign(steps)
  const headers = { authorization: `Bearer ${await started.keyOf("ws_1")}` }
  const ask = () => started.server.fetch(new Request("http://localhost/v1/campaigns", { headers }))
  return { ...started, ask }
}

describe("an answer that is not read", () => {
  it("is whole when it is read late, and its length is told", async () => {
    const { ask, call } = await startLarge()
    const answer = await ask()
    const { body } = await call("GET", "/v1/campaigns")
    const bytes = await answer.arrayBuffer()
    expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual(body)
    expect(answer.headers.get("content-length")).toBe(String(bytes.byteLength))
  })

  it("counts until it was read or left, and further calls of its workspace get 429 meanwhile", async () => {
    const { ask, call, keyOf } = await startLarge({ maxUnreadBytes: 1_000_000 })
    const [read, left] = [await ask(), await ask()]
    expect([read.status, left.status]).toEqual([200, 200])
    const refused = await call("GET", "/v1/campaigns")
    expect(refused).toMatchObject({ status: 429, body: { code: "too_many_requests" } })
    expect(refused.headers.get("retry-after")).toBe("1")
    const other = await call("GET", "/v1/campaigns", undefined, { key: await keyOf("ws_2") })
    expect(other.status).toBe(200)
    await read.arrayBuffer()
    expect((await call("GET", "/v1/leads")).status).toBe(200)
    await ask()
    expect((await call("GET", "/v1/leads")).status).toBe(429)
    await left.body?.cancel()
    expect((await call("GET", "/v1/leads")).status).toBe(200)
  })

  it("is cut off after its time", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    onTestFinished(() => void vi.useRealTimers())
    const { ask, call } = await startLarge({ maxUnreadBytes: 1_000_000 })
    const [answer] = [await ask(), await ask()]
    expect((await call("GET", "/v1/leads")).status).toBe(429)
    await vi.advanceTimersByTimeAsync(readMillis)
    expect((await call("GET", "/v1/leads")).status).toBe(200)
    const error = await answer?.arrayBuffer().catch((error: unknown) => error)
    expect(error).toEqual(new DOMException("the answer was not read in time", "TimeoutError"))
  })

  it("is bounded with all others, whatever many callers ask for and do not read", async () => {
    const script = join(import.meta.dirname, "unread.ts")
    const { stdout } = await run(process.execPath, ["--expose-gc", "--max-old-space-size=512", script])
    const { megabytes, other, read, statuses } = JSON.parse(stdout)
    expect(statuses).toEqual({ 200: expect.any(Number), 429: expect.any(Number) })
    expect([other, read > 7_000_000]).toEqual([200, true])
    expect(megabytes).toBeLessThan(200)
  }, 180_000)
})
