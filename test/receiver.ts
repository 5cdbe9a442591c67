/** A receiver of webhooks over https, as a tenant would run one, with a certificate of its own. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import { generate } from "selfsigned"

export interface Received {
  readonly method: string | undefined
  readonly path: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Receiver {
  readonly port: number
  /** The certificate, in PEM. */
  readonly ca: string
  /** The requests so far, in their order. */
  readonly received: ReadonlyArray<Received>
  /** Resolves when there are so many. */
  readonly reached: (count: number) => Promise<void>
  readonly close: () => Promise<void>
}

export type Answer = (received: Received, response: ServerResponse) => void

const ok: Answer = (_, response) => void response.writeHead(204).end()

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let body = ""
  for await (const chunk of request.setEncoding("utf8")) body += String(chunk)
  return body
}

/** Listens on the loopback address, as `receiver.example`, `localhost` and `127.0.0.1`. */
export const startReceiver = async (answer: Answer = ok): Promise<Receiver> => {
  const { cert, private: key } = await generate([{ name: "commonName", value: "receiver.example" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "receiver.example" },
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" }
        ]
      }
    ]
  })
  const received: Array<Received> = []
  const sockets = new Set<Duplex>()
  let tell = (): void => {}
  const server = createServer({ cert, key }, async (request, response) => {
    const { headers, method, url } = request
    const one = { method, path: url, headers, body: await bodyOf(request).catch(() => "") }
    received.push(one)
    answer(one, response)
    tell()
  })
  server.on("connection", (socket) => {
    sockets.add(socket)
    socket.on("close", () => sockets.delete(socket))
  })
  server.on("tlsClientError", () => {})
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    ca: cert,
    received,
    reached: async (count) => {
      while (received.length < count)
        await new Promise<void>((resolve) => {
          tell = resolve
        })
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      })
  }
}
