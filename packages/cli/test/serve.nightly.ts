/** Slow cases of a server: headers without an end, and more connections than it takes. */
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { expect, it, onTestFinished } from "vitest"
import { statusOf } from "../../../test/http.ts"
import { httpLimits, listen } from "../src/serve/HttpServer.ts"

const serving = async (): Promise<number> => {
  const server = await listen(async () => new Response("ok"), { host: "127.0.0.1", port: 0 })
  onTestFinished(async () => void (await server.stop(0)))
  return Number(new URL(server.url).port)
}

const connected = async (port: number): Promise<Socket> => {
  const socket = connect(port, "127.0.0.1")
  socket.on("error", () => {})
  await once(socket, "connect")
  return socket
}

it("ends a request whose headers have no end, and answers others meanwhile", async () => {
  const port = await serving()
  const socket = await connected(port)
  let answer = ""
  socket.on("data", (chunk) => {
    answer += String(chunk)
  })
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n")
  const dripping = setInterval(() => socket.write("x: y\r\n"), 100)
  onTestFinished(() => clearInterval(dripping))
  expect((await fetch(`http://127.0.0.1:${port}`)).status).toBe(200)
  await once(socket, "close")
  expect(statusOf(answer)).toBe(408)
})

it("closes connections above the most that it takes, and goes on when others have ended", async () => {
  const port = await serving()
  const sockets: Array<Socket> = []
  for (let i = 0; i < httpLimits.maxConnections; i++) sockets.push(await connected(port))
  const above = await connected(port)
  await once(above, "close")
  const ended = sockets.slice(0, 10).map((socket) => once(socket, "close"))
  for (const socket of sockets.slice(0, 10)) socket.destroy()
  await Promise.all(ended)
  for (;;) {
    const isTaken = await fetch(`http://127.0.0.1:${port}`).then(
      ({ status }) => status === 200,
      () => false
    )
    if (isTaken) break
  }
})
