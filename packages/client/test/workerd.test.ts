/** The client in workerd, against a server of Node. */
import { once } from "node:events"
import { join } from "node:path"
import { serve } from "@hono/node-server"
import { expect, it, onTestFinished } from "vitest"
import { startWorker } from "../../../test/workerd.ts"
import { problem, startServer } from "./server.ts"

it("enrols, sends a refused call again, and follows events, in workerd", async () => {
  const { key, server: handlers } = await startServer()
  const busy = problem(503, "unavailable", { headers: { "retry-after": "1" } })
  let bulkCalls = 0
  const server = serve({
    fetch: async (request: Request) => {
      const isFirst = request.url.endsWith("/leads/bulk") && ++bulkCalls === 1
      return isFirst ? busy(request) : handlers.fetch(request)
    },
    hostname: "127.0.0.1",
    port: 0,
    overrideGlobalObjects: false
  })
  onTestFinished(() => void server.close())
  await once(server, "listening")
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : undefined}`

  const worker = await startWorker(join(import.meta.dirname, "workers", "calls.ts"))
  const answer = await fetch(`${worker}/?${new URLSearchParams({ url, key })}`)
  const text = await answer.text()
  expect(answer.status, text).toBe(200)
  expect(JSON.parse(text)).toEqual({
    result: { enrolled: 1, updated: 0, skipped: 0, totalInCampaign: 1, failed: 1 },
    unknown: { code: "campaign_not_found", status: 404 },
    kinds: ["lead.enrolled", "campaign.started"]
  })
  expect(bulkCalls).toBe(2)
})
