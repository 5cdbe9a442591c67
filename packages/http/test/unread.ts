/**
 * Asks 100 times for a page of 8 MB of leads, 25 times for each of four workspaces, in a process of
 * its own, reads the first chunk of each answer and keeps it, as a server does whose caller reads
 * nothing. It prints the statuses, the answer that a fifth workspace gets meanwhile, and the
 * megabytes that the answers hold.
 */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { open } from "@leadterra/core/promise"
import { createKey, handlers, MemoryServerStore } from "@leadterra/http"

const megabytes = (): number => {
  globalThis.gc?.()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return (arrayBuffers + heapUsed) / 1_000_000
}

const engine = await open(MemoryRepository.layer)
const { id: campaignId } = await engine.campaigns.create({ workspaceId: "ws_0", name: "Spring" })
const notes = Object.fromEntries(
  Array.from({ length: 12 }, (_, index) => [`note${index}`, "n".repeat(5_000)])
)
const leads = Array.from({ length: 130 }, (_, index) => ({ email: `lead${index}@acmecorp.com`, ...notes }))
await engine.leads.bulkUpsert({ workspaceId: "ws_0", campaignId, leads })
const page = await engine.leads.list({ workspaceId: "ws_0", limit: 1_000 })

const store = MemoryServerStore.make()
const server = handlers({ engine: { ...engine, leads: { ...engine.leads, list: async () => page } }, store })
const keyOf = async (workspaceId: string) =>
  (await createKey({ engine, store }, { workspaceId, mode: "live", now: Date.now() })).key
const ask = async (key: string) =>
  server.fetch(new Request("http://localhost/v1/leads", { headers: { authorization: `Bearer ${key}` } }))

const before = megabytes()
const statuses: Record<string, number> = {}
const kept: Array<unknown> = []
for (const workspaceId of ["ws_1", "ws_2", "ws_3", "ws_4"]) {
  const key = await keyOf(workspaceId)
  const answers = await Promise.all(Array.from({ length: 25 }, () => ask(key)))
  for (const { body, status } of answers) {
    statuses[status] = (statuses[status] ?? 0) + 1
    const reader = body?.getReader()
    kept.push(reader, await reader?.read().catch(() => {}))
  }
}
const other = await ask(await keyOf("ws_5"))
const read = (await other.arrayBuffer()).byteLength
const held = Math.round(megabytes() - before)
if (kept.length === 0) throw new Error("nothing was asked for")
console.log(JSON.stringify({ statuses, other: other.status, read, megabytes: held }))
process.exit(0)
