/**
 * FAULTS 42: a peer vanishes silently. Every wait of the store ends, and the workspace is unlocked.
 */

import { createServer } from "node:net"
import { EngineClosed, open } from "@leadterra/core/promise"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Client, Pool } from "pg"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"
import { PostgresRepository } from "../src/index.ts"
import { databasesOn } from "./databases.ts"
import { startProxy } from "./proxy.ts"

const server = await startPostgres()
afterAll(() => server.stop())
const newDatabase = databasesOn(server)

const workspaceId = "w"
const disconnected = { reason: { _tag: "StoreDisconnected", isRetryable: true } }

/** A new database, and a way to it that can vanish. */
const throughProxy = async () => {
  const url = new URL(await newDatabase())
  const direct = url.href
  const proxy = await startProxy(Number(url.port))
  onTestFinished(proxy.close)
  url.port = String(proxy.port)
  return { direct, url: url.href, proxy }
}

/** Short enough for a test, and longer than any answer takes here. */
const short = { acquireTimeoutMillis: 2_000, queryTimeoutMillis: 2_000, closeTimeoutMillis: 1_000 }

describe.each([
  ["the store's own pool", undefined],
  ["a pool of the host's", { pipeline: false }],
  ["a pipelined pool of the host's", { pipeline: true }]
])("on %s", (_, pooled) => {
  const engineOn = async (url: string) => {
    const pool = pooled && new Pool({ ...pooled, connectionString: url, max: 2 })
    pool?.on("error", () => {})
    const engine = await open(
      PostgresRepository.layer({ ...short, ...(pool === undefined ? { url, connections: 2 } : { pool }) })
    )
    // A pool of the host would wait for the lost connection, so the test does not end it.
    onTestFinished(engine.close)
    return engine
  }

  it("UP-6: a call whose server vanishes before any of its statements is answered ends by StoreDisconnected, and the next call works", async () => {
    const { proxy, url } = await throughProxy()
    const engine = await engineOn(url)
    const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "c" })
    let vanished = 0
    for (const messages of [1, 5]) {
      proxy.vanishAfter(messages)
      const leads = [{ email: `lead${messages}@example.com` }]
      const error = await engine.leads
        .bulkUpsert({ workspaceId, campaignId, leads })
        .catch((error: unknown) => error)
      if (!proxy.hasCut()) break
      vanished += 1
      expect(error).toMatchObject(disconnected)
      proxy.mend()
      await engine.campaigns.create({ workspaceId: "other", name: "c" })
    }
    expect(vanished).toBe(2)
  })

  it("a signal ends a call that waits for a server that has vanished", async () => {
    const { proxy, url } = await throughProxy()
    const engine = await engineOn(url)
    await engine.campaigns.create({ workspaceId, name: "c" })
    proxy.vanish()
    const controller = new AbortController()
    const call = engine.campaigns.create({ workspaceId, name: "c" }, { signal: controller.signal })
    const reason = new Error("no longer wanted")
    setImmediate(() => controller.abort(reason))
    await expect(call).rejects.toBe(reason)
    proxy.mend()
    await engine.campaigns.create({ workspaceId: "other", name: "c" })
  })

  it("a signal ends a call that waits for its turn, and its connection serves the next", async () => {
    const { direct, url } = await throughProxy()
    const engine = await engineOn(url)
    await engine.campaigns.create({ workspaceId, name: "c" })
    const holder = new Client({ connectionString: direct })
    await holder.connect()
    onTestFinished(() => holder.end())
    await holder.query("BEGIN; SELECT 1 FROM workspace FOR UPDATE")
    // More calls than connections: some wait for one.
    const controllers = Array.from({ length: 4 }, () => new AbortController())
    const calls = controllers.map(({ signal }) =>
      engine.campaigns.create({ workspaceId, name: "late" }, { signal }).catch((error: unknown) => error)
    )
    for (const controller of controllers) controller.abort(new Error("no longer wanted"))
    for (const call of calls) expect(await call).toMatchObject({ message: "no longer wanted" })
    await holder.query("ROLLBACK")
    expect((await engine.campaigns.list({ workspaceId })).items).toHaveLength(1)
  })
})

it("opening ends by StoreDisconnected when the server accepts and does not answer", async () => {
  const { proxy, url } = await throughProxy()
  proxy.vanish()
  await expect(open(PostgresRepository.layer({ ...short, url }))).rejects.toMatchObject(disconnected)
})

it("opening ends by StoreDisconnected when the server is silent in the middle of the TLS handshake", async () => {
  const silent = createServer((socket) => {
    socket.on("error", () => {})
    socket.once("data", () => socket.write("S"))
  })
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => new Promise((resolve) => silent.close(() => resolve())))
  const address = silent.address()
  if (typeof address !== "object" || address === null) throw new Error("a listener has a port")
  const url = `postgres://ann@127.0.0.1:${address.port}/leads`
  await expect(
    open(PostgresRepository.layer({ ...short, acquireTimeoutMillis: 300, url, tls: true }))
  ).rejects.toMatchObject(disconnected)
})

describe("opening while another process migrates", () => {
  const holding = async (url: string, query: string) => {
    const holder = new Client({ connectionString: url })
    await holder.connect()
    onTestFinished(() => holder.end())
    await holder.query(query)
  }

  it.each([
    ["and has not made the tables", false, "BEGIN; SELECT pg_advisory_xact_lock(1281712484)"],
    ["and has locked the tables", true, "BEGIN; LOCK TABLE leadterra_version IN ACCESS EXCLUSIVE MODE"]
  ])("ends by StoreBusy when that takes too long: %s", async (_, isMade, query) => {
    const url = await newDatabase()
    if (isMade) await (await open(PostgresRepository.layer({ url }))).close()
    await holding(url, query)
    await expect(open(PostgresRepository.layer({ url, queryTimeoutMillis: 300 }))).rejects.toMatchObject({
      operation: "open",
      reason: { _tag: "StoreBusy" }
    })
  })

  it("goes on when that process vanishes, as soon as the server has rolled it back", async () => {
    const { direct, proxy, url } = await throughProxy()
    // The statements of a migration: it holds its lock, and makes the first tables.
    proxy.vanishAfter(9)
    const lost = Effect.runFork(
      Effect.scoped(PostgresRepository.make({ ...short, idleTimeoutMillis: 300, url }))
    )
    await expect.poll(proxy.hasCut).toBe(true)
    const engine = await open(PostgresRepository.layer({ url: direct }))
    onTestFinished(engine.close)
    await engine.campaigns.create({ workspaceId, name: "c" })
    await Effect.runPromise(Fiber.interrupt(lost))
  })
})

it("closing ends although calls and idle connections wait for a server that has vanished, and the calls do too", async () => {
  const { proxy, url } = await throughProxy()
  const engine = await open(
    PostgresRepository.layer({
      url,
      acquireTimeoutMillis: 600_000,
      queryTimeoutMillis: 600_000,
      closeTimeoutMillis: 500
    })
  )
  // One connection will be idle, and one in use.
  const create = () => engine.campaigns.create({ workspaceId, name: "c" })
  await Promise.all([create(), create()])
  proxy.vanish()
  const call = create().catch((error: unknown) => error)
  await engine.close()
  expect(await call).toBeInstanceOf(EngineClosed)
})

it("a workspace is free again when the process that held it has gone silent within its transaction", async () => {
  const { direct, proxy, url } = await throughProxy()
  const silent = await open(
    PostgresRepository.layer({ ...short, url, idleTimeoutMillis: 300, queryTimeoutMillis: 600_000 })
  )
  onTestFinished(silent.close)
  const other = await open(PostgresRepository.layer({ url: direct }))
  onTestFinished(other.close)
  const { id: campaignId } = await silent.campaigns.create({ workspaceId, name: "c" })
  // Its transaction has begun and locks the workspace; its next statement is lost.
  proxy.vanishAfter(5)
  const leads = [{ email: "ann@example.com" }]
  const lost = silent.leads.bulkUpsert({ workspaceId, campaignId, leads }).catch((error: unknown) => error)
  await expect.poll(proxy.hasCut).toBe(true)
  await other.leads.bulkUpsert({ workspaceId, campaignId, leads })
  await silent.close()
  expect(await lost).toBeInstanceOf(EngineClosed)
})

it("refuses a client's wait that is not longer than the server's", async () => {
  const options = { url: server.url(), statementTimeoutMillis: 5_000, queryTimeoutMillis: 5_000 }
  await expect(open(PostgresRepository.layer(options))).rejects.toThrow(
    /queryTimeoutMillis must be an integer from 5001/
  )
})
