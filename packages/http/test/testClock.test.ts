/** The clock of a test workspace over HTTP: who reaches it, what it answers, and a week in a second. */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { open } from "@leadterra/core/promise"
import { createKey, handlers } from "@leadterra/http"
import * as SqliteServerStore from "@leadterra/http/sqlite"
import { describe, expect, it, onTestFinished } from "vitest"
import { type Answer, startServer } from "./server.ts"

const path = "/v1/test-clock"
const day = 86_400_000

/** A time as answers have it: a fraction stands only where there is one. */
const isoOf = (millis: number): string => new Date(millis).toISOString().replace(".000Z", "Z")

/** A server, and calls with a test key. */
const startTest = async () => {
  const server = await startServer()
  const key = await server.keyOf("ws_test", "test")
  const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
    server.call(method, path, body, { key })
  return { ...server, call, live: server.call }
}

const problem = (status: number, code: string) => ({
  status,
  body: expect.objectContaining({ status, code })
})

describe("the test clock over HTTP", () => {
  it("TC-1: is there for test keys, and live keys get 404", async () => {
    const { call, live } = await startTest()
    expect(await call("GET", path)).toMatchObject({
      status: 200,
      body: { now: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) }
    })
    const missing = problem(404, "path_not_found")
    expect(await live("GET", path)).toMatchObject(missing)
    expect(await live("POST", path, { advanceTo: "2125-06-13T12:00:00Z" })).toMatchObject(missing)
    expect(await live("PUT", path)).toMatchObject(problem(405, "method_not_allowed"))
  })

  it("TC-2: goes forward alone, stands still, and takes the same time again", async () => {
    const { call } = await startTest()
    const advance = (advanceTo: unknown) => call("POST", path, { advanceTo })
    const to = { now: "2125-06-13T12:00:00Z" }
    expect(await advance("2125-06-13T14:00:00+02:00")).toMatchObject({ status: 200, body: to })
    expect(await advance("2125-06-13T12:00:00Z")).toMatchObject({ status: 200, body: to })
    expect(await advance("2125-06-13T11:59:59Z")).toMatchObject({
      ...problem(409, "test_clock_is_later"),
      body: { detail: "The test clock only goes forward: advance to 2125-06-13T12:00:00Z or later" }
    })
    expect((await call("GET", path)).body).toEqual(to)
  })

  it("TC-2: refuses what is no time, by its pointer", async () => {
    const { call } = await startTest()
    const advanceTo = [{ pointer: "/advanceTo" }]
    for (const body of [
      { advanceTo: "soon" },
      { advanceTo: "+012025-01-01T00:00:00Z" },
      { advanceTo: 1 },
      {}
    ])
      expect(await call("POST", path, body)).toMatchObject({
        ...problem(400, "invalid_request"),
        body: { errors: advanceTo }
      })
    expect(await call("POST", path, { to: "2125-06-13T12:00:00Z" })).toMatchObject({ status: 400 })
  })

  it("SQ-9: a start answers the same text for its time as a campaign, without a fraction where there is none", async () => {
    const { call } = await startTest()
    const at = "2125-06-13T12:00:00Z"
    expect((await call("POST", path, { advanceTo: at })).body).toEqual({ now: at })
    const sequenceSteps = [{ subject: "Hi", bodyHtml: "<p>Hi</p>" }]
    const { body } = await call("POST", "/v1/campaigns", { name: "Noon", sequenceSteps })
    const campaign = `/v1/campaigns/${body.campaign.id}`
    await call("POST", `${campaign}/leads/bulk`, { leads: [{ email: "ava@acmecorp.com" }] })
    const started = await call("POST", `${campaign}/start`)
    expect(started.body.campaign.startedAt).toBe(at)
    const paused = await call("POST", `${campaign}/pause`)
    expect(paused.body.pausedAt).toBe(at)
    const times = { createdAt: at, startedAt: at, pausedAt: at }
    expect((await call("GET", campaign)).body.campaign).toMatchObject(times)
  })

  it("TC-3: three steps over a week are sent while no time passes, each at its time", async () => {
    const { call } = await startTest()
    const began = Date.parse((await call("GET", path)).body.now)
    const sequenceSteps = [0, 3, 4].map((delayDays, step) => ({
      subject: `Step ${step} for {{firstName}}`,
      bodyHtml: "<p>Hi</p>",
      delayDays
    }))
    const { body } = await call("POST", "/v1/campaigns", { name: "Week", sequenceSteps })
    const campaign = `/v1/campaigns/${body.campaign.id}`
    const email = "ava@acmecorp.com"
    await call("POST", `${campaign}/leads/bulk`, { leads: [{ email, firstName: "Ava" }] })
    const started = await call("POST", `${campaign}/start`)
    expect(Date.parse(started.body.campaign.startedAt)).toBe(began)
    for (const [step, days] of [0, 3, 7].entries()) {
      await call("POST", path, { advanceTo: isoOf(began + days * day) })
      const claimed = await call("POST", "/v1/delivery/claim", {})
      expect(claimed.body.messages).toMatchObject([{ step, subject: `Step ${step} for Ava`, to: email }])
      const [{ messageId }] = claimed.body.messages
      const reports = [{ messageId, type: "sent" }]
      expect((await call("POST", "/v1/delivery/reports", { reports })).body).toMatchObject({ recorded: 1 })
    }
    const explained = await call("POST", `${campaign}/leads/explain`, { email })
    expect(explained.body).toMatchObject({
      verdict: { reason: "completed", since: isoOf(began + 7 * day) },
      messages: [0, 3, 7].map((days) => ({ sentAt: isoOf(began + days * day) }))
    })
  })

  it("TC-2: two servers on one file have one clock, and know the mode of the workspace", async () => {
    const folder = await mkdtemp(join(tmpdir(), "leadterra-clock-"))
    onTestFinished(() => rm(folder, { recursive: true }))
    const filename = join(folder, "leads.db")
    const openServer = async () => {
      const engine = await open(SqliteRepository.layer({ filename }))
      const store = await SqliteServerStore.make({ filename })
      const { close, fetch } = handlers({ engine, store })
      onTestFinished(async () => {
        await close()
        await store.close()
        await engine.close()
      })
      return { engine, store, fetch }
    }
    const one = await openServer()
    const two = await openServer()
    const mode = { workspaceId: "ws_test", now: Date.now() }
    const { key } = await createKey(one, { ...mode, mode: "test" })
    const refused = createKey(two, { ...mode, mode: "live" })
    await expect(refused).rejects.toMatchObject({ _tag: "WorkspaceModeConflict" })
    const call = async ({ fetch }: typeof one, body?: object): Promise<unknown> => {
      const request = new Request(`http://localhost${path}`, {
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) })
      })
      return (await fetch(request)).json()
    }
    const now = "2125-06-13T12:00:00Z"
    await call(one, { advanceTo: now })
    expect(await call(two)).toEqual({ now })
    expect(await call(two, { advanceTo: "2125-06-13T11:00:00Z" })).toMatchObject({
      code: "test_clock_is_later"
    })
  })
})
