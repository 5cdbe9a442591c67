/** Imports of several workspaces take turns: none waits for the end of a long one. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { MemoryServerStore } from "@leadterra/http"
import { openSpool } from "@leadterra/http/node"
import { expect, it, onTestFinished, vi } from "vitest"
import { startServer } from "./server.ts"

vi.mock("../src/imports/limits.ts", async (original) => ({
  ...(await original<object>()),
  maxRunning: 1,
  sliceMillis: 0,
  pollMillis: 5
}))

it("a short import ends while a long one of another workspace goes on, which ends as undisturbed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-turns-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const store = MemoryServerStore.make()
  const { call, errors, keyOf } = await startServer(
    { spool: await openSpool({ folder, store }), store },
    undefined,
    store
  )
  const importOf = async (workspaceId: string, rows: number) => {
    const key = await keyOf(workspaceId)
    const { body } = await call("POST", "/v1/campaigns", { name: "Spring" }, { key })
    const list = `email\n${Array.from({ length: rows }, (_, row) => (row % 10 === 9 ? "no" : `a${row}@x.com`)).join("\n")}\n`
    const path = `/v1/campaigns/${body.campaign.id}/imports`
    const uploaded = await call("POST", path, list, { key, headers: { "content-type": "text/csv" } })
    return async () =>
      (await call("GET", `/v1/imports/${uploaded.body.import.id}`, undefined, { key })).body.import
  }
  const long = await importOf("ws_long", 12_000)
  await vi.waitFor(async () => expect((await long()).rows).toBeGreaterThan(0), { timeout: 30_000 })
  const short = await importOf("ws_short", 600)
  const ended = async (job: typeof short) =>
    vi.waitFor(
      async () => {
        const found = await job()
        expect(found.state).toBe("completed")
        return found
      },
      { timeout: 60_000, interval: 5 }
    )
  await ended(short)
  expect((await long()).state).not.toBe("completed")
  expect(await ended(long)).toMatchObject({
    rows: 12_000,
    result: { enrolled: 10_800, updated: 0, failed: 1_200 },
    failedRows: { rows: 1_200 }
  })
  expect(errors).toEqual([])
}, 120_000)
