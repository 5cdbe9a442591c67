/** The calls of webhooks. */
import { Webhook as StandardWebhook } from "standardwebhooks"
import { describe, expect, it } from "vitest"
import { Dispatcher } from "../src/webhooks/Dispatcher.ts"
import type { WebhookRequest } from "../src/webhooks/SendWebhook.ts"
import { maxWebhooks } from "../src/webhooks/Webhook.ts"
import { type Answer, startServer, type TestServer } from "./server.ts"

const url = "https://example.com/webhooks"
const create = { url, events: ["message.sent", "campaign.started"] }

/** Sends what is due on the store of a server, with the given status as the answer. */
const dispatch = async ({ store }: TestServer, status: number): Promise<ReadonlyArray<WebhookRequest>> => {
  const sent: Array<WebhookRequest> = []
  const dispatcher = new Dispatcher({
    store,
    send: async (request) => {
      sent.push(request)
      return { kind: "answered", status }
    }
  })
  while (await dispatcher.send()) await dispatcher.settle()
  await dispatcher.settle()
  return sent
}

describe("webhooks", () => {
  it("are created with a secret, in the published shape, and show it never again", async () => {
    const { call } = await startServer()
    const created = await call("POST", "/v1/webhooks", create)
    expect(created).toMatchObject({
      status: 201,
      body: {
        webhook: {
          id: expect.stringMatching(/^wh_[0-9A-Z]{26}$/),
          ...create,
          status: "active",
          createdAt: expect.stringMatching(/Z$/),
          secret: expect.stringMatching(/^whsec_/)
        }
      }
    })
    const { secret, ...webhook } = created.body.webhook
    expect((await call("GET", `/v1/webhooks/${webhook.id}`)).body).toEqual({ webhook })
    expect((await call("GET", "/v1/webhooks")).body).toEqual({ webhooks: [webhook] })
    for (const action of ["disable", "enable"]) {
      const { body } = await call("POST", `/v1/webhooks/${webhook.id}/${action}`)
      expect(body.webhook).toMatchObject({ id: webhook.id })
      expect(JSON.stringify(body)).not.toContain("whsec_")
    }
    const rotated = await call("POST", `/v1/webhooks/${webhook.id}/rotate-secret`, {})
    expect(rotated.body.webhook.secret).not.toBe(secret)
    expect(Date.parse(rotated.body.webhook.previousSecretUntil)).toBeGreaterThan(Date.now())
    const removed = await call("DELETE", `/v1/webhooks/${webhook.id}`)
    expect(JSON.stringify(removed.body)).not.toContain("whsec_")
    expect((await call("GET", "/v1/webhooks")).body).toEqual({ webhooks: [] })
  })

  it.each([
    [{ ...create, url: "http://example.com/" }, "/url"],
    [{ ...create, url: "https://127.0.0.1/" }, "/url"],
    [{ ...create, url: "https://ann:hunter2@example.com/" }, "/url"],
    [{ ...create, url: 7 }, "/url"],
    [{ ...create, events: [] }, "/events"],
    [{ ...create, events: ["lead.enrolled"] }, "/events/0"],
    [{ ...create, events: ["webhook.test"] }, "/events/0"],
    [{ ...create, secret: "whsec_mine" }, "/secret"]
  ])("are refused with a pointer: %j", async (body, pointer) => {
    const { call } = await startServer()
    const refused = await call("POST", "/v1/webhooks", body)
    expect(refused).toMatchObject({
      status: 400,
      body: { code: "invalid_request", errors: [expect.objectContaining({ pointer })] }
    })
    expect(JSON.stringify(refused.body)).not.toContain("hunter2")
  })

  it("have the urls that the operator allows as well", async () => {
    const { call } = await startServer({ webhookAllow: ["http://127.0.0.1:9000", "10.0.0.0/8"] })
    for (const url of ["http://127.0.0.1:9000/hook", "https://10.1.2.3/"])
      expect((await call("POST", "/v1/webhooks", { ...create, url })).status).toBe(201)
    await expect(startServer({ webhookAllow: ["anywhere"] })).rejects.toThrow(TypeError)
  })

  it("are at most sixteen in a workspace, until one is removed", async () => {
    const { call, keyOf } = await startServer()
    for (let number = 0; number < maxWebhooks; number++) await call("POST", "/v1/webhooks", create)
    const refused = await call("POST", "/v1/webhooks", create)
    expect(refused).toMatchObject({ status: 409, body: { code: "too_many_webhooks" } })
    const key = await keyOf("ws_2")
    expect((await call("POST", "/v1/webhooks", create, { key })).status).toBe(201)
    const { webhooks } = (await call("GET", "/v1/webhooks")).body
    await call("DELETE", `/v1/webhooks/${webhooks[0].id}`)
    expect((await call("POST", "/v1/webhooks", create)).status).toBe(201)
  })

  it("of another workspace, and ids that name none, are not there", async () => {
    const { call, keyOf } = await startServer()
    const { id } = (await call("POST", "/v1/webhooks", create)).body.webhook
    const key = await keyOf("ws_2")
    const calls = [
      ["GET", ""],
      ["DELETE", ""],
      ["GET", "/deliveries"],
      ["POST", "/disable"],
      ["POST", "/enable"],
      ["POST", "/test"],
      ["POST", "/redeliver", {}],
      ["POST", "/rotate-secret", {}]
    ] as const
    for (const [method, path, body] of calls) {
      const notFound = { status: 404, body: { code: "webhook_not_found" } }
      expect(await call(method, `/v1/webhooks/${id}${path}`, body, { key })).toMatchObject(notFound)
      for (const other of ["wh_none", "%00", id.toLowerCase(), `${id}x`])
        expect(await call(method, `/v1/webhooks/${other}${path}`, body)).toMatchObject(notFound)
    }
    expect((await call("GET", `/v1/webhooks/${id}`)).body.webhook.status).toBe("active")
    expect((await call("GET", "/v1/webhooks", undefined, { key })).body).toEqual({ webhooks: [] })
  })

  it("are sent a test event, once, whose end is listed", async () => {
    const server = await startServer()
    const { call } = server
    const { id, secret } = (await call("POST", "/v1/webhooks", create)).body.webhook
    const tested = await call("POST", `/v1/webhooks/${id}/test`)
    expect(tested).toMatchObject({
      status: 202,
      body: { delivery: { event: "webhook.test", state: "pending", attempts: 0, lastAttempt: null } }
    })
    const [{ body, headers } = { body: "", headers: {} }] = await dispatch(server, 500)
    expect(new StandardWebhook(secret).verify(body, { ...headers })).toMatchObject({
      event: "webhook.test",
      data: { webhookId: id }
    })
    const listed = await call("GET", `/v1/webhooks/${id}/deliveries`)
    expect(listed.body.deliveries).toMatchObject([
      {
        id: tested.body.delivery.id,
        state: "failed",
        attempts: 1,
        nextAttemptAt: null,
        endedAt: expect.any(String),
        lastAttempt: { status: 500, reason: null }
      }
    ])
    await call("POST", `/v1/webhooks/${id}/disable`)
    expect(await call("POST", `/v1/webhooks/${id}/test`)).toMatchObject({
      status: 409,
      body: { code: "webhook_disabled" }
    })
  })

  it("list deliveries by pages and by state, and try them again by name or all that failed", async () => {
    const server = await startServer()
    const { call } = server
    const { id } = (await call("POST", "/v1/webhooks", create)).body.webhook
    const at = `/v1/webhooks/${id}`
    const ids: Array<string> = []
    for (let number = 0; number < 3; number++) ids.push((await call("POST", `${at}/test`)).body.delivery.id)
    await dispatch(server, 404)
    const seen: Array<string> = []
    for (let query: string | null = "limit=2&state=failed"; query !== null; ) {
      const { body }: Answer = await call("GET", `${at}/deliveries?${query}`)
      seen.push(...body.deliveries.map((one: { readonly id: string }) => one.id))
      query = body.next === null ? null : `limit=2&state=failed&after=${encodeURIComponent(body.next)}`
    }
    expect(seen.toSorted()).toEqual(ids.toSorted())
    const none = await call("GET", `${at}/deliveries?state=delivered`)
    expect(none.body).toEqual({ deliveries: [], next: null })
    const [first = ""] = ids
    const named = await call("POST", `${at}/redeliver`, { deliveryIds: [first, "evt_none", "\0"] })
    expect(named).toMatchObject({ status: 202, body: { redelivered: 1 } })
    expect((await dispatch(server, 200)).map(({ headers }) => headers["webhook-id"])).toEqual([first])
    expect((await call("POST", `${at}/redeliver`, {})).body).toEqual({ redelivered: 2 })
    expect(await dispatch(server, 200)).toHaveLength(2)
    expect((await call("POST", `${at}/redeliver`, {})).body).toEqual({ redelivered: 0 })
  })

  it.each([
    ["GET", "/deliveries?limit=0", undefined],
    ["GET", "/deliveries?limit=1001", undefined],
    ["GET", "/deliveries?limit=1.5", undefined],
    ["GET", "/deliveries?state=gone", undefined],
    ["GET", "/deliveries?after=x", undefined],
    ["POST", "/redeliver", { deliveryIds: [] }],
    ["POST", "/redeliver", { deliveryIds: Array.from({ length: 101 }, () => "evt_1") }],
    ["POST", "/redeliver", { ids: [] }],
    ["POST", "/rotate-secret", { keepSeconds: -1 }],
    ["POST", "/rotate-secret", { keepSeconds: 604_801 }],
    ["POST", "/rotate-secret", { keepSeconds: 0.5 }]
  ])("refuse %s %s with %j", async (method, path, body) => {
    const { call } = await startServer()
    const { id } = (await call("POST", "/v1/webhooks", create)).body.webhook
    expect(await call(method, `/v1/webhooks/${id}${path}`, body)).toMatchObject({
      status: 400,
      body: { code: "invalid_request" }
    })
  })

  it("refuse an idempotency key by name where none is kept", async () => {
    const { call } = await startServer()
    const { id } = (await call("POST", "/v1/webhooks", create)).body.webhook
    const headers = { "idempotency-key": "k" }
    for (const [path, body] of [
      ["", create],
      [`/${id}/test`, undefined],
      [`/${id}/redeliver`, {}],
      [`/${id}/rotate-secret`, {}]
    ] as const)
      expect(await call("POST", `/v1/webhooks${path}`, body, { headers })).toMatchObject({
        status: 400,
        body: { errors: [expect.objectContaining({ message: expect.stringContaining("no key is kept") })] }
      })
  })
})
