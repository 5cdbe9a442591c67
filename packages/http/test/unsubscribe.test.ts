import { describe, expect, it } from "vitest"
import { startServer, steps } from "./server.ts"

const publicUrl = "https://mail.example.com"

/** A started campaign with one lead, and its claimed message. */
const claimedOf = async (options = { publicUrl }) => {
  const started = await startServer(options)
  const { call, createCampaign, server } = started
  const id = await createCampaign(steps)
  await call("POST", `/v1/campaigns/${id}/leads/bulk`, { leads: [{ email: "ava@acmecorp.com" }] })
  await call("POST", `/v1/campaigns/${id}/start`)
  const { body } = await call("POST", "/v1/delivery/claim", {})
  const [message] = body.messages
  const follow = (method: string, url: string, headers: Readonly<Record<string, string>> = {}) =>
    server.fetch(new Request(url, { method, headers }))
  const isSuppressed = async (): Promise<boolean> => {
    const checked = await call("POST", "/v1/suppression-list/check", { emails: ["ava@acmecorp.com"] })
    return checked.body.results[0].suppressed
  }
  return { ...started, follow, isSuppressed, message }
}

describe("one-click unsubscribe: UN-1", () => {
  it("a claim hands out the link and the headers of RFC 8058", async () => {
    const { message } = await claimedOf()
    const { headers, url } = message.unsubscribe
    expect(url).toMatch(/^https:\/\/mail\.example\.com\/u\/u1\.[\w-]+\.[\w-]{43}$/)
    expect(headers).toEqual({
      "List-Unsubscribe": `<${url}>`,
      "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"
    })
    expect(url).not.toContain("acmecorp")
  })

  it("opening the link changes nothing, and a post to it unsubscribes, once and for good", async () => {
    const { answered, follow, isSuppressed, message } = await claimedOf()
    const { url } = message.unsubscribe
    for (const method of ["GET", "HEAD", "PUT"]) {
      const page = await follow(method, url)
      expect(page.status).toBe(method === "PUT" ? 405 : 200)
      expect(page.headers.get("content-security-policy")).toContain("default-src 'none'")
      expect(page.headers.get("referrer-policy")).toBe("no-referrer")
    }
    expect(await isSuppressed()).toBe(false)
    for (const _ of ["first", "again"]) {
      const done = await follow("POST", url, { "content-type": "application/x-www-form-urlencoded" })
      expect([done.status, await done.text()]).toEqual([200, expect.stringContaining("You are unsubscribed")])
    }
    expect(await isSuppressed()).toBe(true)
    expect(answered.at(-2)).toMatchObject({ route: "/u/:token", method: "POST", status: 200 })
  })

  it("a changed token, the id of a message and a token of another server unsubscribe nobody", async () => {
    const { follow, isSuppressed, message } = await claimedOf()
    const other = await claimedOf()
    const { url } = message.unsubscribe
    const bad = [
      `${url}x`,
      url.replace("/u/u1.", "/u/u2."),
      `${publicUrl}/u/${message.messageId}`,
      `${publicUrl}/u/`,
      `${publicUrl}/u/%00/..%2f`,
      other.message.unsubscribe.url
    ]
    for (const link of bad) expect((await follow("POST", link)).status, link).toBe(404)
    expect(await isSuppressed()).toBe(false)
  })

  it("the base is the host's own, whatever a request says", async () => {
    const { call } = await claimedOf()
    const { body } = await call("POST", "/v1/delivery/claim", {}, { headers: { host: "evil.example" } })
    expect(JSON.stringify(body)).not.toContain("evil")
  })

  it("without a public url there are no links, and nothing is at their paths", async () => {
    const { call, createCampaign } = await startServer()
    const id = await createCampaign(steps)
    await call("POST", `/v1/campaigns/${id}/leads/bulk`, { leads: [{ email: "ava@acmecorp.com" }] })
    await call("POST", `/v1/campaigns/${id}/start`)
    const { body } = await call("POST", "/v1/delivery/claim", {})
    expect(body.messages[0]).not.toHaveProperty("unsubscribe")
    expect((await call("POST", "/u/u1.a.b")).status).toBe(404)
  })

  it.each([
    "",
    "mail.example.com",
    "http://mail.example.com",
    "https://a:b@x.example",
    "https://x.example/?a=1"
  ])("a public url of %j is refused when the server starts", async (url) => {
    await expect(startServer({ publicUrl: url })).rejects.toThrow("https://")
  })
})
