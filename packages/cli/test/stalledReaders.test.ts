/** Callers who ask for large answers and read nothing. */
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { expect, it, onTestFinished } from "vitest"
import { listen } from "../src/serve/HttpServer.ts"
import { serving } from "./process.ts"
import { runOn, scene } from "./terminal.ts"

const connected = async (port: number): Promise<Socket> => {
  const socket = connect(port, "127.0.0.1").pause()
  socket.on("error", () => {})
  onTestFinished(() => void socket.destroy())
  await once(socket, "connect")
  return socket
}

it("a connection on which nothing moves is closed, and its answer is left", async () => {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>()
  const fetch = async () =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
        cancel: () => leave()
      })
    )
  const server = await listen(fetch, { host: "127.0.0.1", port: 0 }, { stalledTimeoutMillis: 100 })
  onTestFinished(async () => void (await server.stop(0)))
  const socket = await connected(Number(new URL(server.url).port))
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n")
  await left
})

const fields = Object.fromEntries(
  Array.from({ length: 12 }, (_, index) => [`note${index}`, "n".repeat(5_000)])
)
const leads = Array.from({ length: 130 }, (_, index) => ({ email: `lead${index}@acme.com`, ...fields }))

const callers = 60

it("callers who read nothing of 8 MB each hold a bounded part of them", async () => {
  const { folder } = scene()
  const keys: Array<string> = []
  for (const workspace of ["a", "b", "c"])
    keys.push((await runOn(folder)(["keys", "create", "--workspace", workspace])).out.trim())
  const { child, ended, port, url } = await serving(folder, ["--grace-seconds", "0"])
  const post = async (key: string, path: string, body: unknown) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" }
    return (await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) })).text()
  }
  for (const key of keys) {
    const [id] = /camp_\w+/.exec(await post(key, "/v1/campaigns", { name: "Spring" })) ?? []
    await post(key, `/v1/campaigns/${id}/leads/bulk`, { leads })
  }
  let log = ""
  const answered = new Promise<void>((resolve) => {
    child.stderr.on("data", (text: string) => {
      log += text
      if (log.split('"route":"/v1/leads"').length > callers) resolve()
    })
  })
  for (let asked = 0; asked < callers; asked++) {
    const socket = await connected(port)
    socket.write(
      `GET /v1/leads?limit=1000 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${keys[asked % keys.length]}\r\n\r\n`
    )
  }
  await answered
  child.kill("SIGTERM")
  const { err, exitCode, peak } = await ended
  const statuses = Array.from(err.matchAll(/"route":"\/v1\/leads","status":(\d+)/g), ([, status]) => status)
  expect([exitCode, new Set(statuses)]).toEqual([0, new Set(["200", "429"])])
  expect(peak ?? Number.POSITIVE_INFINITY).toBeLessThan(450_000_000)
  console.log(`${statuses.filter((status) => status === "200").length} answers, ${peak} bytes at most`)
}, 120_000)
