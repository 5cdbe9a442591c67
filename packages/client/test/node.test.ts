/** The client by the `fetch` of the platform, against a server of Node. */
import { once } from "node:events"
import type { Socket } from "node:net"
import { serve } from "@hono/node-server"
import { expect, it } from "vitest"
import { connect } from "../src/index.ts"
import { failureOf, startServer, steps } from "./server.ts"

it("calls, retries and follows over sockets", async () => {
  const { key, server: handlers } = await startServer()
  const sockets = new Set<Socket>()
  const server = serve({
    fetch: handlers.fetch,
    hostname: "127.0.0.1",
    port: 0,
    overrideGlobalObjects: false
  })
  server.on("connection", (socket: Socket) => sockets.add(socket))
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((done) => server.close(done))
  }
  await once(server, "listening")
  const address = server.address()
  const port = typeof address === "object" ? address?.port : undefined
  const url = `http://127.0.0.1:${port}`
  const api = connect({ url, key })

  const { campaign } = await api.campaigns.create({ name: "Spring", sequenceSteps: steps })
  const leads = [{ email: "ava@acmecorp.com" }, { email: "no address" }]
  const bulk = await api.leads.bulk(campaign.id, { leads, idempotencyKey: "batch-1" })
  expect(bulk.result).toMatchObject({ enrolled: 1, failed: 1 })
  expect(await api.leads.bulk(campaign.id, { leads, idempotencyKey: "batch-1" })).toMatchObject({
    replayed: true
  })
  expect(await failureOf(api.campaigns.get("camp_unknown"))).toMatchObject({ status: 404 })

  const kinds: Array<string> = []
  for await (const { kind } of api.events.follow()) {
    kinds.push(kind)
    if (kind === "campaign.started") break
    for (const socket of sockets) socket.destroy()
    sockets.clear()
    await api.campaigns.start(campaign.id)
  }
  expect(kinds).toEqual(["lead.enrolled", "campaign.started"])

  await close()
  expect(await failureOf(connect({ url, key, retries: 0 }).campaigns.list())).toMatchObject({
    code: "connection_failed"
  })
})
