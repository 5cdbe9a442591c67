/** An HTTP server of Node on a web handler: with limits on time and size, and a stop that lets calls finish. */
import { createServer, type Server, type ServerResponse } from "node:http"
import { isIPv6, type Socket } from "node:net"
import { getRequestListener } from "@hono/node-server"
import { UsageError } from "../failure.ts"
import { isAmbiguous } from "./isAmbiguous.ts"
import { quietly } from "./quietly.ts"

/** Limits on connections. Bodies have limits of their own in `@leadterra/http`. */
export const httpLimits = {
  /** From the first byte of a request to the end of its headers. */
  headersTimeoutMillis: 10_000,
  /**
   * From the first byte of a request to the end of its body: half an hour, for the list of an import.
   * Other bodies have less in `@leadterra/http`.
   */
  requestTimeoutMillis: 1_830_000,
  /** An idle connection is kept longer than load balancers keep theirs, usually 60 seconds. */
  keepAliveTimeoutMillis: 65_000,
  /** While a call is under way: from the last byte that came or went, such as of an answer that is not read. */
  stalledTimeoutMillis: 120_000,
  /** The time between two checks of these times. */
  checkIntervalMillis: 2_000,
  maxHeaderBytes: 16_384,
  /** Connections above these are closed as they come. */
  maxConnections: 1_000
} as const

export interface HttpServer {
  /** Such as `http://127.0.0.1:8787`. */
  readonly url: string
  /**
   * Accepts no more calls, and waits for those under way, at most the given milliseconds. Returns the
   * number of calls that it cut off then.
   */
  readonly stop: (graceMillis: number) => Promise<number>
}

export interface Address {
  readonly host: string
  readonly port: number
}

export interface ListenOptions {
  readonly stalledTimeoutMillis?: number | undefined
  /** Told of the error of an answer that breaks off after its headers. */
  readonly onBroken?: ((error: unknown, answer: Response) => void) | undefined
}

/** Listens on an address; port 0 is any free one. Rejects with `UsageError` when that cannot be. */
export const listen = async (
  fetch: (request: Request) => Promise<Response>,
  address: Address,
  { onBroken, stalledTimeoutMillis = httpLimits.stalledTimeoutMillis }: ListenOptions = {}
): Promise<HttpServer> => {
  const calls = new Set<ServerResponse>()
  const sockets = new Set<Socket>()
  let isStopping = false
  const answer = getRequestListener(
    async (request, { incoming, outgoing }) => {
      if (isAmbiguous(incoming)) return malformed()
      const made = await fetch(request)
      return quietly(made, (error) => {
        outgoing.destroy()
        onBroken?.(error, made)
      })
    },
    { hostname: address.host, overrideGlobalObjects: false, errorHandler: malformed }
  )
  const server = createServer(
    {
      headersTimeout: httpLimits.headersTimeoutMillis,
      requestTimeout: httpLimits.requestTimeoutMillis,
      keepAliveTimeout: httpLimits.keepAliveTimeoutMillis,
      connectionsCheckingInterval: httpLimits.checkIntervalMillis,
      maxHeaderSize: httpLimits.maxHeaderBytes
    },
    (incoming, outgoing) => {
      calls.add(outgoing)
      outgoing.once("close", () => {
        calls.delete(outgoing)
        if (isStopping) setImmediate(() => server.closeIdleConnections())
      })
      if (isStopping) outgoing.shouldKeepAlive = false
      void answer(incoming, outgoing)
    }
  )
  server.timeout = stalledTimeoutMillis
  server.maxConnections = httpLimits.maxConnections
  server.on("connection", (socket) => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  })
  await listening(server, address)
  return {
    url: urlOf(server, address),
    stop: async (graceMillis) => {
      isStopping = true
      let cut = 0
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      // Node takes a connection that has sent nothing yet for one that sends a request.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
      for (const outgoing of calls) outgoing.shouldKeepAlive = false
      const timer = setTimeout(() => {
        cut = calls.size
        server.closeAllConnections()
      }, graceMillis)
      await closed
      clearTimeout(timer)
      return cut
    }
  }
}

/** The answer to a request whose target or `Host` is none: a problem (RFC 9457), as of all errors. */
const malformed = (): Response =>
  Response.json(
    {
      type: "urn:leadterra:problem:malformed_request",
      status: 400,
      title: "The request is not well-formed",
      code: "malformed_request",
      detail: "The target or the Host header is malformed"
    },
    { status: 400, headers: { "content-type": "application/problem+json" } }
  )

const listening = (server: Server, { host, port }: Address): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", (error) => reject(refusalOf(error, { host, port })))
    server.listen({ host, port }, resolve)
  })

const refusalOf = (error: Error, { host, port }: Address): Error => {
  switch ("code" in error ? error.code : undefined) {
    case "EADDRINUSE":
      return new UsageError(`Port ${port} is taken: stop what listens there, or name another by --port`)
    case "EACCES":
      return new UsageError(`Port ${port} is not for this user: name one from 1024 on by --port`)
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EINVAL":
      return new UsageError(
        `This machine has no address ${host}: name 127.0.0.1, or 0.0.0.0 for all of them, by --host`
      )
    default:
      return error
  }
}

const urlOf = (server: Server, { host, port }: Address): string => {
  const bound = server.address()
  const name = isIPv6(host) ? `[${host}]` : host
  return `http://${name}:${typeof bound === "object" && bound !== null ? bound.port : port}`
}
