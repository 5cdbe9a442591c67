/** Calls of browsers from other origins: refused unless their origin was named. */
import { describe, expect, it } from "vitest"
import { UsageError } from "../src/failure.ts"
import { makeCors } from "../src/serve/cors.ts"
import { serving } from "./process.ts"
import { runOn, scene } from "./terminal.ts"

const origin = "https://app.example.com"

const corsOf = (headers: Headers) =>
  Object.fromEntries(Array.from(headers).filter(([name]) => /^access-control-|^vary$/.test(name)))

const opened = async (...argv: ReadonlyArray<string>) => {
  const { folder } = scene()
  const key = (await runOn(folder)(["keys", "create"])).out.trim()
  const { url } = await serving(folder, argv)
  const ask = async (method: string, path: string, headers: Readonly<Record<string, string>>) => {
    const answer = await fetch(url + path, { method, headers })
    await answer.text()
    return answer
  }
  return { ask, authorization: { authorization: `Bearer ${key}` } }
}

const question = {
  "access-control-request-method": "POST",
  "access-control-request-headers": "authorization"
}

describe("a page of another origin", () => {
  it("may call nothing by default", async () => {
    const { ask, authorization } = await opened()
    const asked = await ask("OPTIONS", "/v1/campaigns", { origin, ...question })
    expect([asked.status, corsOf(asked.headers)]).toEqual([405, {}])
    const read = await ask("GET", "/v1/campaigns", { origin, ...authorization })
    expect([read.status, corsOf(read.headers)]).toEqual([200, {}])
  })

  it("may call the API where its origin was named, and nothing else", async () => {
    const { ask, authorization } = await opened(
      "--cors-origin",
      origin,
      "--cors-origin",
      "http://localhost:5173"
    )
    const asked = await ask("OPTIONS", "/v1/campaigns", { origin, ...question })
    expect([asked.status, corsOf(asked.headers)]).toEqual([
      204,
      {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
        "access-control-allow-headers":
          "authorization, content-type, idempotency-key, if-match, last-event-id, traceparent, tracestate",
        "access-control-max-age": "600",
        vary: "origin"
      }
    ])
    for (const headers of [authorization, {}]) {
      const { headers: told } = await ask("GET", "/v1/campaigns", { origin, ...headers })
      expect(corsOf(told)).toEqual({
        "access-control-allow-origin": origin,
        "access-control-expose-headers": expect.stringContaining("ratelimit"),
        vary: "origin"
      })
    }
    const others = ["https://evil.example", `${origin}.evil.example`, "null", "HTTPS://APP.EXAMPLE.COM"]
    for (const other of others) {
      const refused = await ask("OPTIONS", "/v1/campaigns", { origin: other, ...question })
      expect([other, refused.status, corsOf(refused.headers)]).toEqual([other, 405, { vary: "origin" }])
    }
    const plain = await ask("OPTIONS", "/v1/campaigns", { origin })
    expect(plain.status).toBe(405)
    const probe = await ask("GET", "/healthz", { origin })
    expect([probe.status, corsOf(probe.headers)]).toEqual([200, {}])
    const link = await ask("GET", "/u/u1.a.b", { origin })
    expect(link.headers.get("access-control-allow-origin")).toBeNull()
  })

  it.each(["*", "app.example.com", "https://app.example.com/", "https://app.example.com/x", "null", ""])(
    "is refused as %j when the server starts",
    (origin) => {
      expect(() => makeCors([origin])).toThrow(UsageError)
    }
  )
})
