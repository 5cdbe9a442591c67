/** Imports whose store or spool fails: what they try again, what they say, and how they go on. */
import { mkdtempSync, rmSync } from "node:fs"
import { open } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ImportStopped, RepositoryError, StoreDisconnected, StoreUnavailable } from "@leadterra/core"
import type { Engine } from "@leadterra/core/promise"
import { MemoryServerStore } from "@leadterra/http"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { openSpoolWith } from "../src/node/openSpool.ts"
import { startServer } from "./server.ts"

vi.mock("../src/imports/limits.ts", async (original) => ({
  ...(await original<object>()),
  firstWaitMillis: 1
}))

const list = `email\n${Array.from({ length: 1_100 }, (_, row) => (row === 700 ? "no" : `a${row}@x.com`)).join("\n")}\n`

const start = async (change: (engine: Engine) => Engine, openFile: typeof open = open) => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-faults-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const store = MemoryServerStore.make()
  const spool = await openSpoolWith(openFile, { folder, store })
  const server = await startServer({ spool, store }, change, store)
  const { call, createCampaign } = server
  const headers = { "content-type": "text/csv" }
  const { body } = await call("POST", `/v1/campaigns/${await createCampaign()}/imports`, list, { headers })
  const path = `/v1/imports/${body.import.id}`
  const ended = () =>
    vi.waitFor(
      async () => {
        const { import: job } = (await call("GET", path)).body
        expect(["queued", "running"]).not.toContain(job.state)
        return job
      },
      { timeout: 30_000, interval: 10 }
    )
  return { ...server, ended, resume: () => call("POST", `${path}/resume`) }
}

/** An engine whose imports lose the answer to their first batch, so many times, by an error of the store. */
const losing = (times: number, reason: RepositoryError["reason"]) => {
  let left = times
  return (engine: Engine): Engine => ({
    ...engine,
    leads: {
      ...engine.leads,
      importStream: (input, options) => ({
        async *[Symbol.asyncIterator]() {
          const { onProgress, ...rest } = input
          if (left > 0) {
            left--
            // The batch lands, and nobody hears of it.
            const { leads } = rest
            const first: Array<unknown> = []
            if (Symbol.asyncIterator in leads)
              for await (const row of leads) if (first.push(row) === (rest.from ?? 0) + 500) break
            await engine.leads.importAll({ ...rest, leads: first })
            const landed = { rows: 0, enrolled: 0, updated: 0, skipped: 0, failed: 0, totalInCampaign: 0 }
            throw new ImportStopped({
              reason: new RepositoryError({ operation: "decide", reason }),
              landed,
              next: rest.from ?? 0
            })
          }
          yield* engine.leads.importStream(input, options)
        }
      })
    }
  })
}

const whole = {
  state: "completed",
  rows: 1_100,
  result: { enrolled: 1_099, updated: 0, failed: 1, totalInCampaign: 1_099 },
  failedRows: { rows: 1 }
}

describe("a store that loses connections", () => {
  it("is asked again, and a batch whose answer was lost counts once", async () => {
    const { ended, errors } = await start(losing(3, new StoreDisconnected()))
    expect(await ended()).toMatchObject(whole)
    expect(errors).toEqual([])
  })

  it("for too long makes the import fail, which goes on later", async () => {
    const { ended, errors, resume } = await start(losing(7, new StoreDisconnected()))
    expect(await ended()).toMatchObject({
      state: "failed",
      resumable: true,
      next: 0,
      failure: { code: "unavailable", message: expect.stringContaining("/resume") }
    })
    expect((await resume()).status).toBe(202)
    expect(await ended()).toMatchObject(whole)
    expect(errors).toEqual([])
  })

  it("by a fault that nothing foresees is told to the host, and the import can go on", async () => {
    const why = new StoreUnavailable({ why: "broken", cause: "broken" })
    const { ended, errors, resume } = await start(losing(1, why))
    expect(await ended()).toMatchObject({ state: "failed", resumable: true, failure: { code: "internal" } })
    expect(errors).toHaveLength(1)
    await resume()
    expect(await ended()).toMatchObject(whole)
  })
})

describe("a disk that is full", () => {
  it("stops an import that has failed rows to keep, which goes on once there is space", async () => {
    let isFull = true
    const opening: typeof open = async (...given) => {
      if (isFull && String(given[0]).endsWith(".failed"))
        throw Object.assign(new Error("no space"), { code: "ENOSPC" })
      return open(...given)
    }
    const { ended, errors, resume } = await start((engine) => engine, opening)
    expect(await ended()).toMatchObject({
      state: "failed",
      resumable: true,
      next: 500,
      failure: { code: "insufficient_storage", message: expect.stringContaining("free some space") }
    })
    isFull = false
    await resume()
    expect(await ended()).toMatchObject(whole)
    expect(errors).toEqual([])
  })
})
