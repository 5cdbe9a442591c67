/** The bounds on what a body takes: its shape, its chunks, its encoding, and numbers that JSON cannot hold. */
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import type { HandlersOptions } from "@leadterra/http"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { shapeFault } from "../src/jsonShape.ts"
import { readBody } from "../src/readBody.ts"
import { startServer } from "./server.ts"

const run = promisify(execFile)

describe("a body within the limit of bytes never takes the process down", () => {
  it.each([
    ["a deep message id", { status: 400, code: "invalid_request", errorCount: 0 }],
    ["many wrong steps", { status: 413, code: "too_large" }],
    ["many empty steps", { status: 413, code: "too_large" }],
    ["many numbers for steps", { status: 400, code: "invalid_request", errorCount: 1 }],
    ["a deep row", { status: 400, code: "invalid_request", errorCount: 0 }],
    ["a wide row", { status: 413, code: "too_large" }],
    ["many unknown members", { status: 400, code: "invalid_request", errorCount: 0 }],
    ["many members of a row", { status: 200 }],
    ["many members of a report", { status: 200 }],
    ["many members of a step", { status: 400, code: "invalid_request", errorCount: 3 }],
    ["many numbers for rows", { status: 413, code: "too_large" }],
    ["many chunks", { status: 400, code: "invalid_request", errorCount: 1 }]
  ])(
    "%s",
    async (name, answer) => {
      const script = join(import.meta.dirname, "attack.ts")
      const { stdout } = await run(process.execPath, ["--max-old-space-size=256", script, name])
      expect(JSON.parse(stdout)).toEqual(answer)
    },
    60_000
  )
})

describe("a number that is out of range", () => {
  it("fails its row alone", async () => {
    const { call, createCampaign } = await startServer()
    const id = await createCampaign()
    const body = '{"leads":[{"email":"a@x.com","n":1e999},{"email":"b@x.com"}]}'
    const answer = await call("POST", `/v1/campaigns/${id}/leads/bulk`, body)
    expect(answer).toMatchObject({ status: 200, body: { result: { enrolled: 1, failed: 1 } } })
  })

  it("fails its report alone", async () => {
    const { call } = await startServer()
    const body = '{"reports":[{"messageId":"a","type":"sent","at":1e999},{"messageId":"b","type":"sent"}]}'
    expect(await call("POST", "/v1/delivery/reports", body)).toMatchObject({
      status: 200,
      body: { failed: 2, outcomes: [{ messageId: "a" }, { messageId: "b" }] }
    })
  })
})

describe("the shape of a body", () => {
  const faultOf = (text: string) => shapeFault(new TextEncoder().encode(text))
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth)
  const list = (count: number) => `[${"{},".repeat(count)}0]`
  const object = (members: number) =>
    `{${Array.from({ length: members }, (_, index) => `"${index}":[0,0]`).join()}}`

  it("is bounded in levels, in objects and lists, and in members of the body itself", () => {
    expect([faultOf(nested(100)), faultOf(nested(101))]).toEqual([undefined, "TooDeep"])
    expect([faultOf(list(99_999)), faultOf(list(100_000))]).toEqual([undefined, "TooManyContainers"])
    expect([faultOf(object(100)), faultOf(object(101))]).toEqual([undefined, "TooManyMembers"])
    expect(faultOf(`{"leads":[${object(101)}]}`)).toBeUndefined()
  })

  it("does not count what stands in strings, whatever is escaped in them", () => {
    const text = fc.string({ unit: fc.constantFrom("\\", '"', "[", "{", "]", ",", "é") })
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), (texts) => {
        const name = JSON.stringify(texts.join("").padEnd(200, "[{,"))
        expect(faultOf(`{"name":${name}}`)).toBeUndefined()
        expect(faultOf(`{"name":${name},"deep":${nested(100)}}`)).toBe("TooDeep")
      })
    )
  })
})

describe("reading a body", () => {
  it("takes room for what has come, and at most twice of it", async () => {
    const taken: Array<number> = []
    const sum = () => taken.reduce((sum, bytes) => sum + bytes, 0)
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (sent > 40_000) expect(sum()).toBeLessThanOrEqual(2 * sent)
        if (sent === 100_000) return controller.close()
        controller.enqueue(new Uint8Array([0x61 + (sent % 7), 0x7a]))
        sent += 2
      }
    })
    const headers = { "content-length": "10000000" }
    const init = { method: "POST", headers, body, duplex: "half" } as RequestInit
    const take = (bytes: number) => taken.push(bytes) > 0
    const read = await readBody(new Request("http://localhost/", init), {
      limit: 10_000_000,
      take,
      millis: 60_000
    })
    expect(read).toHaveLength(100_000)
    expect(read).toEqual(Uint8Array.from({ length: 100_000 }, (_, at) => (at % 2 ? 0x7a : 0x61 + (at % 7))))
    expect(taken.length).toBeLessThan(10)
  })

  it("bodies that are announced and do not come take no room", async () => {
    const { call, keyOf, server } = await startServer()
    const headers = {
      authorization: `Bearer ${await keyOf("ws_1")}`,
      "content-type": "application/json",
      "content-length": "10000000"
    }
    const leaving: Array<() => void> = []
    const idle = Array.from({ length: 30 }, () => {
      const body = new ReadableStream({
        start: (controller) => void leaving.push(() => controller.error(new Error("left")))
      })
      const init = { method: "POST", headers, body, duplex: "half" } as RequestInit
      return server.fetch(new Request("http://localhost/v1/campaigns", init))
    })
    await new Promise((resolve) => setTimeout(resolve, 0))
    expect((await call("POST", "/v1/campaigns", { name: "x".repeat(200) })).status).toBe(201)
    for (const leave of leaving) leave()
    for (const response of await Promise.all(idle)) expect(response.status).toBe(400)
  })

  it("one that finds no room half way is refused, and gives its room back", async () => {
    const { call, keyOf, server } = await startServer({ maxBodyBytesAtOnce: 400_000 })
    const pulled = { chunks: 0 }
    const send = async (chunks: number, stall: boolean) => {
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          if (chunks-- > 0) controller.enqueue(new Uint8Array(20_000).fill(0x20))
          else if (!stall) controller.close()
          pulled.chunks++
        },
        cancel: () => {}
      })
      const headers = { authorization: `Bearer ${await keyOf("ws_1")}`, "content-type": "application/json" }
      const init = { method: "POST", headers, body, duplex: "half" } as RequestInit
      return server.fetch(new Request("http://localhost/v1/campaigns", init))
    }
    void send(3, true)
    while (pulled.chunks < 4) await new Promise((resolve) => setTimeout(resolve, 0))
    expect((await send(1_000, false)).status).toBe(429)
    expect((await call("POST", "/v1/campaigns", { name: "Spring" })).status).toBe(201)
  })
})

describe("the encoding of a body", () => {
  it("is none: a compressed body is refused with a sentence", async () => {
    const { call } = await startServer()
    const send = (encoding: string) =>
      call("POST", "/v1/campaigns", { name: "Spring" }, { headers: { "content-encoding": encoding } })
    for (const encoding of ["gzip", "br", "identity, gzip"]) {
      const { body, status } = await send(encoding)
      expect([status, body.detail]).toEqual([415, expect.stringContaining("Content-Encoding")])
    }
    expect((await send("Identity")).status).toBe(201)
  })
})

describe("the limits that a host sets", () => {
  it.each([
    "maxBodyBytes",
    "maxBodyBytesAtOnce",
    "maxCallsAtOnce",
    "maxCallsPerSecond",
    "maxStreams",
    "maxUnreadBytes"
  ])("%s is a positive safe integer", async (name) => {
    for (const value of [Number.NaN, 0, -1, 1.5, 2 ** 53, Number.POSITIVE_INFINITY, "10", null]) {
      const options: Partial<HandlersOptions> = JSON.parse("{}")
      await expect(startServer(Object.assign(options, { [name]: value }))).rejects.toThrow(
        new TypeError(`${name} must be a positive safe integer: leave it out for the default`)
      )
    }
    await startServer({ [name]: 1 })
    await startServer({ [name]: undefined })
  })
})
