/** The sender of Node, on receivers over https: what it connects to, and when it gives up. */
import { createServer } from "node:net"
import { makeWebhookSender, type WebhookSenderOptions } from "@leadterra/http/node"
import { describe, expect, it, onTestFinished } from "vitest"
import { type Answer, type Receiver, startReceiver } from "../../../test/receiver.ts"

const receiver = async (answer?: Answer): Promise<Receiver> => {
  const started = await startReceiver(answer)
  onTestFinished(started.close)
  return started
}

const loopback = ["127.0.0.1"]

/** Sends to `receiver.example`, which resolves to the given addresses. */
const send = (
  { ca, port }: Pick<Receiver, "ca" | "port">,
  {
    host = "receiver.example",
    signal = new AbortController().signal,
    ...options
  }: WebhookSenderOptions & { readonly host?: string; readonly signal?: AbortSignal } = {}
) =>
  makeWebhookSender({ allow: loopback, ca, resolve: async () => loopback, ...options })(
    {
      url: `https://${host}:${port}/hook?a=1`,
      headers: { "content-type": "application/json", "webhook-id": "evt_1" },
      body: '{"é":1}'
    },
    signal
  )

describe("a sender", () => {
  it("posts the body as it is, and returns the status", async () => {
    const one = await receiver()
    expect(await send(one)).toEqual({ kind: "answered", status: 204 })
    expect(one.received).toMatchObject([
      {
        method: "POST",
        path: "/hook?a=1",
        body: '{"é":1}',
        headers: {
          host: `receiver.example:${one.port}`,
          "content-type": "application/json",
          "content-length": "8",
          "webhook-id": "evt_1"
        }
      }
    ])
  })

  it("follows no redirect", async () => {
    const target = await receiver()
    const one = await receiver((_, response) => {
      response.writeHead(307, { location: `https://127.0.0.1:${target.port}/` }).end()
    })
    expect(await send(one)).toEqual({ kind: "answered", status: 307 })
    expect(target.received).toEqual([])
  })

  it("hands on Retry-After, the first of several", async () => {
    const one = await receiver((_, response) => {
      response.writeHead(503, ["retry-after", "120", "retry-after", "7"]).end()
    })
    expect(await send(one)).toEqual({ kind: "answered", status: 503, retryAfter: "120" })
  })

  it("reads no body, however long: it closes the connection at the headers", async () => {
    let closed = (): void => {}
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve
    })
    const one = await receiver((_, response) => {
      response.on("close", closed)
      response.writeHead(200)
      const write = (): void => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
        response.once("drain", write)
      }
      write()
    })
    expect(await send(one)).toEqual({ kind: "answered", status: 200 })
    await isClosed
  })

  it("connects to no address that is not public, whatever name leads there", async () => {
    const one = await receiver()
    const refused = { kind: "address_refused" }
    expect(await send(one, { allow: [] })).toEqual(refused)
    expect(await send(one, { allow: [], resolve: async () => ["8.8.8.8", "127.0.0.1"] })).toEqual(refused)
    expect(await send(one, { allow: [], resolve: async () => ["::ffff:127.0.0.1"] })).toEqual(refused)
    expect(await send(one, { allow: [], resolve: async () => ["64:ff9b::7f00:1"] })).toEqual(refused)
    expect(await send(one, { allow: [], resolve: async () => ["not an address"] })).toEqual(refused)
    expect(await send(one, { allow: [], host: "127.0.0.1" })).toEqual(refused)
    expect(await send(one, { allow: [], host: "[::ffff:127.0.0.1]" })).toEqual(refused)
    expect(one.received).toEqual([])
  })

  it("resolves a name once, and connects to the address that it has checked", async () => {
    const one = await receiver()
    const answers = [["127.0.0.1"], ["8.8.8.8"]]
    const asked: Array<string> = []
    const resolve = async (name: string) => {
      asked.push(name)
      return answers.shift() ?? []
    }
    expect(await send(one, { resolve })).toEqual({ kind: "answered", status: 204 })
    expect(asked).toEqual(["receiver.example"])
  })

  it("uses an origin that the operator allows as it is, without https", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {})
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"))
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    const origin = `http://localhost:${typeof address === "object" ? address?.port : ""}`
    const request = { url: `${origin}/hook`, headers: {}, body: "{}" }
    const { signal } = new AbortController()
    expect(await makeWebhookSender({ allow: [origin] })(request, signal)).toEqual({
      kind: "answered",
      status: 200
    })
    expect(await makeWebhookSender()(request, signal)).toEqual({ kind: "address_refused" })
  })

  it("tells a name without an address, a certificate that is not trusted, and a port where nobody listens", async () => {
    const one = await receiver()
    expect(await send(one, { resolve: async () => [] })).toEqual({ kind: "not_resolved" })
    expect(await send(one, { ca: undefined })).toEqual({ kind: "connection_failed" })
    expect(await send(one, { host: "other.example" })).toEqual({ kind: "connection_failed" })
    await one.close()
    expect(await send(one)).toEqual({ kind: "connection_failed" })
    expect(one.received).toEqual([])
  })

  it("takes no more headers than 16 KB, and ends with a hang-up or nonsense", async () => {
    const answers: ReadonlyArray<Answer> = [
      (_, response) => void response.writeHead(200, { x: "y".repeat(20_000) }).end(),
      (_, { socket }) => void socket?.destroy(),
      (_, { socket }) => void socket?.end("nonsense\r\n\r\n"),
      (_, { socket }) =>
        void socket?.end("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
      (_, { socket }) => void socket?.write("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100))
    ]
    for (const answer of answers)
      expect(await send(await receiver(answer))).toEqual({ kind: "connection_failed" })
  })

  it("ends when its signal does, while it resolves, connects or waits", async () => {
    const silent = await receiver(() => {})
    const during = async (more: WebhookSenderOptions, begun: (stop: () => void) => void) => {
      const controller = new AbortController()
      begun(() => controller.abort())
      return send(silent, { ...more, signal: controller.signal })
    }
    const waiting = await during({}, (stop) => void silent.reached(1).then(stop))
    expect(waiting).toEqual({ kind: "connection_failed" })
    const stopped = await during({}, (stop) => stop())
    expect(stopped).toEqual({ kind: "connection_failed" })
  })
})
