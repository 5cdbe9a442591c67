/** The guide's calls over HTTP, to a server of this process on the same file. */
import { once } from "node:events"
import { serve } from "@hono/node-server"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { open } from "@leadterra/core/promise"
import { createKey, handlers } from "@leadterra/http"
import * as SqliteServerStore from "@leadterra/http/sqlite"

interface Given {
  readonly leads: ReadonlyArray<unknown>
  readonly steps: ReadonlyArray<unknown>
}

export const overHttp = async (filename: string, { leads, steps }: Given): Promise<void> => {
  await using engine = await open(SqliteRepository.layer({ filename }))
  const store = await SqliteServerStore.make({ filename })
  const api = handlers({ engine, store })
  const server = serve({ fetch: api.fetch, hostname: "127.0.0.1", port: 0, overrideGlobalObjects: false })
  try {
    await once(server, "listening")
    const address = server.address()
    const port = typeof address === "object" ? address?.port : undefined
    const now = Date.now()
    const { key } = await createKey({ engine, store }, { workspaceId: `ws_http_${now}`, mode: "live", now })

    const post = async (path: string, body?: unknown): Promise<unknown> => {
      console.log(`\nPOST ${path}`)
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: "POST",
        headers: {
          Authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { "Content-Type": "application/json" })
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      return response.json()
    }

    console.log("\n# The same over HTTP, as docs/guide.md has it for curl")
    const created = await post("/v1/campaigns", { name: "Spring outreach", sequenceSteps: steps })
    const [id] = /camp_\w+/.exec(JSON.stringify(created)) ?? []
    console.log(`created ${id}`)
    const path = `/v1/campaigns/${id}`
    console.log(JSON.stringify(await post(`${path}/leads/bulk`, { leads }), null, 2))
    console.log(JSON.stringify(await post(`${path}/start`), null, 2))
  } finally {
    server.close()
    await api.close()
    await store.close()
  }
}
