import { RepositoryError, StoreBusy } from "@leadterra/core"
import { createKey, type ErasedPeople, MemoryServerStore, revokeKey, ServerStoreError } from "@leadterra/http"
import { describe, expect, it } from "vitest"
import { startServer, steps } from "./server.ts"

const ava = { email: "ava@acmecorp.com", firstName: "Ava", company: "Acme Corp" }
const marcus = { email: "marcus@buildfast.io", firstName: "Marcus", company: "BuildFast" }

const problem = (status: number, code: string) => ({
  status,
  body: expect.objectContaining({
    type: `urn:leadterra:problem:${code}`,
    title: expect.any(String),
    status,
    detail: expect.any(String),
    code
  })
})

describe("the calls of the guide", () => {
  it("a campaign is created, filled, started and paused, with the published answers", async () => {
    const { call } = await startServer()
    const created = await call("POST", "/v1/campaigns", { name: "Spring", sequenceSteps: steps })
    expect(created.status).toBe(201)
    expect(created.body.campaign).toMatchObject({
      name: "Spring",
      status: "draft",
      sequenceSteps: [{ ...steps[0], delayDays: 0 }],
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/),
      startedAt: null
    })
    const { id } = created.body.campaign
    expect(await call("POST", `/v1/campaigns/${id}/leads/bulk`, { leads: [ava, marcus] })).toMatchObject({
      status: 200,
      body: { result: { enrolled: 2, updated: 0, skipped: 0, totalInCampaign: 2, failed: 0 } }
    })
    expect(await call("POST", `/v1/campaigns/${id}/start`)).toMatchObject({
      status: 200,
      body: { campaign: { id, status: "running", leadsEnrolled: 2, queuedMessages: 2 } }
    })
    expect((await call("POST", `/v1/campaigns/${id}/pause`)).body).toEqual({
      id,
      status: "paused",
      pausedAt: expect.any(String)
    })
    expect((await call("GET", `/v1/campaigns/${id}/stats`)).body).toMatchObject({
      campaignId: id,
      totalEnrolled: 2,
      queued: 2,
      openRate: 0
    })
  })

  it("a row that breaks a rule fails alone, and never the call", async () => {
    const { call, createCampaign } = await startServer()
    const id = await createCampaign()
    const leads = [ava, 7, null, { email: "no address" }, { email: "x@acme.com", __proto__: null }]
    const { body, status } = await call("POST", `/v1/campaigns/${id}/leads/bulk`, { leads })
    expect(status).toBe(200)
    expect(body.result).toMatchObject({ enrolled: 2, failed: 3 })
    expect(body.outcomes.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      "enrolled",
      "failed",
      "failed",
      "failed",
      "enrolled"
    ])
  })

  it("addresses are suppressed in the published shape, and then skipped", async () => {
    const { call, createCampaign } = await startServer()
    const suppressed = await call("POST", "/v1/suppression-list", { emails: [ava.email] })
    expect(suppressed.body).toEqual({ result: { suppressed: 1, alreadySuppressed: 0, total: 1 } })
    const id = await createCampaign()
    const { body } = await call("POST", `/v1/campaigns/${id}/leads/bulk`, { leads: [ava, marcus] })
    expect(body.result).toMatchObject({ enrolled: 1, skipped: 1, totalInCampaign: 1 })
  })

  it("messages are claimed and reported", async () => {
    const { call, createCampaign } = await startServer()
    const id = await createCampaign(steps)
    await call("POST", `/v1/campaigns/${id}/leads/bulk`, { leads: [ava] })
    await call("POST", `/v1/campaigns/${id}/start`)
    const { body } = await call("POST", "/v1/delivery/claim", {})
    expect(body.messages).toMatchObject([{ to: ava.email, subject: "Hi Ava", step: 0, attempt: 1 }])
    const [{ messageId }] = body.messages
    const reports = [{ messageId, type: "sent" }, { messageId: "x" }]
    expect((await call("POST", "/v1/delivery/reports", { reports })).body).toMatchObject({
      recorded: 1,
      failed: 1
    })
    const explained = await call("POST", `/v1/campaigns/${id}/leads/explain`, { email: ava.email })
    expect(explained.body.verdict.reason).toBe("completed")
    const events = await call("GET", "/v1/events")
    expect(events.body.events.map(({ kind }: { kind: string }) => kind)).toContain("message.sent")
  })
})

describe("problems", () => {
  it("the core's errors have their published codes and statuses", async () => {
    const { call, createCampaign } = await startServer()
    const empty = await createCampaign()
    expect(await call("POST", `/v1/campaigns/${empty}/start`)).toMatchObject(
      problem(400, "no_sequence_steps")
    )
    const id = await createCampaign(steps)
    expect(await call("POST", `/v1/campaigns/${id}/start`)).toMatchObject(problem(400, "no_leads_enrolled"))
    expect(await call("GET", "/v1/campaigns/camp_none")).toMatchObject(problem(404, "campaign_not_found"))
    expect(await call("POST", "/v1/leads/lookup", { email: ava.email })).toMatchObject(
      problem(404, "lead_not_found")
    )
    await call("POST", `/v1/campaigns/${id}/leads/bulk`, { leads: [ava] })
    await call("POST", `/v1/campaigns/${id}/start`)
    expect(await call("PUT", `/v1/campaigns/${id}/steps`, { sequenceSteps: steps })).toMatchObject(
      problem(409, "campaign_not_editable")
    )
    const rejected = await call("POST", `/v1/campaigns/${id}/leads/bulk?onInvalid=reject`, {
      leads: [ava, { email: "nobody" }]
    })
    expect(rejected).toMatchObject(problem(422, "invalid_leads"))
    expect(rejected.body.errors).toEqual([
      { pointer: "/leads/1/email", code: "MissingAt", message: expect.any(String) }
    ])
    expect(await call("POST", "/v1/suppression-list", { emails: [7] })).toMatchObject(
      problem(422, "invalid_suppression_entries")
    )
    const many = { leads: Array.from({ length: 10_001 }, () => ava) }
    expect(await call("POST", `/v1/campaigns/${id}/leads/bulk`, many)).toMatchObject(
      problem(413, "too_large")
    )
  })

  it("a request that is not well-formed says where, all at once, and repeats no value", async () => {
    const { call, createCampaign } = await startServer()
    const secret = "ava@secret.example"
    const { body, status } = await call("POST", "/v1/campaigns", {
      name: 7,
      [`a/${secret.length}~`]: secret,
      sequenceSteps: 7
    })
    expect(status).toBe(400)
    expect(body.errors).toHaveLength(3)
    expect(body.errorCount).toBe(3)
    expect(body.errors).toContainEqual({
      pointer: "/a~118~0",
      code: "unknown_member",
      message: expect.any(String)
    })
    expect(body.errors).toContainEqual(expect.objectContaining({ pointer: "/sequenceSteps" }))
    expect(JSON.stringify(body)).not.toContain(secret)
    const id = await createCampaign()
    const misspelled = await call("PUT", `/v1/campaigns/${id}/steps`, {
      sequenceSteps: [{ subject: "x", bodyHtml: "y", delayDay: secret }, {}]
    })
    expect(misspelled).toMatchObject(problem(400, "invalid_request"))
    expect(misspelled.body.errors).toContainEqual(
      expect.objectContaining({ pointer: "/sequenceSteps/0/delayDay" })
    )
    expect(JSON.stringify(misspelled.body)).not.toContain(secret)
    const unknown = await call("POST", `/v1/campaigns/${id}/leads/bulk`, { leads: [], onInvaild: "reject" })
    expect(unknown).toMatchObject(problem(400, "invalid_request"))
    const query = await call("GET", "/v1/campaigns?limit=many")
    expect(query).toMatchObject(problem(400, "invalid_request"))
    expect((await call("GET", "/v1/campaigns?limits=1")).status).toBe(400)
    const subject = await call("PUT", `/v1/campaigns/${id}/steps`, {
      sequenceSteps: [{ subject: "a\nb", bodyHtml: "c" }]
    })
    expect(subject.body.errors[0].pointer).toBe("/sequenceSteps/0/subject")
  })

  it("many faults are listed up to a thousand, and counted", async () => {
    const { call, createCampaign } = await startServer()
    const id = await createCampaign()
    const leads = Array.from({ length: 3_000 }, () => ({ email: "nobody" }))
    const { body } = await call("POST", `/v1/campaigns/${id}/leads/bulk?onInvalid=reject`, { leads })
    expect(body.errors).toHaveLength(1_000)
    expect(body.errorCount).toBe(3_000)
  })

  it.each([
    ["text that is no JSON", "{", "malformed_json"],
    ["nothing", "", "invalid"],
    ["a list", "[]", "invalid"]
  ])("a body that is %s is refused", async (_, body, code) => {
    const { call } = await startServer()
    const answer = await call("POST", "/v1/campaigns", body, {
      headers: { "content-type": "application/json" }
    })
    expect(answer).toMatchObject(problem(400, "invalid_request"))
    expect(answer.body.errors[0].code).toBe(code)
  })

  it("bytes that are not UTF-8 are refused, and never replaced", async () => {
    const { call } = await startServer()
    const name = new TextEncoder().encode('{"name":"Spring?"}').map((byte) => (byte === 0x3f ? 0xff : byte))
    expect(await call("POST", "/v1/campaigns", name)).toMatchObject(problem(400, "invalid_request"))
    expect((await call("GET", "/v1/campaigns")).body.campaigns).toEqual([])
  })

  it("a body of another type, and one that is too long, are refused", async () => {
    const { call } = await startServer({ maxBodyBytes: 1_000 })
    const body = { name: "Spring" }
    for (const type of ["text/plain", "application/json; charset=utf-16", "application/x-ndjson"]) {
      expect(await call("POST", "/v1/campaigns", body, { headers: { "content-type": type } })).toMatchObject(
        problem(415, "unsupported_media_type")
      )
    }
    const charset = { "content-type": "application/json; charset=UTF-8" }
    expect((await call("POST", "/v1/campaigns", body, { headers: charset })).status).toBe(201)
    const long = await call("POST", "/v1/campaigns", { name: "x".repeat(2_000) })
    expect(long).toMatchObject(problem(413, "too_large"))
    expect(long.body).toMatchObject({ limit: 1_000, unit: "bytes" })
  })

  it("a stream that announces no length is read up to the limit, and no further", async () => {
    const { keyOf, server } = await startServer({ maxBodyBytes: 10_000 })
    let chunks = 0
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        chunks++
        controller.enqueue(new Uint8Array(1_000).fill(0x20))
      }
    })
    const request = new Request("http://localhost/v1/campaigns", {
      method: "POST",
      headers: { authorization: `Bearer ${await keyOf("ws_2")}`, "content-type": "application/json" },
      body,
      duplex: "half"
    } as RequestInit)
    expect((await server.fetch(request)).status).toBe(413)
    expect(chunks).toBeLessThan(15)
  })

  it("bodies that find no room are refused at once, and room is given back", async () => {
    const { call, keyOf, server } = await startServer({ maxBodyBytes: 10_000, maxBodyBytesAtOnce: 10_000 })
    const key = await keyOf("ws_1")
    let release = () => {}
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode("{"))
        release = () => {
          controller.enqueue(new TextEncoder().encode('"name":"Spring"}'))
          controller.close()
        }
      }
    })
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" }
    const init = { method: "POST", headers, body, duplex: "half" } as RequestInit
    const first = server.fetch(new Request("http://localhost/v1/campaigns", init))
    await new Promise((resolve) => setTimeout(resolve, 0))
    const refused = await call("POST", "/v1/campaigns", { name: "Summer" })
    expect(refused).toMatchObject(problem(429, "too_many_requests"))
    expect(refused.headers.get("retry-after")).toBe("1")
    release()
    expect((await first).status).toBe(201)
    expect((await call("POST", "/v1/campaigns", { name: "Summer" })).status).toBe(201)
  })

  it("a path that is not there, and a method that a path does not take, say so", async () => {
    const { call, errors } = await startServer()
    for (const path of ["/", "/v1", "/v1/campaign", "/v1/campaigns/a/b", "/v1/campaigns/%zz"])
      expect(await call("GET", path)).toMatchObject(problem(404, "path_not_found"))
    const answer = await call("DELETE", "/v1/campaigns")
    expect(answer).toMatchObject(problem(405, "method_not_allowed"))
    expect(answer.headers.get("allow")).toBe("POST, GET")
    for (const method of ["POST", "OPTIONS", "PUT", "DELETE"]) {
      const refused = await call(method, "/openapi.json", undefined, { key: null })
      expect(refused).toMatchObject(problem(405, "method_not_allowed"))
      expect(refused.headers.get("allow")).toBe("GET, HEAD")
    }
    expect((await call("HEAD", "/openapi.json", undefined, { key: null })).status).toBe(200)
    expect(errors).toEqual([])
  })

  it("a name of any length in a path is one that names nothing", async () => {
    const { call, errors } = await startServer()
    for (const length of [100, 101, 10_000]) {
      const path = `/v1/campaigns/${"a".repeat(length)}`
      expect(await call("GET", path)).toMatchObject(problem(404, "campaign_not_found"))
      expect(await call("GET", path, undefined, { key: null })).toMatchObject(
        problem(401, "authentication_failed")
      )
    }
    expect(errors).toEqual([])
  })

  it("an error of a call whose caller has left is told to nobody", async () => {
    const leaving = new AbortController()
    const { answered, errors, keyOf, server } = await startServer({}, (engine) => ({
      ...engine,
      campaigns: {
        ...engine.campaigns,
        list: () => {
          leaving.abort()
          return Promise.reject(leaving.signal.reason)
        }
      }
    }))
    const headers = { authorization: `Bearer ${await keyOf("ws_1")}` }
    await server.fetch(new Request("http://localhost/v1/campaigns", { headers, signal: leaving.signal }))
    expect(answered.map(({ status }) => status)).toEqual([499])
    expect(errors).toEqual([])
  })

  it("an error of a link whose caller has left is told to nobody", async () => {
    const leaving = new AbortController()
    const { answered, errors, server } = await startServer({
      publicUrl: "https://mail.example.com",
      store: {
        ...MemoryServerStore.make(),
        secrets: {
          rotate: () => expect.unreachable(),
          all: () => {
            leaving.abort()
            return Promise.reject(leaving.signal.reason)
          }
        }
      }
    })
    await server.fetch(new Request("http://localhost/u/u1.a.b", { signal: leaving.signal }))
    expect(answered.map(({ status }) => status)).toEqual([499])
    expect(errors).toEqual([])
  })

  it("a host that throws when it is told changes no answer", async () => {
    const fault = (): never => {
      throw new Error("the log is full")
    }
    const { call } = await startServer({ onAnswer: fault, onError: fault }, (engine) => ({
      ...engine,
      campaigns: { ...engine.campaigns, get: () => Promise.reject(new Error("broken")) }
    }))
    expect((await call("POST", "/v1/campaigns", { name: "Spring" })).status).toBe(201)
    expect(await call("GET", "/v1/campaigns/camp_x")).toMatchObject(problem(500, "internal"))
  })

  it("an error that nothing stands for is reported to the host, and the caller learns the request id alone", async () => {
    const cause = new Error("ava@secret.example")
    const { call, errors } = await startServer({}, (engine) => ({
      ...engine,
      campaigns: { ...engine.campaigns, get: () => Promise.reject(cause) }
    }))
    const answer = await call("GET", "/v1/campaigns/camp_x")
    expect(answer).toMatchObject(problem(500, "internal"))
    expect(JSON.stringify(answer.body)).not.toContain("secret")
    expect(errors).toEqual([cause])
  })

  it("a failure outside the contract is reported and answered like any other", async () => {
    const { call, errors } = await startServer({
      publicUrl: "https://mail.example.com",
      store: {
        ...MemoryServerStore.make(),
        secrets: { rotate: () => expect.unreachable(), all: () => Promise.reject(new Error("gone")) }
      }
    })
    expect(await call("GET", "/u/u1.a.b", undefined, { key: null })).toMatchObject(problem(500, "internal"))
    expect(errors).toEqual([new Error("gone")])
  })

  it("a store that is busy is to be asked again", async () => {
    const busy = new RepositoryError({ operation: "read", reason: new StoreBusy() })
    const { call, errors } = await startServer({}, (engine) => ({
      ...engine,
      campaigns: { ...engine.campaigns, get: () => Promise.reject(busy) }
    }))
    const answer = await call("GET", "/v1/campaigns/camp_x")
    expect(answer).toMatchObject(problem(503, "unavailable"))
    expect(answer.headers.get("retry-after")).toBe("1")
    expect(errors).toEqual([])
  })
})

describe("keys", () => {
  it("a store of keys that is busy is to be asked again, and one that is broken is reported", async () => {
    for (const isRetryable of [true, false]) {
      const store = MemoryServerStore.make()
      const cause = new ServerStoreError("the store is away", { isRetryable })
      const keys = { ...store.keys, byHash: () => Promise.reject(cause) }
      const { call, errors } = await startServer({ store: { ...store, keys } })
      const answer = await call("GET", "/v1/campaigns")
      expect(answer).toMatchObject(isRetryable ? problem(503, "unavailable") : problem(500, "internal"))
      expect(errors).toEqual(isRetryable ? [] : [cause])
    }
  })

  it("a call without a valid key is refused before its body is read", async () => {
    const { answered, call } = await startServer({ maxBodyBytes: 10 })
    const body = { name: "Spring, and more than ten bytes" }
    for (const key of [null, "", "sk_live_x", `sk_live_${"a".repeat(49)}`]) {
      const answer = await call("POST", "/v1/campaigns", body, { key })
      expect(answer).toMatchObject(problem(401, "authentication_failed"))
      expect(answer.headers.get("www-authenticate")).toBe("Bearer")
    }
    expect(answered.every(({ workspaceId }) => workspaceId === null)).toBe(true)
  })

  it("a key reaches its own workspace alone", async () => {
    const { call, createCampaign, keyOf } = await startServer()
    const id = await createCampaign(steps)
    await call("POST", `/v1/campaigns/${id}/leads/bulk`, { leads: [ava, marcus] })
    const key = await keyOf("ws_2")
    const gets = ["", "/stats", "/leads"]
    for (const of of gets)
      expect((await call("GET", `/v1/campaigns/${id}${of}`, undefined, { key })).status).toBe(404)
    for (const of of ["/start", "/pause"])
      expect((await call("POST", `/v1/campaigns/${id}${of}`, undefined, { key })).status).toBe(404)
    const bulk = await call("POST", `/v1/campaigns/${id}/leads/bulk`, { leads: [ava] }, { key })
    expect(bulk).toMatchObject(problem(404, "campaign_not_found"))
    expect((await call("GET", "/v1/leads", undefined, { key })).body.leads).toEqual([])
    expect((await call("GET", "/v1/events", undefined, { key })).body.events).toEqual([])
    const { next } = (await call("GET", "/v1/leads?limit=1")).body
    expect((await call("GET", `/v1/leads?after=${next}`, undefined, { key })).status).toBe(400)
    expect((await call("GET", `/v1/leads?after=${next}`)).body.leads).toHaveLength(1)
  })
})

describe("leads", () => {
  it("one is found by its id in its workspace alone, and no longer once it is erased", async () => {
    const { call, createCampaign, keyOf } = await startServer()
    const id = await createCampaign()
    await call("POST", `/v1/campaigns/${id}/leads/bulk`, { leads: [ava] })
    const [lead] = (await call("GET", "/v1/leads")).body.leads
    const path = `/v1/leads/${lead.id}`
    expect(await call("GET", path)).toMatchObject({ status: 200, body: { lead } })
    const missing = problem(404, "lead_not_found")
    expect(await call("GET", path, undefined, { key: await keyOf("ws_2") })).toMatchObject(missing)
    const others = ["lead_01JXCQ0000ZZZZZZZZZZZZ0000", "lookup", "%00", `${lead.id}%00`, "a".repeat(10_000)]
    for (const other of others) expect(await call("GET", `/v1/leads/${other}`)).toMatchObject(missing)
    await call("POST", "/v1/leads/erase", { emails: [ava.email] })
    expect(await call("GET", path)).toMatchObject(missing)
  })
})

describe("erasures", () => {
  it("ER-1: an erasure sweeps the server's own records before it is answered, and again when that failed", async () => {
    const swept: Array<ErasedPeople> = []
    const { call, server, store } = await startServer()
    Object.assign(store, {
      erased: async (people: ErasedPeople) => {
        if (swept.push(people) === 1) throw new ServerStoreError("busy", { isRetryable: true })
      }
    })
    const people = { workspaceId: "ws_1", emails: [ava.email] }
    const erase = () => call("POST", "/v1/leads/erase", { emails: people.emails })
    expect(await erase()).toMatchObject(problem(503, "unavailable"))
    expect((await erase()).status).toBe(200)
    expect(swept).toEqual([people, people])
    expect((await call("POST", "/v1/leads/erase", { emails: ["none"] })).status).toBe(400)
    await server.sweepErased(people)
    expect(swept).toEqual([people, people, people])
  })
})

describe("lists", () => {
  it("pages show each entry once, and their cursors show nothing and serve no other list", async () => {
    const { call, createCampaign } = await startServer()
    const id = await createCampaign()
    const emails = Array.from({ length: 5 }, (_, index) => `lead${index}@acme.com`)
    await call("POST", `/v1/campaigns/${id}/leads/bulk`, { leads: emails.map((email) => ({ email })) })
    await call("POST", "/v1/suppression-list", { emails: emails.map((email) => `x.${email}`) })
    const walk = async (path: string, member: string) => {
      const found: Array<unknown> = []
      let after = ""
      for (;;) {
        const { body } = await call("GET", `${path}?limit=2${after}`)
        found.push(...body[member])
        if (body.next === null) return found
        expect(body.next).not.toMatch(/acme|lead/)
        expect(Buffer.from(body.next, "base64url").toString("latin1")).not.toMatch(/acme|lead_/)
        after = `&after=${body.next}`
      }
    }
    expect(await walk("/v1/leads", "leads")).toHaveLength(5)
    expect(await walk(`/v1/campaigns/${id}/leads`, "leads")).toHaveLength(5)
    expect(await walk("/v1/suppression-list", "suppressions")).toHaveLength(5)
    const { next } = (await call("GET", "/v1/leads?limit=1")).body
    for (const path of ["/v1/suppression-list", "/v1/campaigns", "/v1/events", `/v1/campaigns/${id}/leads`])
      expect(await call("GET", `${path}?after=${next}`)).toMatchObject(problem(400, "invalid_request"))
    const changed = `${next.startsWith("A") ? "B" : "A"}${next.slice(1)}`
    expect((await call("GET", `/v1/leads?after=${changed}`)).status).toBe(400)
  })
})

describe("idempotency keys", () => {
  it("the same key and rows land once, quoted or bare, and say that they were replayed", async () => {
    const { call, createCampaign } = await startServer()
    const id = await createCampaign()
    const send = (key: string, leads: ReadonlyArray<unknown>) =>
      call("POST", `/v1/campaigns/${id}/leads/bulk`, { leads }, { headers: { "idempotency-key": key } })
    const first = await send('"a \\"b\\""', [ava])
    expect(first.headers.get("idempotent-replayed")).toBeNull()
    const again = await send('a "b"', [ava])
    expect(again.body).toEqual(first.body)
    expect(again.headers.get("idempotent-replayed")).toBe("true")
    expect(await send('a "b"', [marcus])).toMatchObject(problem(422, "idempotency_conflict"))
  })
})

describe("idempotency keys that are not kept", () => {
  it("are refused by name, and ignored where a call may be repeated anyway", async () => {
    const { call, createCampaign } = await startServer()
    const headers = { "idempotency-key": "key-1" }
    const refused = await call("POST", "/v1/campaigns", { name: "Spring" }, { headers })
    expect(refused).toMatchObject(problem(400, "invalid_request"))
    expect(refused.body.errors[0].message).toContain("idempotency-key: no key is kept")
    expect((await call("POST", "/v1/delivery/claim", {}, { headers })).status).toBe(400)
    const id = await createCampaign()
    expect((await call("POST", `/v1/campaigns/${id}/pause`, undefined, { headers })).status).toBe(200)
  })
})

describe("the stream of events", () => {
  /** Reads from a stream until the text holds what is looked for. */
  const until = async (response: Response, looked: string): Promise<string> => {
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ""
    while (!text.includes(looked)) {
      const { done, value } = (await reader?.read()) ?? { done: true }
      if (done) break
      text += value
    }
    reader?.releaseLock()
    return text
  }

  it("tells events as they come, and goes on behind the last that was read", async () => {
    const { call, createCampaign, keyOf, server } = await startServer()
    const id = await createCampaign(steps)
    await call("POST", `/v1/campaigns/${id}/leads/bulk`, { leads: [ava] })
    const key = await keyOf("ws_1")
    const follow = (headers: Readonly<Record<string, string>> = {}) =>
      server.fetch(
        new Request("http://localhost/v1/events/stream", {
          headers: { authorization: `Bearer ${key}`, ...headers }
        })
      )
    const response = await follow()
    expect(response.headers.get("content-type")).toBe("text/event-stream")
    await call("POST", `/v1/campaigns/${id}/start`)
    const text = await until(response, "campaign.started")
    const [lastId = ""] = /(?<=^id: ).+(?=\nevent: lead.enrolled$)/m.exec(text) ?? []
    const [data = ""] = /(?<=^event: lead.enrolled\ndata: ).+$/m.exec(text) ?? []
    expect(JSON.parse(data)).toMatchObject({ kind: "lead.enrolled", campaignId: id })
    const next = await until(await follow({ "last-event-id": lastId }), "campaign.started")
    expect(next).not.toContain("lead.enrolled")
    expect((await follow({ "last-event-id": "x" })).status).toBe(400)
    server.endStreams()
    expect(await until(await follow(), "never told")).not.toContain("never told")
  })

  it("is closed by a caller who leaves, before or while it is read", async () => {
    const { answered, errors, keyOf, server } = await startServer({ maxStreams: 1 })
    const key = await keyOf("ws_1")
    const leaving = new AbortController()
    const follow = (signal: AbortSignal) =>
      server.fetch(
        new Request("http://localhost/v1/events/stream", {
          headers: { authorization: `Bearer ${key}` },
          signal
        })
      )
    const unread = await follow(leaving.signal)
    expect(unread.status).toBe(200)
    leaving.abort()
    const cancelled = await follow(new AbortController().signal)
    expect(cancelled.status).toBe(200)
    await cancelled.body?.cancel()
    expect((await follow(new AbortController().signal)).status).toBe(200)
    expect((await follow(new AbortController().signal)).status).toBe(429)
    await follow(AbortSignal.abort())
    expect(answered.at(-1)?.status).toBe(499)
    expect(errors).toEqual([])
  })

  it("ends with its key, and one too many is refused", async () => {
    const { call, engine, server, store } = await startServer({ maxStreams: 1 })
    const { key, record } = await createKey({ engine, store }, { workspaceId: "ws_1", mode: "live", now: 1 })
    const follow = () =>
      server.fetch(
        new Request("http://localhost/v1/events/stream", { headers: { authorization: `Bearer ${key}` } })
      )
    const response = await follow()
    expect((await follow()).status).toBe(429)
    await revokeKey(store, { id: record.id, now: 2 })
    expect(await until(response, "never told")).not.toContain("never told")
    expect((await call("GET", "/v1/events/stream?after=x")).status).toBe(400)
  }, 20_000)
})

describe("revisions", () => {
  it("a change under a revision that is no longer that of the campaign is refused", async () => {
    const { call, createCampaign } = await startServer()
    const id = await createCampaign(steps)
    const path = `/v1/campaigns/${id}`
    const etag = (await call("GET", path)).headers.get("etag") ?? ""
    expect(etag).toMatch(/^"\w+"$/)
    const under = (tag: string) => ({ headers: { "if-match": tag } })
    const renamed = await call("PATCH", path, { name: "Summer" }, under(etag))
    expect(renamed).toMatchObject({ status: 200, body: { campaign: { id, name: "Summer" } } })
    const changed = { sequenceSteps: [...steps, ...steps] }
    expect(await call("PUT", `${path}/steps`, changed, under(etag))).toMatchObject(
      problem(412, "campaign_changed")
    )
    const latest = renamed.headers.get("etag") ?? ""
    expect((await call("PUT", `${path}/steps`, changed, under(latest))).status).toBe(200)
    expect((await call("PATCH", path, { name: "Autumn" }, under("*"))).status).toBe(200)
    expect((await call("PATCH", path, { name: "Winter" })).status).toBe(200)
    expect((await call("PATCH", path, {})).status).toBe(400)
  })
})

describe("answers", () => {
  it("have a request id and are kept by nobody; what is told of them is no person's data", async () => {
    const { answered, call, createCampaign } = await startServer()
    const id = await createCampaign()
    const { headers } = await call("POST", `/v1/campaigns/${id}/leads/bulk?onInvalid=report`, {
      leads: [ava]
    })
    expect(headers.get("cache-control")).toBe("no-store")
    expect(headers.get("x-content-type-options")).toBe("nosniff")
    expect(answered.at(-1)).toEqual({
      requestId: headers.get("x-request-id"),
      method: "POST",
      route: "/v1/campaigns/:id/leads/bulk",
      status: 200,
      milliseconds: expect.any(Number),
      workspaceId: "ws_1",
      traceparent: null
    })
  })

  it("are told with the trace that their call came with, and with no other text", async () => {
    const { answered, call } = await startServer()
    const traced = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    for (const traceparent of [traced, `${traced}-x`, "ava@acmecorp.com"])
      await call("GET", "/v1/campaigns", undefined, { headers: { traceparent } })
    expect(answered.map(({ traceparent }) => traceparent)).toEqual([traced, null, null])
  })

  it("the OpenAPI document lists every path, without a key", async () => {
    const { answered, call } = await startServer()
    const { body } = await call("GET", "/openapi.json", undefined, { key: null })
    expect(answered.map(({ route }) => route)).toEqual(["/openapi.json"])
    expect(body.openapi).toBe("3.1.0")
    expect(Object.keys(body.paths)).toContain("/v1/campaigns/{id}/leads/bulk")
  })
})
