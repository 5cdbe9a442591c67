/** Callers that end their side of a connection early, or send as slowly as they can, against a server on stores in memory. */
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { MemoryRepository } from "@leadterra/adapter-memory"
import { open } from "@leadterra/core/promise"
import { type Answered, createKey, handlers, MemoryServerStore } from "@leadterra/http"
import { expect, it, onTestFinished } from "vitest"
import { statusOf } from "../../../test/http.ts"
import { listen } from "../src/serve/HttpServer.ts"

const startServer = async () => {
  const engine = await open(MemoryRepository.layer)
  const store = MemoryServerStore.make()
  const answered = Promise.withResolvers<Answered>()
  const errors: Array<unknown> = []
  const api = handlers({
    engine,
    store,
    onAnswer: answered.resolve,
    onError: (error) => void errors.push(error)
  })
  const server = await listen(api.fetch, { host: "127.0.0.1", port: 0 })
  onTestFinished(async () => {
    await server.stop(0)
    await api.close()
    await engine.close()
  })
  const stores = { engine, store }
  const { key } = await createKey(stores, { workspaceId: "ws_1", mode: "live", now: Date.now() })
  const port = Number(new URL(server.url).port)
  const names = async () =>
    (await engine.campaigns.list({ workspaceId: "ws_1" })).items.map(({ name }) => name)
  const get = () => fetch(`${server.url}/v1/campaigns`, { headers: { authorization: `Bearer ${key}` } })
  return { answered: answered.promise, errors, get, key, names, port }
}

/** Sends text, ends that side of the connection, and gives what comes until the other side ends too. */
const sendAndEnd = async (port: number, text: string): Promise<string> => {
  const socket: Socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true })
  let answer = ""
  socket.setEncoding("utf8").on("data", (piece: string) => {
    answer += piece
  })
  socket.on("error", () => {})
  socket.end(text)
  await once(socket, "close")
  return answer
}

const requestOf = (key: string, body: string, announced = body.length): string =>
  [
    "POST /v1/campaigns HTTP/1.1",
    "host: x",
    `authorization: Bearer ${key}`,
    "content-type: application/json",
    `content-length: ${announced}`,
    "",
    body
  ].join("\r\n")

it("takes a caller who ends that side of the connection behind a request for one who has left", async () => {
  const { answered, errors, get, key, names, port } = await startServer()
  const answer = await sendAndEnd(port, requestOf(key, JSON.stringify({ name: "Spring" })))
  // The call may have been answered by then, and its work is done as a whole or not at all.
  expect([0, 201]).toContain(statusOf(answer))
  expect([499, 201]).toContain((await answered).status)
  expect((await get()).status).toBe(200)
  expect(["Spring", undefined]).toContain((await names())[0])
  if (statusOf(answer) === 201) expect(await names()).toEqual(["Spring"])
  expect(errors).toEqual([])
})

it("does nothing for callers who end within headers or a body, keeps none of their connections, and serves others", async () => {
  const { errors, get, key, names, port } = await startServer()
  const whole = requestOf(key, JSON.stringify({ name: "Spring" }))
  const cuts = [0, 1, 20, whole.indexOf("\r\n\r\n"), whole.indexOf("\r\n\r\n") + 4, whole.length - 1]
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) => sendAndEnd(port, whole.slice(0, cuts[index % cuts.length])))
  )
  for (const answer of answers) expect([0, 400]).toContain(statusOf(answer))
  expect(await names()).toEqual([])
  expect((await get()).status).toBe(200)
  expect(errors).toEqual([])
})

it("answers others while bodies come byte by byte, and takes them when they are whole", async () => {
  const { get, key, names, port } = await startServer()
  const body = JSON.stringify({ name: "Slow" })
  const sockets = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const socket = connect(port, "127.0.0.1")
      await once(socket, "connect")
      socket.write(requestOf(key, "", body.length))
      return { socket, data: once(socket, "data") }
    })
  )
  for (const character of body) {
    for (const { socket } of sockets) socket.write(character)
    expect((await get()).status).toBe(200)
  }
  for (const { data, socket } of sockets) {
    const [answer] = await data
    expect(statusOf(String(answer))).toBe(201)
    socket.destroy()
  }
  expect(await names()).toEqual(Array(20).fill("Slow"))
})
