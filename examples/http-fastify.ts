/** The REST API in a service with Fastify. */
import { getRequestListener } from "@hono/node-server"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { open } from "@leadterra/core/promise"
import { createKey, handlers } from "@leadterra/http"
import * as SqliteServerStore from "@leadterra/http/sqlite"
import fastify from "fastify"

const filename = "http-fastify.db"
await using engine = await open(SqliteRepository.layer({ filename }))
const store = await SqliteServerStore.make({ filename })
const api = handlers({ engine, store })
const listener = getRequestListener(api.fetch, { overrideGlobalObjects: false })

const app = fastify()
app.get("/", () => "my own page")
app.register((api, _, done) => {
  // The handlers read bodies themselves, within bounds of their own.
  api.removeAllContentTypeParsers()
  api.addContentTypeParser("*", (_request, _body, done) => done(null))
  api.all("/v1/*", (request, reply) => {
    reply.hijack()
    return listener(request.raw, reply.raw)
  })
  done()
})
const url = await app.listen({ host: "127.0.0.1", port: 0 })

const { key } = await createKey({ engine, store }, { workspaceId: "acme", mode: "live", now: Date.now() })

const made = await fetch(`${url}/v1/campaigns`, {
  method: "POST",
  headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
  body: JSON.stringify({ name: "Spring" })
})
console.log("POST /v1/campaigns:", made.status)
console.log("GET /:", await (await fetch(url)).text())

await app.close()
await api.close()
await store.close()
