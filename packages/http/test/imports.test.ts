/** Imports over the handlers, on a spool in a folder. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import type { Engine } from "@leadterra/core/promise"
import type { HandlersOptions, ServerStore, Spool } from "@leadterra/http"
import { MemoryServerStore } from "@leadterra/http"
import { openSpool } from "@leadterra/http/node"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import * as jobRules from "../src/imports/jobRules.ts"
import * as limits from "../src/imports/limits.ts"
import type { SpoolOptions } from "../src/node/openSpool.ts"
import { type Answer, type CallOptions, startServer, type TestServer } from "./server.ts"

const rowsOf = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => `lead${from + index}@example.com,Ann ${from + index}`)
const csvOf = (count: number) => `email,firstName\n${rowsOf(count).join("\n")}\n`

interface ImportServer extends TestServer {
  readonly folder: string
  readonly spool: Spool
  readonly store: ServerStore
  readonly files: () => ReadonlyArray<string>
  /** Uploads a list into a campaign. */
  readonly upload: (
    campaignId: string,
    body: string | Uint8Array,
    options?: CallOptions & { readonly query?: string; readonly type?: string }
  ) => Promise<Answer>
  /** Waits until a job is over, and returns it. */
  readonly ended: (id: string, options?: CallOptions) => Promise<Answer["body"]>
}

/** Longer than a machine that does other work takes. */
const patient = { timeout: 30_000, interval: 20 }

const countLeads = async (call: TestServer["call"]): Promise<number> => {
  let count = 0
  let after = ""
  do {
    const { body } = await call("GET", `/v1/leads${after}`)
    count += body.leads.length
    after = body.next === null ? "" : `?after=${body.next}`
  } while (after !== "")
  return count
}

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-imports-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const start = async (
  more: Partial<SpoolOptions> = {},
  options: Partial<HandlersOptions> = {},
  change?: Parameters<typeof startServer>[1]
): Promise<ImportServer> => {
  const folder = newFolder()
  const store = options.store ?? MemoryServerStore.make()
  const spool = options.spool ?? (await openSpool({ folder, store, ...more }))
  const server = await startServer({ store, spool, ...options }, change, store)
  const files = () => {
    const [inner = ""] = readdirSync(folder)
    return readdirSync(join(folder, inner)).filter((name) => name !== "spool.id")
  }
  return {
    ...server,
    ...{ files, folder, spool, store },
    upload: (campaignId, body, { query = "", type = "text/csv", headers = {}, ...rest } = {}) =>
      server.call("POST", `/v1/campaigns/${campaignId}/imports${query}`, body, {
        headers: { "content-type": type, ...headers },
        ...rest
      }),
    ended: (id, options) =>
      vi.waitFor(async () => {
        const { body } = await server.call("GET", `/v1/imports/${id}`, undefined, options)
        if (["queued", "running"].includes(body.import.state)) throw new Error(body.import.state)
        return body.import
      }, patient)
  }
}

describe("an import", () => {
  it("takes a list, answers with its place, and lands every row", async () => {
    const { createCampaign, call, ended, errors, files, upload } = await start()
    const id = await createCampaign()
    const answer = await upload(id, csvOf(1_234))
    expect(answer.status).toBe(202)
    const { import: queued } = answer.body
    expect(answer.headers.get("location")).toBe(`/v1/imports/${queued.id}`)
    expect(queued).toMatchObject({ campaignId: id, rows: 0, next: 0, bytes: csvOf(1_234).length })
    expect(queued.id).toMatch(/^imp_[0-9A-Z]{26}$/)
    const done = await ended(queued.id)
    expect(done).toMatchObject({
      state: "completed",
      rows: 1_234,
      next: 1_234,
      bytesRead: csvOf(1_234).length,
      result: { enrolled: 1_234, updated: 0, skipped: 0, failed: 0, totalInCampaign: 1_234 },
      failedRows: null,
      failure: null,
      resumable: false
    })
    expect(Date.parse(done.endedAt)).toBeGreaterThanOrEqual(Date.parse(done.startedAt))
    const lead = await call("POST", "/v1/leads/lookup", { email: "lead1233@example.com" })
    expect(lead.body.lead.firstName).toBe("Ann 1233")
    await vi.waitFor(() => expect(files()).toEqual([]), patient)
    expect(errors).toEqual([])
  })

  it.each([
    ["NDJSON", "application/x-ndjson", '{"email":"ava@acme.com","firstName":"Ava"}\n', {}],
    [
      "CSV with gzip",
      "text/csv",
      gzipSync("email,firstName\nava@acme.com,Ava\n"),
      { "content-encoding": "gzip" }
    ],
    ["CSV in UTF-8 by its type", "Text/CSV; charset=UTF-8", "email,firstName\nava@acme.com,Ava\n", {}]
  ])("takes %s", async (_, type, body, headers) => {
    const { call, createCampaign, ended, upload } = await start()
    const answer = await upload(await createCampaign(), body, { type, headers })
    expect(answer.status).toBe(202)
    expect(await ended(answer.body.import.id)).toMatchObject({ state: "completed", result: { enrolled: 1 } })
    const lead = await call("POST", "/v1/leads/lookup", { email: "ava@acme.com" })
    expect(lead.body.lead.firstName).toBe("Ava")
  })

  it("reads the list by its options", async () => {
    const { call, createCampaign, ended, upload } = await start()
    const list = Buffer.from("a title\n\xc4va Chen;ava@acme.com;secret\n", "latin1")
    const query = new URLSearchParams([
      ["encoding", "latin1"],
      ["delimiter", "semicolon"],
      ["header", "false"],
      ["skipLines", "1"],
      ["map", "#1=name"],
      ["map", "#2=email"],
      ["map", "#3="]
    ])
    const answer = await upload(await createCampaign(), list, { query: `?${query}` })
    expect(answer.status).toBe(202)
    expect(await ended(answer.body.import.id)).toMatchObject({ state: "completed", result: { enrolled: 1 } })
    const { body } = await call("POST", "/v1/leads/lookup", { email: "ava@acme.com" })
    expect(body.lead.customFields).toEqual({ name: "Äva Chen" })
  })

  it("passes over the first rows with from", async () => {
    const { createCampaign, ended, upload } = await start()
    const answer = await upload(await createCampaign(), csvOf(10), { query: "?from=7" })
    expect(await ended(answer.body.import.id)).toMatchObject({ rows: 3, next: 10, result: { enrolled: 3 } })
  })

  it.each([
    ["?from=-1", "query from: a whole number, 0 or more"],
    ["?from=1.5", "query from: a whole number, 0 or more"],
    ["?skipLines=x", "query skipLines"],
    ["?map=email", "query map: COLUMN=FIELD, or COLUMN= to leave it out"],
    ["?header=no", "query header"],
    ["?encoding=klingon", "encoding must be one of"],
    ["?delimiter=%22", "delimiter must be one character"],
    ["?maxRecordBytes=999999999", "maxRecordBytes must be at most"],
    ["?onInvalid=reject", "there is no such member"],
    ["?batchSize=10000", "there is no such member"]
  ])("refuses %s before it reads the list", async (query, why) => {
    const { createCampaign, files, upload } = await start()
    const { body, status } = await upload(await createCampaign(), csvOf(3), { query })
    expect([status, body.code]).toEqual([400, "invalid_request"])
    expect(body.errors[0].message).toContain(why)
    expect(files()).toEqual([])
  })

  it("refuses other types and encodings, and an idempotency key by name", async () => {
    const { createCampaign, files, upload } = await start()
    const id = await createCampaign()
    for (const type of ["application/json", "text/plain", "text/csv; charset=latin1"])
      expect((await upload(id, csvOf(3), { type })).body.code).toBe("unsupported_media_type")
    const packed = await upload(id, csvOf(3), { headers: { "content-encoding": "br" } })
    expect(packed.status).toBe(415)
    const keyed = await upload(id, csvOf(3), { headers: { "idempotency-key": "k" } })
    expect(keyed.status).toBe(400)
    expect(keyed.body.errors[0].message).toContain("no key is kept for this call")
    expect(files()).toEqual([])
  })

  it("is answered as none in another workspace, and a campaign of another one is none", async () => {
    const { call, createCampaign, ended, keyOf, upload } = await start()
    const id = await createCampaign()
    const key = await keyOf("ws_2")
    expect((await upload(id, csvOf(3), { key })).body.code).toBe("campaign_not_found")
    const { body } = await upload(id, "email\nno\n")
    await ended(body.import.id)
    const path = `/v1/imports/${body.import.id}`
    for (const [method, rest] of [
      ["GET", ""],
      ["GET", "/failed-rows"],
      ["POST", "/abort"],
      ["POST", "/resume"]
    ] as const) {
      const answer = await call(method, path + rest, undefined, { key })
      expect([answer.status, answer.body.code]).toEqual([404, "import_not_found"])
    }
    expect((await call("GET", "/v1/imports", undefined, { key })).body.imports).toEqual([])
  })

  it("fails on a list that cannot be read, and says where and what to do", async () => {
    const { call, createCampaign, ended, files, upload } = await start()
    const id = await createCampaign()
    const cases = [
      ["", "empty"],
      ["email\n", "no_rows"],
      ["name\nAva\n", "no_email_column"],
      [`email\nava@acme.com\n"open`, "unclosed_quote"],
      [`\0\0\0\0\0\0`, "binary"]
    ]
    for (const [list = "", code] of cases) {
      const { body } = await upload(id, list)
      const job = await ended(body.import.id)
      expect(job).toMatchObject({ state: "failed", failure: { code }, resumable: false })
      expect(job.failure.message).toMatch(/: |rows$/)
      const again = await call("POST", `/v1/imports/${job.id}/resume`)
      expect([again.status, again.body.code]).toEqual([409, "import_not_resumable"])
      expect(again.body.detail).toContain(`?from=${job.next}`)
    }
    await vi.waitFor(() => expect(files()).toEqual([]), patient)
  })

  it("is listed newest first, by cursor", async () => {
    const { call, createCampaign, upload } = await start()
    const id = await createCampaign()
    const ids: Array<string> = []
    for (let made = 0; made < 5; made++) ids.unshift((await upload(id, csvOf(1))).body.import.id)
    const seen: Array<string> = []
    let after = ""
    do {
      const { body } = await call("GET", `/v1/imports?limit=2${after}`)
      seen.push(...body.imports.map((job: { id: string }) => job.id))
      after = body.next === null ? "" : `&after=${body.next}`
    } while (after !== "")
    expect([...seen].sort()).toEqual([...ids].sort())
    expect((await call("GET", "/v1/imports?limit=0")).status).toBe(400)
    expect((await call("GET", "/v1/imports?after=x")).status).toBe(400)
  })
})

describe("failed rows", () => {
  it("come as a list that lands once it is corrected, with formulas neutralised", async () => {
    const { call, createCampaign, ended, server, keyOf, upload } = await start()
    const id = await createCampaign()
    const list = `email,firstName\nava@acme.com,Ava\nnobody,=HYPERLINK()\n${rowsOf(700).join("\n")}\nalso no,Bo\n`
    const { body } = await upload(id, list)
    const job = await ended(body.import.id)
    expect(job).toMatchObject({
      state: "completed",
      result: { enrolled: 701, failed: 2 },
      failedRows: { format: "csv", rows: 2 }
    })
    const response = await server.fetch(
      new Request(`http://localhost/v1/imports/${job.id}/failed-rows`, {
        headers: { authorization: `Bearer ${await keyOf("ws_1")}` }
      })
    )
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8")
    expect(response.headers.get("content-disposition")).toBe(`attachment; filename="${job.id}-failed.csv"`)
    const bytes = new Uint8Array(await response.arrayBuffer())
    expect(bytes.length).toBe(job.failedRows.bytes)
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)
    expect(text.startsWith("\ufeffemail,firstName,leadterra_line")).toBe(true)
    expect(text).toContain("'=HYPERLINK()")
    expect(text.trim().split("\r\n")).toHaveLength(3)
    const corrected = text.replace("nobody", "bo@acme.com").replace("also no", "cy@acme.com")
    const again = await ended((await upload(id, corrected)).body.import.id)
    expect(again).toMatchObject({ state: "completed", result: { enrolled: 2, failed: 0 } })
    const lead = await call("POST", "/v1/leads/lookup", { email: "bo@acme.com" })
    expect(lead.body.lead.firstName).toBe("=HYPERLINK()")
  })

  it("of NDJSON are NDJSON", async () => {
    const { call, createCampaign, ended, upload } = await start()
    const type = "application/x-ndjson"
    const { body } = await upload(await createCampaign(), '{"email":"no","plan":"pro"}\n', { type })
    const job = await ended(body.import.id)
    expect(job).toMatchObject({ failedRows: { format: "ndjson", rows: 1 } })
    const rows = await call("GET", `/v1/imports/${job.id}/failed-rows`)
    expect(rows.headers.get("content-type")).toBe(type)
    expect(rows.body).toMatchObject({ email: "no", leadterra_line: 1 })
  })

  it("are not there when none has failed", async () => {
    const { call, createCampaign, ended, upload } = await start()
    const job = await ended((await upload(await createCampaign(), csvOf(2))).body.import.id)
    const { body, status } = await call("GET", `/v1/imports/${job.id}/failed-rows`)
    expect([status, body.code, body.detail]).toEqual([
      404,
      "failed_rows_not_found",
      "No row has failed so far"
    ])
  })
})

describe("a batch that is too large", () => {
  it.each([
    ["rows", () => ({ leads: Array.from({ length: 10_001 }, () => 0) })],
    ["bytes", () => ({ leads: ["x".repeat(20_000)] })],
    ["objects", () => `{"leads":[${"[],".repeat(100_001)}0]}`]
  ])("by its %s is told of imports, where the server takes them", async (what, body) => {
    const options = what === "bytes" ? { maxBodyBytes: 10_000 } : {}
    const taking = await start({}, options)
    const bulk = async ({ call, createCampaign }: TestServer) =>
      (await call("POST", `/v1/campaigns/${await createCampaign()}/leads/bulk`, body())).body
    const refused = await bulk(taking)
    expect(refused.code).toBe("too_large")
    expect(refused.detail).toContain("POST /v1/campaigns/{id}/imports")
    expect((await bulk(await startServer(options))).detail).not.toContain("imports")
  })
})

describe("a server without a spool", () => {
  it("says that it takes no imports, and still tells of jobs", async () => {
    const { call, createCampaign } = await startServer()
    const headers = { "content-type": "text/csv" }
    const path = `/v1/campaigns/${await createCampaign()}/imports`
    const { body, status } = await call("POST", path, csvOf(2), { headers })
    expect([status, body.code]).toEqual([501, "imports_not_served"])
    expect((await call("GET", "/v1/imports")).body).toEqual({ imports: [], next: null })
  })
})

/** An engine whose imports wait for each 500 rows until they are let go. */
const gated = () => {
  let open = 0
  const waiting: Array<() => void> = []
  const pass = (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve)
      release()
    })
  const release = () => {
    for (; open > 0 && waiting.length > 0; open--) waiting.shift()?.()
  }
  async function* slowly(rows: AsyncIterable<unknown>) {
    let index = 0
    for await (const row of rows) {
      if (index++ % limits.batchRows === 0) await pass()
      yield row
    }
  }
  return {
    /** Lets the rows of so many batches go. */
    let: (batches: number) => {
      open += batches
      release()
    },
    change: (engine: Engine): Engine => ({
      ...engine,
      leads: {
        ...engine.leads,
        importStream: (input, options) => {
          const { leads } = input
          return engine.leads.importStream(
            Symbol.asyncIterator in leads ? { ...input, leads: slowly(leads) } : input,
            options
          )
        }
      }
    })
  }
}

describe("a job under way", () => {
  it("tells how far it is, and is aborted behind its batch", async () => {
    const gate = gated()
    const { call, createCampaign, files, upload } = await start({}, {}, gate.change)
    const { body } = await upload(await createCampaign(), csvOf(2_000))
    const path = `/v1/imports/${body.import.id}`
    gate.let(1)
    await vi.waitFor(async () => expect((await call("GET", path)).body.import.rows).toBe(500), patient)
    const aborted = await call("POST", `${path}/abort`)
    expect(aborted.status).toBe(200)
    expect(aborted.body.import).toMatchObject({ state: "aborted", rows: 500, next: 500, resumable: false })
    expect(await countLeads(call)).toBe(500)
    expect(files()).toEqual([])
    expect((await call("POST", `${path}/abort`)).body.import.state).toBe("aborted")
    expect((await call("POST", `${path}/resume`)).body.code).toBe("import_not_resumable")
  })

  it("that has completed cannot be aborted", async () => {
    const { call, createCampaign, ended, upload } = await start()
    const job = await ended((await upload(await createCampaign(), csvOf(2))).body.import.id)
    const { body, status } = await call("POST", `/v1/imports/${job.id}/abort`)
    expect([status, body.code]).toEqual([409, "import_over"])
    expect((await call("POST", `/v1/imports/${job.id}/resume`)).body.code).toBe("import_not_resumable")
  })

  it("goes on in another process when its own stops, with the counts of an undisturbed run", async () => {
    const gate = gated()
    const first = await start({}, {}, gate.change)
    const id = await first.createCampaign()
    const list = `${csvOf(1_700)}nobody,No\n${rowsOf(300, 1_000).join("\n")}\n`
    const { body } = await first.upload(id, list)
    gate.let(2)
    const path = `/v1/imports/${body.import.id}`
    await vi.waitFor(
      async () => expect((await first.call("GET", path)).body.import.rows).toBe(1_000),
      patient
    )
    await first.server.close()
    const handed = await first.store.imports.get({ workspaceId: "ws_1", id: body.import.id })
    expect(handed).toMatchObject({ state: "queued", next: 1_000, lease: null })
    const second = await start({}, { store: first.store, spool: first.spool }, () => first.engine)
    expect(await second.ended(body.import.id)).toMatchObject({
      state: "completed",
      rows: 2_001,
      result: { enrolled: 1_700, updated: 300, failed: 1, totalInCampaign: 1_700 },
      failedRows: { rows: 1 }
    })
  })

  it("goes on after its process died between a batch and its record, and counts it once", async () => {
    const { createCampaign, engine, ended, call, spool, store } = await start()
    const campaignId = await createCampaign()
    const ref = { workspaceId: "ws_1", id: "imp_00000000000000000000000001" }
    const list = csvOf(900).replace("lead3@example.com", "nobody")
    const bytes = await spool.write(ref, new Blob([list]).stream())
    const now = Date.now()
    const queued = jobRules.queuedJob({
      ...{ ...ref, campaignId, spoolId: spool.id, options: { format: "csv" }, bytes, from: 0 },
      ...{ totalInCampaign: 0, now: now - 60_000 }
    })
    // A process claims the job, lands a batch, writes half of its failed rows, and dies.
    await store.imports.add(jobRules.claimed(queued, { owner: "dead", now: now - 60_000 }), {
      maxOpen: 1,
      maxKept: 1
    })
    const leads = list
      .split("\n")
      .slice(1, 501)
      .map((line) => ({ email: line.split(",")[0], firstName: line.split(",")[1] }))
    const landed = await engine.leads.bulkUpsert({
      ...{ workspaceId: "ws_1", campaignId, leads, idempotencyKey: `${ref.id}:0` }
    })
    expect(landed).toMatchObject({ enrolled: 499, failed: 1 })
    await spool.appendFailed(ref, 0, "half of a ro")

    const path = `/v1/imports/${ref.id}`
    const { body } = await call("GET", path)
    expect(body.import).toMatchObject({
      state: "failed",
      rows: 0,
      next: 0,
      resumable: true,
      failure: { code: "interrupted" }
    })
    expect((await call("POST", `${path}/resume`)).status).toBe(202)
    expect(await ended(ref.id)).toMatchObject({
      state: "completed",
      rows: 900,
      result: { enrolled: 899, updated: 0, failed: 1, totalInCampaign: 899 },
      failedRows: { rows: 1 }
    })
    const [file] = await spool.files()
    expect(file?.kind).toBe("failed rows")
  })
})

describe("an erasure", () => {
  it("removes the failed rows of the workspace and the lists of jobs that have failed, and no others", async () => {
    const { call, createCampaign, ended, files, keyOf, spool, store, upload } = await start()
    const id = await createCampaign()
    const job = await ended((await upload(id, "email,firstName\nava@acme,Ava\n")).body.import.id)
    const key = await keyOf("ws_2")
    const { body } = await call("POST", "/v1/campaigns", { name: "Other" }, { key })
    const other = (await upload(body.campaign.id, "email\nno\n", { key })).body.import
    await ended(other.id, { key })
    const ref = { workspaceId: "ws_1", id: "imp_00000000000000000000000001" }
    const bytes = await spool.write(ref, new Blob(["email\nava@acme.com\n"]).stream())
    const queued = jobRules.queuedJob({
      ...{ ...ref, campaignId: id, spoolId: spool.id, options: { format: "csv" }, bytes, from: 0 },
      ...{ totalInCampaign: 0, now: Date.now() }
    })
    const turn = { owner: "dead", now: Date.now() }
    const failure = { code: "unavailable", message: "the store is away", line: null }
    const stopped = jobRules.failed(jobRules.claimed(queued, turn), turn, failure, { keepsList: true })
    await store.imports.add(stopped, { maxOpen: 9, maxKept: 99 })
    expect(files()).toHaveLength(3)

    const erased = await call("POST", "/v1/leads/erase", { emails: ["ava@acme.com"] })
    expect(erased.status).toBe(200)
    expect(files()).toHaveLength(1)
    const gone = await call("GET", `/v1/imports/${job.id}/failed-rows`)
    expect([gone.status, gone.body.code]).toEqual([404, "failed_rows_not_found"])
    expect(gone.body.detail).toContain("An erasure")
    expect((await call("GET", `/v1/imports/${ref.id}`)).body.import.resumable).toBe(false)
    const kept = await call("GET", `/v1/imports/${other.id}/failed-rows`, undefined, { key }).catch(
      () => null
    )
    expect(kept).toBeNull()
  })

  it("while a job runs lets it keep no failed row", async () => {
    const gate = gated()
    const { call, createCampaign, ended, files, upload } = await start({}, {}, gate.change)
    const list = `email\n${Array.from({ length: 1_200 }, (_, index) => `no${index}`).join("\n")}\n`
    const { body } = await upload(await createCampaign(), list)
    gate.let(1)
    const path = `/v1/imports/${body.import.id}`
    await vi.waitFor(
      async () => expect((await call("GET", path)).body.import.failedRows?.rows).toBe(500),
      patient
    )
    await call("POST", "/v1/leads/erase", { emails: ["ava@acme.com"] })
    expect(files().filter((name) => name.endsWith(".failed"))).toEqual([])
    gate.let(9)
    expect(await ended(body.import.id)).toMatchObject({
      state: "completed",
      result: { failed: 1_200 },
      failedRows: null
    })
    await vi.waitFor(() => expect(files()).toEqual([]), patient)
  })
})

describe("the bounds of uploads", () => {
  it("refuse a list above its bytes, and keep nothing of it", async () => {
    const { createCampaign, files, upload } = await start({ maxListBytes: 1_000 })
    const { body, status } = await upload(await createCampaign(), csvOf(100))
    expect([status, body.code, body.limit, body.unit]).toEqual([413, "too_large", 1_000, "bytes"])
    expect(files()).toEqual([])
  })

  it("refuse a list of a workspace that has its bytes, and of all workspaces that have theirs", async () => {
    const gate = gated()
    const { call, createCampaign, keyOf, upload } = await start(
      { maxWorkspaceBytes: 5_000, maxSpoolBytes: 12_000 },
      {},
      gate.change
    )
    const id = await createCampaign()
    expect((await upload(id, csvOf(300))).status).toBe(202)
    const full = await upload(id, csvOf(1))
    expect([full.status, full.body.code]).toEqual([429, "too_many_requests"])
    const key = await keyOf("ws_2")
    const { body } = await call("POST", "/v1/campaigns", { name: "Other" }, { key })
    expect((await upload(body.campaign.id, csvOf(300), { key })).status).toBe(202)
    const third = await keyOf("ws_3")
    const { body: other } = await call("POST", "/v1/campaigns", { name: "Third" }, { key: third })
    const spoolFull = await upload(other.campaign.id, csvOf(1), { key: third })
    expect([spoolFull.status, spoolFull.body.code]).toEqual([507, "insufficient_storage"])
    expect(spoolFull.body.detail).toContain("send the list again later")
  })

  it("refuse more jobs than a workspace may have", async () => {
    const gate = gated()
    const { createCampaign, files, upload } = await start({}, {}, gate.change)
    const id = await createCampaign()
    for (let made = 0; made < limits.maxOpenJobs; made++)
      expect((await upload(id, csvOf(1))).status).toBe(202)
    const { body, status } = await upload(id, csvOf(1))
    expect([status, body.code]).toEqual([429, "too_many_requests"])
    expect(files()).toHaveLength(limits.maxOpenJobs)
  })

  it("end an upload whose key is revoked meanwhile, and keep nothing of it", async () => {
    const { createCampaign, files, keyOf, server, store } = await start()
    const id = await createCampaign()
    const key = await keyOf("ws_1")
    const revoking = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        controller.enqueue(new TextEncoder().encode(csvOf(2)))
        const last = (await store.keys.list()).at(-1)
        await store.keys.revoke(last?.id ?? "", Date.now())
        controller.close()
      }
    })
    const init = {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "text/csv" },
      body: revoking,
      duplex: "half"
    }
    const response = await server.fetch(
      new Request(`http://localhost/v1/campaigns/${id}/imports`, init as RequestInit)
    )
    expect(response.status).toBe(401)
    expect(files()).toEqual([])
  })

  it("keep files for their owner alone", async () => {
    const gate = gated()
    const { createCampaign, files, folder, upload } = await start({}, {}, gate.change)
    await upload(await createCampaign(), csvOf(2))
    const [inner = ""] = readdirSync(folder)
    expect(statSync(join(folder, inner)).mode & 0o777).toBe(0o700)
    for (const name of files()) expect(statSync(join(folder, inner, name)).mode & 0o777).toBe(0o600)
  })
})
