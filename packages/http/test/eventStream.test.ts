/** Streams of events hold little for slow readers, and such readers lose nothing by it. */
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { startServer } from "./server.ts"

const run = promisify(execFile)

it("100 streams that stall hold one event each, as bytes", async () => {
  const script = join(import.meta.dirname, "stalled.ts")
  const { stdout } = await run(process.execPath, ["--expose-gc", "--max-old-space-size=256", script])
  const { events, megabytes, streams } = JSON.parse(stdout)
  expect([streams, events]).toEqual([100, 200])
  expect(megabytes).toBeLessThan(60)
}, 60_000)

it("reads few events at a time, one after large ones, and tells each once and in order", async () => {
  const limits: Array<number | undefined> = []
  const { call, createCampaign, keyOf, server } = await startServer({}, (engine) => ({
    ...engine,
    events: {
      ...engine.events,
      read: (input, options) => {
        limits.push(input.limit)
        return engine.events.read(input, options)
      }
    }
  }))
  const id = await createCampaign()
  for (const [batch, size] of [...Array<number>(30).fill(1), 1_200, 1_200, 1, 1_200, 1].entries()) {
    const leads = Array.from({ length: size }, (_, index) => ({ email: `lead${index}.${batch}@acme.com` }))
    await call("POST", `/v1/campaigns/${id}/leads/bulk`, { leads })
  }
  const { body } = await call("GET", "/v1/events")
  expect(body.events).toHaveLength(35)
  limits.length = 0

  const headers = { authorization: `Bearer ${await keyOf("ws_1")}` }
  const response = await server.fetch(new Request("http://localhost/v1/events/stream", { headers }))
  let text = ""
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    expect(chunk.length).toBeLessThanOrEqual(16_384)
    text += chunk
    if (text.split("\n\n").length > 36) break
  }
  const told = [...text.matchAll(/(?<=^data: ).+$/gm)].map(([data]) => JSON.parse(data))
  expect(told).toEqual(body.events)
  // The first asks whether the cursor is known. 31 events come by 5 reads, the last cut before the large ones.
  expect(limits.slice(0, 6)).toEqual([1, 1, 2, 4, 8, 16])
  expect(limits.slice(6, 9)).toEqual([1, 2, 1])
})
