/** The REST API in a service with Hono. The service keeps its own routes, and hands the paths of the API to the handlers. */
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { open } from "@leadterra/core/promise"
import { createKey, handlers } from "@leadterra/http"
import * as SqliteServerStore from "@leadterra/http/sqlite"
import { Hono } from "hono"

const filename = "http-hono.db"
await using engine = await open(SqliteRepository.layer({ filename }))
const store = await SqliteServerStore.make({ filename })
const api = handlers({ engine, store })

const app = new Hono()
  .get("/", ({ text }) => text("my own page"))
  .all("/v1/*", ({ req }) => api.fetch(req.raw))

// One key for each customer: its workspace goes with the key.
const { key } = await createKey({ engine, store }, { workspaceId: "acme", mode: "live", now: Date.now() })

const made = await app.request("/v1/campaigns", {
  method: "POST",
  headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
  body: JSON.stringify({ name: "Spring" })
})
console.log("POST /v1/campaigns:", made.status)
console.log("GET /:", await (await app.request("/")).text())

await api.close()
await store.close()
