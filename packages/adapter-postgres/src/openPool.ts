/** The store's own pool: how it connects, and how it ends. */
import { Socket } from "node:net"
import { Client, Pool, type PoolConfig } from "pg"
import { checkEncryption } from "./checkEncryption.ts"
import { checkUrl } from "./checkUrl.ts"
import { cannotOpen } from "./failure.ts"
import type { PostgresOptions } from "./PostgresOptions.ts"

/** How long a connection is silent before the system asks whether its peer is still there. */
const keepAliveMillis = 10_000

export interface OwnPool {
  readonly pool: Pool
  /** Waits for calls that still run, and then for no longer than it was told to. */
  readonly close: () => Promise<void>
}

/**
 * Makes a pool that connects when it is first used. Throws `CannotOpen` for settings that are
 * invalid or contradict each other.
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
  checkEncryption(checkUrl(url), tls, readByDriver(config))
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
    let timer: NodeJS.Timeout | undefined
    const isTooLate = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy()
        resolve()
      }, closeTimeoutMillis)
    })
    // The pool waits for ever for a connection that the driver could not begin.
    await Promise.race([pool.end(), isTooLate])
    // It does not wait for its connections to close.
    await Promise.all(
      Array.from(sockets, (socket) => new Promise((resolve) => socket.once("close", resolve)))
    )
    clearTimeout(timer)
  }
  return { pool, close }
}

/** The settings as the driver reads them. */
const readByDriver = (config: PoolConfig): Client => {
  try {
    return new Client(config)
  } catch (error) {
    // The driver reads the files that the url names.
    const isFile = error instanceof Error && "errno" in error
    throw cannotOpen(
      isFile
        ? "a file that the url names cannot be read: check sslrootcert, sslcert and sslkey"
        : "the driver refuses the settings of TLS: check sslmode, sslrootcert and sslnegotiation"
    )
  }
}
