/** Imports by the client: from all that a list may be, to its end and its failed rows. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { MemoryRepository } from "@leadterra/adapter-memory"
import { open } from "@leadterra/core/promise"
import { createKey, handlers, MemoryServerStore } from "@leadterra/http"
import { openSpool } from "@leadterra/http/node"
import { describe, expect, it, onTestFinished } from "vitest"
import { connect } from "../src/index.ts"
import { failureOf, json, startScript } from "./server.ts"

const start = async () => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-client-"))
  const engine = await open(MemoryRepository.layer)
  const store = MemoryServerStore.make()
  const server = handlers({ engine, store, spool: await openSpool({ folder, store }) })
  onTestFinished(async () => {
    await server.close()
    await engine.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const { key } = await createKey({ engine, store }, { workspaceId: "ws_1", mode: "live", now: 1 })
  const client = connect({ url: "http://localhost", key, fetch: server.fetch })
  const { campaign } = await client.campaigns.create({ name: "Spring" })
  return { campaignId: campaign.id, client }
}

const text = "email,firstName\nava@acme.com,Ava\nnobody,No\n"
const bytes = new TextEncoder().encode(text)
async function* chunks() {
  for (const byte of bytes) yield Uint8Array.of(byte)
}

describe("an import by the client", () => {
  it.each([
    ["text", () => text],
    ["bytes", () => bytes],
    ["a Blob", () => new Blob([text])],
    ["a stream", () => new Blob([text]).stream()],
    ["an async iterable", chunks]
  ])("lands %s, waits for its end, and gives the failed rows", async (_, list) => {
    const { campaignId, client } = await start()
    const { import: job } = await client.imports.create(campaignId, { list: list() })
    const done = await client.imports.ended(job.id)
    expect(done).toMatchObject({ state: "completed", result: { enrolled: 1, failed: 1 } })
    let failed = ""
    const decoder = new TextDecoder()
    for await (const chunk of client.imports.failedRows(job.id)) failed += decoder.decode(chunk)
    expect(failed).toContain("nobody,No,3,")
    for await (const { id } of client.imports.all()) expect(id).toBe(job.id)
    const { import: again } = await client.imports.create(campaignId, {
      list: failed.replace("nobody", "b@x.io")
    })
    expect(await client.imports.ended(again.id)).toMatchObject({ result: { enrolled: 1, failed: 0 } })
  })

  it("takes the options of a list", async () => {
    const { campaignId, client } = await start()
    const list = "\uFEFFa title\nava@acme.com|x|Ava\n"
    const options = { delimiter: "pipe", header: "false", skipLines: 1, from: 0 } as const
    const map = ["#1=email", "#2=", "#3=firstName"]
    const { import: job } = await client.imports.create(campaignId, { list, map, ...options })
    expect(await client.imports.ended(job.id)).toMatchObject({ result: { enrolled: 1 } })
    const { lead } = await client.leads.lookup({ email: "ava@acme.com" })
    expect(lead).toMatchObject({ firstName: "Ava", customFields: {} })
  })

  it("rejects with the problem of a refusal", async () => {
    const { client } = await start()
    const failure = await failureOf(client.imports.create("camp_unknown", { list: text }))
    expect(failure).toMatchObject({ status: 404, code: "campaign_not_found" })
    const failed = await failureOf(client.imports.failedRows("imp_unknown").next())
    expect(failed).toMatchObject({ status: 404, code: "import_not_found" })
  })

  it("is never uploaded again, and waits longer and longer for its end", async () => {
    const lost = startScript([
      () => {
        throw new TypeError("fetch failed")
      }
    ])
    const failure = await failureOf(lost.client.imports.create("c", { list: text }))
    expect(failure).toMatchObject({ code: "connection_failed" })
    expect(lost.requests).toHaveLength(1)
    const running = { import: { state: "running" } }
    const polled = startScript([
      ...Array.from({ length: 7 }, () => json(running)),
      json({ import: { state: "completed" } })
    ])
    expect(await polled.client.imports.ended("imp_1")).toMatchObject({ state: "completed" })
    expect(polled.waits).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000])
  })

  it("refuses an id that is none", async () => {
    const { client, requests } = startScript([json({})])
    expect(await failureOf(client.imports.get(".."))).toMatchObject({ code: "invalid_argument" })
    expect(requests).toEqual([])
  })
})
