/** The store's own pool: how it connects, and how it ends. */
import { Socket } from "node:net"
import { StoreUnavailable } from "@leadterra/core"
import { Client, Pool, type PoolConfig } from "pg"
import { CannotOpen } from "./failure.ts"
import type { PostgresOptions } from "./PostgresOptions.ts"

/** How long a connection is silent before the system asks whether its peer is still there. */
const keepAliveMillis = 10_000

export interface OwnPool {
  readonly pool: Pool
  /** Waits for calls that still run, and then for no longer than it was told to. */
  readonly close: () => Promise<void>
}

/**
 * Makes a pool that connects when it is first used. Throws `CannotOpen` for settings that
 * contradict each other.
 */
export const openPool = (
  url: string,
  { acquireTimeoutMillis = 5_000, closeTimeoutMillis = 10_000, connections = 10, tls }: PostgresOptions
): OwnPool => {
  const config: PoolConfig = {
    connectionString: url,
    max: connections,
    pipeline: true,
    application_name: "leadterra",
    connectionTimeoutMillis: acquireTimeoutMillis,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMillis,
    ...(tls === undefined ? {} : { ssl: tls })
  }
  checkEncryption(url, tls, new Client(config))
  const sockets = new Set<Socket>()
  const stream = (): Socket => {
    const socket = new Socket()
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
    return socket
  }
  const pool = new Pool({ ...config, stream })
  // An idle connection that is lost is replaced when it is needed.
  pool.on("error", () => {})

  const close = async (): Promise<void> => {
    const timer = setTimeout(() => {
      for (const socket of sockets) socket.destroy()
    }, closeTimeoutMillis)
    await pool.end()
    // The pool does not wait for its connections to close.
    await Promise.all(
      Array.from(sockets, (socket) => new Promise((resolve) => socket.once("close", resolve)))
    )
    clearTimeout(timer)
  }
  return { pool, close }
}

/** Settings of the url that decide over encryption. The driver silently prefers them to `tls`. */
const urlSettings = ["ssl", "sslmode", "sslcert", "sslkey", "sslrootcert", "sslnegotiation"]

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\/.*)$/

/**
 * Refuses contradictions, and plain text to a remote host unless it was asked for. `client` has the
 * settings as the driver reads them.
 */
const checkEncryption = (url: string, tls: PostgresOptions["tls"], client: Client): void => {
  const said = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1])
  const names = urlSettings.filter((name) => said.has(name))
  const ssl: unknown = client.ssl
  const isEncrypted = Boolean(ssl)
  if (tls !== undefined && names.length > 0) {
    const agrees = tls === false ? !isEncrypted : tls === true && isEncrypted && verifies(ssl)
    if (!agrees) throw refused(`tls and ${names.join(", ")} of the url contradict each other: give only one`)
  }
  const isAskedFor =
    tls === false || said.has("sslmode") || said.has("ssl") || process.env["PGSSLMODE"] === "disable"
  if (!isEncrypted && !isAskedFor && !loopback.test(client.host))
    throw refused(
      "the connection to another host would be plain text: give tls, or tls: false to allow plain text"
    )
}

/** Whether the server must show a certificate of its name. */
const verifies = (ssl: unknown): boolean =>
  typeof ssl !== "object" ||
  ssl === null ||
  !("checkServerIdentity" in ssl || ("rejectUnauthorized" in ssl && ssl.rejectUnauthorized === false))

const refused = (why: string): CannotOpen => new CannotOpen(new StoreUnavailable({ why, cause: undefined }))
