import { createHash } from "node:crypto"
import { gunzipSync } from "node:zlib"
import { scalar } from "@leadterra/http/reference"
import { OpenApi } from "effect/http-api"
import { describe, expect, it } from "vitest"
import { Api } from "../src/contract/Api.ts"
import { startServer } from "./server.ts"

const sha256 = (bytes: string | Uint8Array): string =>
  `sha256-${createHash("sha256").update(bytes).digest("base64")}`

describe("the reference page", () => {
  const start = async () => {
    const { answered, call, errors, server } = await startServer({ reference: scalar })
    const get = (path: string, init: RequestInit = {}) =>
      server.fetch(new Request(`http://localhost${path}`, init))
    return { answered, call, errors, get }
  }

  it("runs the script of the package, and by its policy no other, and asks no other server", async () => {
    const { answered, get } = await start()
    const page = await get("/reference")
    const html = await page.text()
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"])
    const [, src = "", integrity = ""] = /<script src="([^"]+)" integrity="([^"]+)">/.exec(html) ?? []
    const script = await get(`/${src}`, { headers: { "accept-encoding": "br, gzip" } })
    expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8")
    expect(script.headers.get("cache-control")).toBe("public, max-age=31536000, immutable")
    expect(script.headers.get("content-encoding")).toBe("gzip")
    const packed = new Uint8Array(await script.arrayBuffer())
    const bytes = gunzipSync(packed)
    expect(bytes.toString()).toContain("@scalar/api-reference")
    expect(sha256(bytes)).toBe(integrity)
    const plain = await get(`/${src}`)
    expect(plain.headers.get("content-encoding")).toBe(null)
    expect(sha256(new Uint8Array(await plain.arrayBuffer()))).toBe(integrity)
    const [, inline = ""] = /<script>([^<]+)<\/script>/.exec(html) ?? []
    const policy = new Map(
      (page.headers.get("content-security-policy") ?? "")
        .split("; ")
        .map((directive) => [directive.split(" ")[0], directive.split(" ").slice(1)])
    )
    expect(policy.get("default-src")).toEqual(["'none'"])
    expect(policy.get("script-src")).toEqual([`'${integrity}'`, `'${sha256(inline)}'`])
    expect(policy.get("connect-src")).toEqual(["'self'"])
    expect(policy.get("frame-ancestors")).toEqual(["'none'"])
    expect(html).not.toMatch(/https?:/)
    expect(answered.map(({ route }) => route)).toEqual([
      "/reference",
      "/reference/:script",
      "/reference/:script"
    ])
  })

  it("loads the script with the first call, and once; a load that failed is tried again", async () => {
    let loads = 0
    const reference = async () => {
      loads++
      if (loads === 1) throw new Error("no such file")
      return scalar()
    }
    const { errors, server } = await startServer({ reference })
    const status = async (path: string) => (await server.fetch(new Request(`http://localhost${path}`))).status
    expect(loads).toBe(0)
    expect(await status("/reference")).toBe(500)
    expect(errors).toMatchObject([{ message: "no such file" }])
    expect(await Promise.all(["/reference", "/reference"].map(status))).toEqual([200, 200])
    expect(loads).toBe(2)
  })

  it("is not there for a host that wants the API alone, nor is a script of another version", async () => {
    const { call } = await startServer()
    for (const path of ["/reference", "/reference/scalar-0123456789abcdef.js"])
      expect(await call("GET", path)).toMatchObject({ status: 404, body: { code: "path_not_found" } })
    const served = await start()
    for (const path of ["/reference/scalar-0123456789abcdef.js", "/reference/", "/reference/%"])
      expect(await served.call("GET", path)).toMatchObject({ status: 404, body: { code: "path_not_found" } })
    expect(await served.call("POST", "/reference", {})).toMatchObject({ status: 405 })
    const head = await served.get("/reference", { method: "HEAD" })
    expect([head.status, await head.text()]).toEqual([200, ""])
  })
})

describe("/llms.txt", () => {
  const textOf = async (options: Parameters<typeof startServer>[0] = {}) => {
    const { server } = await startServer(options)
    const answer = await server.fetch(new Request("http://localhost/llms.txt"))
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/plain; charset=utf-8"])
    return answer.text()
  }

  it("has the parts of llmstxt.org in their order: a title, a summary, notes, and lists of links", async () => {
    const text = await textOf({ reference: scalar })
    expect(text).toMatch(/^# Leadterra\n\n> [^\n]+\n\n/)
    const [, ...sections] = text.split(/^## /m)
    expect(sections.map((section) => section.split("\n")[0])).toEqual(["API"])
    const links = sections.flatMap((section) => section.trim().split("\n").slice(2))
    for (const link of links) expect(link).toMatch(/^- \[[^\]]+\]\(\/[^)]*\): .+$/)
    expect(text).toContain("(/openapi.json)")
    expect(text).toContain("(/reference)")
    expect(await textOf()).not.toContain("/reference")
  })

  it("names every call of the contract", async () => {
    const text = await textOf()
    const summaries = Object.values(OpenApi.fromApi(Api).paths).flatMap((operations) =>
      (["get", "post", "put", "patch", "delete"] as const).flatMap(
        (method) => operations[method]?.summary ?? []
      )
    )
    const calls = Array.from(text.matchAll(/^- [A-Z]+ \/v1\/\S+: (.+)$/gm), ([, summary]) => summary)
    expect(calls.toSorted()).toEqual(summaries.toSorted())
    expect(text).toContain("- POST /v1/campaigns/{id}/leads/bulk: Enrol a batch of leads into a campaign\n")
  })
})
