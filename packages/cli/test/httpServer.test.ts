/** The HTTP server of `serve` on handlers of the test: malformed requests, and answers that break off. */
import { once } from "node:events"
import { connect } from "node:net"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { sendRaw, statusOf } from "../../../test/http.ts"
import { listen } from "../src/serve/HttpServer.ts"
import { quietly } from "../src/serve/quietly.ts"

const address = { host: "127.0.0.1", port: 0 }

/** Listens, and counts the requests that reach the handler. */
const counting = async () => {
  const reached: Array<string> = []
  const server = await listen(async ({ url }) => {
    reached.push(new URL(url).pathname)
    return new Response("ok")
  }, address)
  onTestFinished(async () => void (await server.stop(0)))
  const port = Number(new URL(server.url).port)
  const ask = (target: string, headers = "host: x") =>
    sendRaw(port, `GET ${target} HTTP/1.1\r\n${headers}\r\nconnection: close\r\n\r\n`)
  return { ask, reached }
}

describe("a request that others could read otherwise", () => {
  it.each([
    "/u/../metrics",
    "/u/%2e%2e/metrics",
    "/u/%2E./metrics",
    "/u/.%2e",
    "/..",
    "/./metrics",
    "/u/%2e?x",
    "/u/..?x",
    "/u\\..\\metrics",
    "/u/..\\metrics",
    "http://x/u/../metrics"
  ])("of the target %s is malformed, and reaches no handler", async (target) => {
    const { ask, reached } = await counting()
    const answer = await ask(target)
    expect(statusOf(answer)).toBe(400)
    expect(answer).toContain("content-type: application/problem+json")
    expect(answer).toContain('"code":"malformed_request"')
    expect(reached).toEqual([])
  })

  it.each(["/u/..a", "/u/...", "/u/a..", "/.well-known", "/u/a%2e%2e", "/v1/leads?x=/../", "http://x/u/a"])(
    "is not one of the target %s",
    async (target) => {
      const { ask, reached } = await counting()
      expect(statusOf(await ask(target))).toBe(200)
      expect(reached).toHaveLength(1)
    }
  )

  it.each(["host: x\r\nhost: x", "host: x\r\nHost: y"])("of two hosts is malformed", async (headers) => {
    const { ask, reached } = await counting()
    const answer = await ask("/", headers)
    expect(statusOf(answer)).toBe(400)
    expect(answer).toContain('"code":"malformed_request"')
    expect(reached).toEqual([])
  })
})

describe("an answer that breaks off", () => {
  it("as its reader leaves is told of to nobody", async () => {
    const told: Array<unknown> = []
    const { promise: begun, resolve: begin } = Promise.withResolvers<ReadableStreamDefaultController>()
    const answer = quietly(new Response(new ReadableStream({ start: begin })), (error) => told.push(error))
    ;(await begun).error(new Error("broken"))
    await answer.body?.cancel().catch(() => {})
    expect([told, await answer.text().catch(() => "left")]).toEqual([[], "left"])
  })

  it("is told of while nobody reads it", async () => {
    const { promise: told, resolve: tell } = Promise.withResolvers<unknown>()
    const { promise: begun, resolve: begin } = Promise.withResolvers<ReadableStreamDefaultController>()
    const answer = quietly(new Response(new ReadableStream({ start: begin })), tell)
    const broken = new Error("broken")
    ;(await begun).error(broken)
    expect(await told).toBe(broken)
    expect(await answer.text()).toBe("")
  })

  it.each([
    ["at its beginning", 0],
    ["behind some of it", 3]
  ])("%s ends its connection, is told of once, and prints nothing", async (_, whole) => {
    const printed = [vi.spyOn(console, "error"), vi.spyOn(console, "info"), vi.spyOn(console, "log")]
    onTestFinished(() => {
      for (const spy of printed) spy.mockRestore()
    })
    const broken = new DOMException("the answer was not read in time", "TimeoutError")
    let sent = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          if (sent++ < whole) controller.enqueue(new Uint8Array(65_536))
          else controller.error(broken)
        }
      },
      { highWaterMark: 0 }
    )
    const told: Array<unknown> = []
    const headers = { "content-length": "10000000", "x-request-id": "req_1" }
    const server = await listen(async () => new Response(body, { headers }), address, {
      onBroken: (error, answer) => told.push([error, answer.headers.get("x-request-id")])
    })
    onTestFinished(async () => void (await server.stop(0)))
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1")
    socket.on("error", () => {})
    let bytes = 0
    socket.on("data", (piece) => {
      bytes += piece.length
    })
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    await once(socket, "close")
    expect(bytes).toBeLessThan(10_000_000)
    expect(told).toEqual([[broken, "req_1"]])
    for (const spy of printed) expect(spy).not.toHaveBeenCalled()
  })
})
