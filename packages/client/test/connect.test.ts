/** Options, arguments and answers that cannot be. */
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import { connect, LeadterraError } from "../src/index.ts"
import { failureOf, json, lost, problem, type Reply, someStats, startScript, testKey } from "./server.ts"

const invalid = (options: Partial<Parameters<typeof connect>[0]>): unknown => {
  try {
    return connect({ url: "http://localhost", key: testKey, ...options })
  } catch (error) {
    return error
  }
}

describe("connect", () => {
  it("takes an address with a path, and calls behind it", async () => {
    for (const url of ["https://example.com/leads", "https://example.com/leads//"]) {
      const { client, requests } = startScript([json({ campaigns: [], next: null })], { url })
      await client.campaigns.list({ limit: 2, after: "a&b" })
      expect(requests[0]?.url).toBe("https://example.com/leads/v1/campaigns?limit=2&after=a%26b")
      expect(requests[0]?.redirect).toBe("manual")
    }
  })

  it("refuses options that cannot be, and repeats neither the url nor the key", () => {
    const urls = [
      "",
      "leads.example.com",
      "ftp://example.com",
      "https://ann:secret@example.com",
      "http://x?secret"
    ]
    const keys = ["", `${testKey}\n`, "sk_test_ secret", "sk_test_secrét"]
    const counts = [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]
    const options = [
      ...urls.map((url) => ({ url })),
      ...keys.map((key) => ({ key })),
      ...counts.flatMap((n) => [{ retries: n }, { timeoutMillis: n }, { maxWaitMillis: n }]),
      { timeoutMillis: 0 }
    ]
    for (const option of options) {
      const error = invalid(option)
      expect(error, JSON.stringify(option)).toBeInstanceOf(LeadterraError)
      expect(error).toMatchObject({ code: "invalid_argument", status: null })
      expect(inspect(error).replaceAll(import.meta.filename, "")).not.toContain("secr")
    }
  })

  it("shows the key to nobody who looks at the client or at a failure", async () => {
    const { client } = startScript([lost], { retries: 0 })
    const error = await failureOf(client.campaigns.stats("camp_1"))
    for (const value of [client, error]) {
      expect(inspect(value, { depth: 9, showHidden: true })).not.toContain(testKey)
      expect(JSON.stringify(value)).not.toContain(testKey)
    }
    expect(error).not.toHaveProperty("cause")
  })
})

describe("arguments", () => {
  it("that cannot be sent are refused before the call, and not repeated", async () => {
    const { client, requests } = startScript([json({})])
    const circular: { self?: unknown } = {}
    circular.self = circular
    const calls = [
      ...["", ".", "..", "\ud800"].map((id) => client.campaigns.get(id)),
      client.leads.bulk("..", { leads: [] }),
      client.leads.preview("..", { leads: [] }),
      client.leads.bulk("camp_1", { leads: [circular] }),
      client.leads.bulk("camp_1", { leads: [{ email: "ava@acmecorp.com", size: 1n }] }),
      client.leads.bulk("camp_1", { leads: [], idempotencyKey: "zwölf" }),
      client.leads.bulk("camp_1", { leads: [], idempotencyKey: "a\nb" }),
      client.campaigns.update("camp_1", { name: "x" }, { ifMatch: "\n" })
    ]
    for (const call of calls) {
      const error = await failureOf(call)
      expect(error).toMatchObject({ code: "invalid_argument", status: null })
      expect(`${error}`).not.toMatch(/ava|zwölf|self/)
    }
    expect(requests).toEqual([])
  })
})

describe("answers", () => {
  it("of another server are told as such, without their text", async () => {
    const html = { headers: { "content-type": "text/html" } }
    const replies: ReadonlyArray<Reply> = [
      () => new Response("<p>ava@acmecorp.com</p>", html),
      () => new Response("<p>ava@acmecorp.com</p>", { ...html, status: 404 }),
      () => new Response("{ava@acmecorp.com", { headers: { "content-type": "application/json" } }),
      () => new Response(null, { status: 302, headers: { location: "https://example.com" } }),
      () => new Response(null, { status: 204 }),
      ...[null, 7, "ava@acmecorp.com", ["ava@acmecorp.com"], {}].map((body) => json(body)),
      json({ ...someStats, sent: "ava@acmecorp.com" }),
      json({ ...someStats, sent: null }),
      json(["ava@acmecorp.com"], { status: 500 }),
      problem(418, "ava@acmecorp.com"),
      problem(400, "invalid_request", { detail: 7 })
    ]
    for (const reply of replies) {
      const { client, requests } = startScript([reply])
      const error = await failureOf(client.campaigns.stats("camp_1"))
      expect(error).toMatchObject({
        code: "unexpected_answer",
        status: reply(new Request("http://x")) instanceof Response ? expect.any(Number) : null
      })
      expect(inspect(error)).not.toContain("ava@")
      expect(requests).toHaveLength(1)
    }
  })

  it("without the members of the call's answer end loops and waits by the same error", async () => {
    const { client } = startScript([json({}, { headers: { "x-request-id": "req_1" } })])
    const calls = [
      client.campaigns.list(),
      client.campaigns.create({ name: "Spring" }),
      client.campaigns.all().next(),
      client.leads.allEnrolled("camp_1").next(),
      client.imports.ended("imp_1"),
      client.webhooks.allDeliveries("wh_1").next()
    ]
    for (const call of calls) {
      const error = await failureOf(call)
      expect(error).toBeInstanceOf(LeadterraError)
      expect(error).toMatchObject({ code: "unexpected_answer", status: 200, requestId: "req_1" })
    }
  })

  it("with members that the client does not know are handed out whole", async () => {
    const page = { campaigns: [], next: null, total: 0 }
    const { client } = startScript([json(page)])
    expect(await client.campaigns.list()).toEqual(page)
  })

  it("of a charset and of faults that are none are read", async () => {
    const typed = { headers: { "content-type": "application/json; charset=utf-8" } }
    const { client } = startScript([json(someStats, typed)])
    expect(await client.campaigns.stats("camp_1")).toEqual(someStats)
    const fault = { pointer: "/name", code: "missing", message: "is missing" }
    const odd = startScript([
      problem(400, "invalid_request", { errors: [fault, null, 7, {}], errorCount: 4 })
    ])
    const error = await failureOf(odd.client.campaigns.stats("camp_1"))
    expect(error).toMatchObject({ errors: [fault], errorCount: 4 })
  })
})
