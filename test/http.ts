/** Requests as no well-behaved client would make them. */
import { connect } from "node:net"

/** Sends text to a port and gives what comes back until the connection ends. */
export const sendRaw = (port: number, text: string): Promise<string> =>
  new Promise((done) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text))
    let answer = ""
    socket.on("data", (chunk) => {
      answer += String(chunk)
    })
    // A server may hang up on nonsense.
    socket.on("error", () => {})
    socket.on("close", () => done(answer))
  })

/** The status of an answer, 0 when there was none. */
export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)

/** A request with any target and any body, on a connection of its own. */
export const requestRaw = async (port: number, method: string, target: string, body = ""): Promise<number> =>
  statusOf(
    await sendRaw(
      port,
      `${method} ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
    )
  )

/** Targets of untrusted requests: broken escapes, none, long ones, names of objects. */
export const hostileTargets: ReadonlyArray<string> = [
  "/unsubscribe/%E0%A4%A",
  "/unsubscribe/%",
  "/unsubscribe/%00",
  "/unsubscribe/",
  "/unsubscribe",
  "/%",
  "//",
  "*",
  "http://[",
  "/unsubscribe/__proto__",
  "/unsubscribe/..%2f..%2f",
  "/unsubscribe/u1.A.A?%",
  `/unsubscribe/${"a".repeat(10_000)}`,
  `/unsubscribe/${"%ff".repeat(2_000)}`
]
