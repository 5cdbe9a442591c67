/** A connection between a client and a server that a test can cut, after so many messages of the client. */
import { connect, createServer, type Socket } from "node:net"

export interface Proxy {
  readonly port: number
  /** Cuts every connection when the client has sent so many messages from now on; before they reach the server, or after. */
  readonly cutAfter: (messages: number, reaches: boolean) => void
  /** The next new connection that is ready is told in the same piece that the server ends it. */
  readonly endNext: () => void
  /**
   * From now on nothing passes, and no connection is closed or refused: as if the peer had
   * vanished.
   */
  readonly vanish: () => void
  /**
   * Vanishes when the client has sent so many messages from now on, before they reach the server.
   */
  readonly vanishAfter: (messages: number) => void
  /** Whether it has cut, or has vanished. */
  readonly hasCut: () => boolean
  /** Lets everything pass again. */
  readonly mend: () => void
  readonly close: () => Promise<void>
}

/** Queries and their ends, and the messages of statements with values: each begins a piece of the server's work. */
const begins = new Set(["Q", "S"])

/** Counts what the client asks for in a piece of its stream: whole messages of a letter and a length. */
const asked = (chunk: Buffer): number => {
  let count = 0
  for (let at = 0; at + 5 <= chunk.length; at += 1 + chunk.readInt32BE(at + 1))
    if (begins.has(String.fromCharCode(chunk.readUInt8(at)))) count += 1
  return count
}

/** The end of a greeting: the server is ready for a query. */
const ready = Buffer.from("Z\0\0\0\x05I", "latin1")

/** What a server says that shuts down. */
const goodbye = ((): Buffer => {
  const fields = Buffer.from("SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0", "latin1")
  const head = Buffer.from("E\0\0\0\0", "latin1")
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
})()

export const startProxy = async (targetPort: number): Promise<Proxy> => {
  const open = new Set<Socket>()
  let left = Number.POSITIVE_INFINITY
  let reaches = false
  let isCut = false
  let endsNext = false
  let vanishes = false
  let hasVanished = false

  const vanish = (): void => {
    isCut = true
    hasVanished = true
    left = Number.POSITIVE_INFINITY
    // A socket that is not read does not see its peer end either.
    for (const socket of open) socket.pause()
  }

  const cut = (): void => {
    isCut = true
    left = Number.POSITIVE_INFINITY
    for (const socket of open) socket.destroy()
  }

  const server = createServer((client) => {
    if (hasVanished) {
      open.add(client)
      client.on("error", () => {})
      client.on("close", () => open.delete(client))
      return void client.pause()
    }
    const target = connect(targetPort, "127.0.0.1")
    for (const socket of [client, target]) {
      open.add(socket)
      socket.on("error", () => {})
      socket.on("close", () => {
        open.delete(socket)
        client.destroy()
        target.destroy()
      })
    }
    let isGreeted = false
    let isReady = false
    client.on("data", (chunk) => {
      // The first message has no letter.
      if (isGreeted) left -= asked(chunk)
      isGreeted = true
      if (left > 0) target.write(chunk)
      else if (vanishes) vanish()
      else if (reaches) target.write(chunk, () => setTimeout(cut, 20))
      else cut()
    })
    target.on("data", (chunk) => {
      const isNew = !isReady
      isReady ||= chunk.subarray(-ready.length).equals(ready)
      if (endsNext && isNew && isReady) {
        endsNext = false
        isCut = true
        client.end(Buffer.concat([chunk, goodbye]))
      } else if (left > 0) client.write(chunk)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (typeof address !== "object" || address === null) throw new Error("a proxy has a port")
  return {
    port: address.port,
    cutAfter: (messages, doesReach) => {
      left = messages
      reaches = doesReach
      vanishes = false
      isCut = false
    },
    vanish,
    vanishAfter: (messages) => {
      left = messages
      vanishes = true
      isCut = false
    },
    endNext: () => {
      endsNext = true
      isCut = false
    },
    hasCut: () => isCut,
    mend: () => {
      left = Number.POSITIVE_INFINITY
      // Those that have vanished stay so: a client must not wait for them.
      hasVanished = false
    },
    close: () => {
      for (const socket of open) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    }
  }
}
