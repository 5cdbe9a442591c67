import { describe, expect, it } from "vitest"
import { rotateUnsubscribeSecret } from "../src/index.ts"
import { validSecrets } from "../src/secrets/unsubscribeSecrets.ts"
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

  it("a link of a secret that was replaced stays valid for two years, and the next claim signs with the new one", async () => {
    const { call, createCampaign, follow, isSuppressed, message, store } = await claimedOf()
    const now = Date.now()
    await rotateUnsubscribeSecret(store, { now })
    const id = await createCampaign(steps)
    await call("POST", `/v1/campaigns/${id}/leads/bulk`, { leads: [{ email: "bo@acmecorp.com" }] })
    await call("POST", `/v1/campaigns/${id}/start`)
    const { body } = await call("POST", "/v1/delivery/claim", {})
    const [next] = body.messages
    await rotateUnsubscribeSecret(store, { now: now + 1, endsLinks: true })
    for (const link of [message.unsubscribe.url, next.unsubscribe.url])
      expect((await follow("GET", link)).status).toBe(404)
    const other = await claimedOf()
    await rotateUnsubscribeSecret(other.store, { now })
    expect((await other.follow("POST", other.message.unsubscribe.url)).status).toBe(200)
    expect([await isSuppressed(), await other.isSuppressed()]).toEqual([false, true])
  })

  it("a secret is valid for two years after it was replaced", () => {
    const secret = (byte: number) => new Uint8Array(32).fill(byte)
    const day = 86_400_000
    const all = [
      { secret: secret(1), replacedAt: null },
      { secret: secret(2), replacedAt: 730 * day },
      { secret: secret(3), replacedAt: 0 }
    ]
    const digits = (now: number) => validSecrets(all, now).map((text) => text.slice(0, 2))
    expect(digits(730 * day - 1)).toEqual(["01", "02", "03"])
    expect(digits(730 * day)).toEqual(["01", "02"])
    expect(digits(1_460 * day)).toEqual(["01"])
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
