/**
 * The contract under random calls: every answer has a status that the OpenAPI document declares for
 * the call, no call is a failure of the server, and an error is a problem that repeats no value.
 */
import { Api } from "@leadterra/http"
import { OpenApi } from "effect/http-api"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { startServer, steps } from "./server.ts"

const numRuns = process.env["NIGHTLY"] === undefined ? 300 : 5_000

const document = OpenApi.fromApi(Api)

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, operation]) =>
    "responses" in operation
      ? [{ method: method.toUpperCase(), path, statuses: Object.keys(operation.responses).map(Number) }]
      : []
  )
)

/** Text that must stand in no problem. */
const secret = "zq7secretq"

/** Names that bodies have, and names that they do not. */
const member = fc.constantFrom(
  ...["name", "sequenceSteps", "subject", "bodyHtml", "delayDays", "leads", "email", "emails", "reason"],
  ...["onInvalid", "reports", "messages", "limit", "leaseSeconds", "messageId", "type", "claimToken"],
  ...["__proto__", "constructor", "toString", "", "a/b~c"]
)

const scalar = fc.oneof(
  fc.constantFrom(null, true, -0, 1e300, "", secret, `${secret}@acme.com`, "ava@acmecorp.com", "report"),
  fc.integer(),
  fc.double(),
  fc.string({ unit: "binary", maxLength: 20 })
)

const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("json"), { maxLength: 4 }),
    fc.dictionary(member, tie("json"), { maxKeys: 5 })
  )
}))

/** Bodies that are nearly right: an object of the members of bodies. */
const body = fc.oneof(
  fc.dictionary(member, json, { maxKeys: 4 }).map((value) => JSON.stringify(value)),
  json.map((value) => JSON.stringify(value)),
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.uint8Array({ maxLength: 20 })
)

const query = fc.oneof(
  fc.constant(""),
  fc.constantFrom(
    "?limit=1",
    "?limit=0",
    "?limit=x",
    "?after=x",
    "?onInvalid=reject",
    "?onInvalid=x",
    "?a=1&a=2"
  ),
  fc.string({ maxLength: 10 }).map((text) => `?${encodeURIComponent(text)}`)
)

const id = fc.oneof(
  fc.constant("{known}"),
  fc.string({ unit: "binary", minLength: 1, maxLength: 20 }).map(encodeURIComponentSafely)
)

function encodeURIComponentSafely(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

const call = fc.record({
  operation: fc.constantFrom(...operations.filter(({ path }) => !path.endsWith("/stream"))),
  id,
  query,
  body,
  key: fc.constantFrom(undefined, secret, "key-1", '"quoted"', ""),
  ifMatch: fc.constantFrom(undefined, "*", `"${secret}"`, "")
})

describe("the contract under random calls", () => {
  it("answers with a declared status, and with problems that repeat nothing", async () => {
    const { call: send, createCampaign, errors } = await startServer({ maxBodyBytes: 100_000 })
    const known = await createCampaign(steps)
    await fc.assert(
      fc.asyncProperty(call, async ({ body, id, ifMatch, key, operation, query }) => {
        const { method, path, statuses } = operation
        const url = path.replace("{id}", id === "{known}" ? known : id) + query
        const answer = await send(method, url, method === "GET" ? undefined : body, {
          headers: {
            ...(key === undefined ? {} : { "idempotency-key": key }),
            ...(ifMatch === undefined ? {} : { "if-match": ifMatch })
          }
        })
        const { status } = answer
        expect(errors, `${method} ${url}`).toEqual([])
        // A path of one segment more or less is another path: an id may be a dot.
        if (!/^\.{1,2}$/.test(decodeURIComponent(id)))
          expect([...statuses, 404], `${method} ${url} was answered with ${status}`).toContain(status)
        if (status < 400) return
        expect(answer.headers.get("content-type")).toBe("application/problem+json")
        expect(answer.body).toMatchObject({ status, code: expect.any(String), detail: expect.any(String) })
        expect(JSON.stringify(answer.body)).not.toContain(secret)
      }),
      { numRuns }
    )
  })
})
