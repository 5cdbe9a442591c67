/**
 * The REST API mounted into services that are there already: one with Hono, one of plain Node. Each
 * keeps its own routes, and hands the paths under `/v1` to the handlers.
 */
import { once } from "node:events"
import { createServer } from "node:http"
import { getRequestListener } from "@hono/node-server"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { open } from "@leadterra/core/promise"
import { createKey, handlers } from "@leadterra/http"
import * as SqliteServerStore from "@leadterra/http/sqlite"
import { Hono } from "hono"

const filename = "http-api.db"
await using engine = await open(SqliteRepository.layer({ filename }))
const store = await SqliteServerStore.make({ filename })
const api = handlers({ engine, store })

const withHono = new Hono()
  .get("/", ({ text }) => text("my own page"))
  .all("/v1/*", ({ req }) => api.fetch(req.raw))

const listener = getRequestListener(api.fetch, { overrideGlobalObjects: false })
const withNode = createServer((request, response) => {
  if (request.url?.startsWith("/v1/")) void listener(request, response)
  else response.end("my own page")
})

const { key } = await createKey({ engine, store }, { workspaceId: "acme", mode: "live", now: Date.now() })
const request = { headers: { authorization: `Bearer ${key}` } }

console.log("Hono:", (await withHono.request("/v1/campaigns", request)).status)

withNode.listen(0, "127.0.0.1")
await once(withNode, "listening")
const address = withNode.address()
const port = typeof address === "object" ? address?.port : undefined
console.log("Node:", (await fetch(`http://127.0.0.1:${port}/v1/campaigns`, request)).status)

withNode.close()
await api.close()
await store.close()
