/**
 * Sends one body to the handlers, in a process of its own, so that a body that takes the process down
 * fails a test and not all of them. It prints the status and the number of faults.
 */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { open } from "@leadterra/core/promise"
import { createKey, handlers, MemoryServerStore } from "@leadterra/http"

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth)
const listed = (entry: string, count: number) => `[${`${entry},`.repeat(count - 1)}${entry}]`
const members = (count: number) => Array.from({ length: count }, (_, index) => `"m${index}":1`).join()

/** A body of chunks of two bytes, all of them spaces. */
const chunks = (count: number): ReadableStream<Uint8Array> => {
  const chunk = new Uint8Array(2).fill(0x20)
  let sent = 0
  return new ReadableStream({
    pull: (controller) => (sent++ < count ? controller.enqueue(chunk) : controller.close())
  })
}

const bodies: Readonly<
  Record<string, readonly [path: string, body: () => string | ReadableStream<Uint8Array>]>
> = {
  "a deep message id": ["/v1/delivery/reports", () => `{"reports":[{"messageId":${nested(3e6)}}]}`],
  "many wrong steps": ["/v1/campaigns", () => `{"name":"a","sequenceSteps":${listed('{"a":1}', 500_000)}}`],
  "many empty steps": ["/v1/campaigns", () => `{"name":"a","sequenceSteps":${listed("{}", 3_290_000)}}`],
  "many numbers for steps": ["/v1/campaigns", () => `{"name":"a","sequenceSteps":${listed("1", 4_900_000)}}`],
  "a deep row": [
    "/v1/campaigns/{id}/leads/bulk",
    () => `{"leads":[{"email":"d@x.com","x":${nested(4.9e6)}}]}`
  ],
  "a wide row": [
    "/v1/campaigns/{id}/leads/bulk",
    () => `{"leads":[{"email":"d@x.com","x":${listed("{}", 3_290_000)}}]}`
  ],
  "many unknown members": ["/v1/campaigns", () => `{"name":"a",${members(700_000)}}`],
  "many members of a row": [
    "/v1/campaigns/{id}/leads/bulk",
    () => `{"leads":[{"email":"d@x.com",${members(700_000)}}]}`
  ],
  "many members of a report": ["/v1/delivery/reports", () => `{"reports":[{${members(700_000)}}]}`],
  "many members of a step": ["/v1/campaigns", () => `{"name":"a","sequenceSteps":[{${members(700_000)}}]}`],
  "many numbers for rows": ["/v1/campaigns/{id}/leads/bulk", () => `{"leads":${listed("1", 4_900_000)}}`],
  "many chunks": ["/v1/campaigns", () => chunks(4_900_000)]
}

const [, , name = ""] = process.argv
const [path, body] = bodies[name] ?? ["/", () => ""]

const engine = await open(MemoryRepository.layer)
const store = MemoryServerStore.make()
const server = handlers({ engine, store })
const { key } = await createKey({ engine, store }, { workspaceId: "ws_1", mode: "live", now: Date.now() })
const { id } = await engine.campaigns.create({ workspaceId: "ws_1", name: "Spring" })
const response = await server.fetch(
  new Request(`http://localhost${path.replace("{id}", id)}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: body(),
    duplex: "half"
  } as RequestInit)
)
const { code, errorCount } = JSON.parse(await response.text())
console.log(JSON.stringify({ status: response.status, code, errorCount }))
await server.close()
await engine.close()
