/** The REST API in a server of plain Node, beside pages of its own. */
import { once } from "node:events"
import { createServer } from "node:http"
import { getRequestListener } from "@hono/node-server"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { open } from "@leadterra/core/promise"
import { createKey, handlers } from "@leadterra/http"
import { scalar } from "@leadterra/http/reference"
import * as SqliteServerStore from "@leadterra/http/sqlite"

const filename = "http-node.db"
await using engine = await open(SqliteRepository.layer({ filename }))
const store = await SqliteServerStore.make({ filename })
const api = handlers({ engine, store, reference: scalar })

const listener = getRequestListener(api.fetch, { overrideGlobalObjects: false })
const ofApi = /^\/(?:v1\/|openapi\.json$|llms\.txt$|reference(?:$|\/))/
const server = createServer((request, response) => {
  if (ofApi.test(request.url ?? "")) void listener(request, response)
  else response.end("my own page")
})
server.listen(0, "127.0.0.1")
await once(server, "listening")
const address = server.address()
const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : undefined}`

const { key } = await createKey({ engine, store }, { workspaceId: "acme", mode: "live", now: Date.now() })

const made = await fetch(`${url}/v1/campaigns`, {
  method: "POST",
  headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
  body: JSON.stringify({ name: "Spring" })
})
console.log("POST /v1/campaigns:", made.status)
console.log("GET /reference:", (await fetch(`${url}/reference`)).status)
console.log("GET /:", await (await fetch(url)).text())

server.close()
await api.close()
await store.close()
