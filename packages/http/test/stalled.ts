/**
 * Opens 100 streams on events of 10,000 leads each, in a process of its own, and reads no more than
 * their first bytes. It prints the events that were read for them, and the megabytes that they hold.
 */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { open } from "@leadterra/core/promise"
import { createKey, handlers, MemoryServerStore } from "@leadterra/http"

const megabytes = (): number => {
  globalThis.gc?.()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return (arrayBuffers + heapUsed) / 1_000_000
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 20))

const engine = await open(MemoryRepository.layer)
const { id: campaignId } = await engine.campaigns.create({ workspaceId: "ws_0", name: "Spring" })
await engine.leads.bulkUpsert({ workspaceId: "ws_0", campaignId, leads: [{ email: "ava@acmecorp.com" }] })
const { items, next } = await engine.events.read({ workspaceId: "ws_0" })

/** An event of 10,000 leads, whose ids it shares with no other event. */
const largeEvents = () =>
  items.flatMap((event) =>
    event.kind === "lead.enrolled"
      ? [{ ...event, leadIds: Array.from({ length: 10_000 }, () => structuredClone(event.leadIds)).flat() }]
      : []
  )

let reads = 0
let events = 0
const read: typeof engine.events.read = async ({ limit = 50 }) => {
  const page = Array.from({ length: limit }, largeEvents).flat()
  reads++
  events += page.length
  return { items: page, next, more: true }
}

const store = MemoryServerStore.make()
const server = handlers({ engine: { ...engine, events: { ...engine.events, read } }, store })
const before = megabytes()
const readers: Array<ReadableStreamDefaultReader<Uint8Array>> = []
for (const workspaceId of ["ws_1", "ws_2", "ws_3", "ws_4"]) {
  const { key } = await createKey({ engine, store }, { workspaceId, mode: "live", now: Date.now() })
  const headers = { authorization: `Bearer ${key}` }
  for (let opened = 0; opened < 25; opened++) {
    const { body } = await server.fetch(new Request("http://localhost/v1/events/stream", { headers }))
    if (body !== null) readers.push(body.getReader())
  }
}
const chunks = await Promise.all(
  readers.map(async (reader) => {
    await reader.read()
    return (await reader.read()).value?.length ?? 0
  })
)
for (let seen = -1; seen !== reads; ) {
  seen = reads
  await turn()
}
const held = Math.round(megabytes() - before)
console.log(
  JSON.stringify({ streams: chunks.filter((length) => length > 1_000).length, events, megabytes: held })
)
await server.close()
await store.close()
await engine.close()
