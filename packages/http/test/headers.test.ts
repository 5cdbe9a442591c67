/** Headers that make a call conditional or safe to repeat: honoured where a call judges them, refused by name elsewhere. */
import { Api } from "@leadterra/http"
import { OpenApi } from "effect/http-api"
import { describe, expect, it } from "vitest"
import { startServer, steps } from "./server.ts"

const ava = { email: "ava@acmecorp.com", firstName: "Ava" }
const marcus = { email: "marcus@buildfast.io", firstName: "Marcus" }

const problem = (status: number, code: string) => ({
  status,
  body: expect.objectContaining({ type: `urn:leadterra:problem:${code}`, status, code })
})

const refused = (message: string) => ({
  status: 400,
  body: expect.objectContaining({
    code: "invalid_request",
    errors: [{ pointer: "", code: "invalid", message }],
    errorCount: 1
  })
})

/** The operations of the document, each with the headers that it declares. */
const operations = Object.entries(OpenApi.fromApi(Api).paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, operation]) =>
    "responses" in operation
      ? [
          {
            method: method.toUpperCase(),
            path: path.replace("{id}", "any"),
            headers: (operation.parameters ?? []).flatMap((one) =>
              "in" in one && one.in === "header" ? [one.name] : []
            )
          }
        ]
      : []
  )
)

describe("If-Match", () => {
  it("SQ-10: rows for another revision of the campaign are refused, and nothing is written", async () => {
    const { call, createCampaign } = await startServer()
    const id = await createCampaign(steps)
    const path = `/v1/campaigns/${id}`
    const read = (await call("GET", path)).headers.get("etag") ?? ""
    const renamed = await call("PATCH", path, { name: "Summer" })
    const current = renamed.headers.get("etag") ?? ""
    const send = (to: string, tag: string) =>
      call("POST", `${path}/leads/${to}`, { leads: [ava] }, { headers: { "if-match": tag } })
    for (const stale of [read, read.replaceAll('"', ""), '"none"', `W/${current}`, ""]) {
      expect(await send("preview", stale)).toMatchObject(problem(412, "campaign_changed"))
      expect(await send("bulk", stale)).toMatchObject(problem(412, "campaign_changed"))
    }
    expect((await call("GET", `${path}/leads`)).body.leads).toEqual([])
    expect((await send("preview", current)).body.result).toMatchObject({ enrolled: 1 })
    expect((await send("bulk", current)).body.result).toMatchObject({ enrolled: 1 })
    for (const tag of [current.replaceAll('"', ""), "*"])
      expect((await send("bulk", tag)).body.result).toMatchObject({ updated: 1 })
  })

  it("UP-10: a batch whose key has landed answers its first report whatever the revision is now", async () => {
    const { call, createCampaign } = await startServer()
    const path = `/v1/campaigns/${await createCampaign(steps)}`
    const tag = (await call("GET", path)).headers.get("etag") ?? ""
    const headers = { "if-match": tag, "idempotency-key": "batch-1" }
    const send = () => call("POST", `${path}/leads/bulk`, { leads: [ava] }, { headers })
    const first = await send()
    await call("PATCH", path, { name: "Summer" })
    expect(await send()).toMatchObject({ status: 200, body: first.body })
  })

  it("is refused by name by every call that does not judge it, before its body is read", async () => {
    const { call } = await startServer()
    const judging = operations.filter(({ headers }) => headers.includes("if-match"))
    expect(judging.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "PATCH /v1/campaigns/any",
      "PUT /v1/campaigns/any/steps",
      "POST /v1/campaigns/any/leads/bulk",
      "POST /v1/campaigns/any/leads/preview"
    ])
    for (const { headers, method, path } of operations) {
      if (headers.includes("if-match")) continue
      const body = method === "GET" || method === "DELETE" ? undefined : "{"
      expect(
        await call(method, path, body, { headers: { "if-match": '"secret"' } }),
        `${method} ${path}`
      ).toMatchObject(refused("headers if-match: no revision is judged by this call: leave the header out"))
    }
  })

  it("is not judged for a caller without a key", async () => {
    const { call } = await startServer()
    const headers = { "if-match": "*" }
    expect(await call("GET", "/v1/campaigns", undefined, { headers, key: null })).toMatchObject(
      problem(401, "authentication_failed")
    )
  })
})

describe("Idempotency-Key", () => {
  it("is in the document for the calls that take it, and refused by name by those that keep none", async () => {
    const { call } = await startServer()
    const taking = operations.filter(({ headers }) => headers.includes("idempotency-key"))
    expect(taking.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /v1/campaigns/any/leads/bulk",
      "POST /v1/campaigns/any/leads/preview"
    ])
    const keepNone = ["", "/any/imports"].map((path) => `/v1/campaigns${path}`)
    keepNone.push("/v1/delivery/claim", "/v1/imports/any/abort", "/v1/imports/any/resume", "/v1/webhooks")
    keepNone.push(...["rotate-secret", "test", "redeliver"].map((name) => `/v1/webhooks/any/${name}`))
    for (const path of keepNone)
      expect(await call("POST", path, "{", { headers: { "idempotency-key": "secret" } }), path).toMatchObject(
        refused("headers idempotency-key: no key is kept for this call: leave the header out")
      )
  })

  it("UP-10: a preview under a key that has landed answers the first report, and says that it was replayed", async () => {
    const { call, createCampaign } = await startServer()
    const id = await createCampaign()
    const send = (to: string, leads: ReadonlyArray<unknown>) =>
      call(
        "POST",
        `/v1/campaigns/${id}/leads/${to}`,
        { leads },
        { headers: { "idempotency-key": "batch-1" } }
      )
    const before = await send("preview", [ava])
    expect(before.headers.get("idempotent-replayed")).toBeNull()
    const landed = await send("bulk", [ava])
    expect(landed.headers.get("idempotent-replayed")).toBeNull()
    expect(before.body).toEqual(landed.body)
    const after = await send("preview", [ava])
    expect(after.body).toEqual(landed.body)
    expect(after.headers.get("idempotent-replayed")).toBe("true")
    expect(await send("preview", [marcus])).toMatchObject(problem(422, "idempotency_conflict"))
  })
})
