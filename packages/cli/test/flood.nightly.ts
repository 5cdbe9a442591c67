/**
 * A flood of small and of large calls on a server with a bounded heap, by autocannon: none is answered with
 * an error of the server, and its memory stays flat. It takes ten minutes, or the seconds that
 * `NIGHTLY` names when it is more than 1.
 */
import { createRequire } from "node:module"
import { expect, it, onTestFinished } from "vitest"
import { serving } from "./process.ts"
import { runOn, scene } from "./terminal.ts"

const named = Number(process.env["NIGHTLY"])
const seconds = named > 1 ? named : 600

/** Megabytes of the heap. The process ends when it needs more. */
const heapMegabytes = 192

/** The last tenth of the time may have so much more resident memory than the second, on average. */
const growth = { factor: 1.2, bytes: 32_000_000 }

interface Shot {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly connections: number
}

/** The members of a result that are read here; the package has no types. */
interface Result {
  readonly errors: number
  readonly timeouts: number
  readonly statusCodeStats: Readonly<Record<string, { readonly count: number }>>
}

const autocannon: (
  options: Shot & { readonly duration: number; readonly timeout: number }
) => Promise<Result> = createRequire(import.meta.url)("autocannon")

const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

it("a flood ends in 429 at worst, with flat memory", async () => {
  const { campaign, folder } = scene()
  const id = await campaign()
  const key = (await runOn(folder)(["keys", "create"])).out.trim()
  const { child, url } = await serving(folder, ["--metrics"], {
    NODE_OPTIONS: `--max-old-space-size=${heapMegabytes}`
  })
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" }
  const rows = Array.from({ length: 1_000 }, (_, row) => ({ email: `lead${row}@acme.com`, plan: `p${row}` }))
  const shots: ReadonlyArray<Shot> = [
    { url: `${url}/v1/campaigns/${id}`, method: "GET", headers, connections: 20 },
    {
      url: `${url}/v1/campaigns/${id}/leads/bulk`,
      method: "POST",
      headers,
      body: JSON.stringify({ leads: rows }),
      connections: 20
    }
  ]
  const resident: Array<number> = []
  const look = async () => {
    const page = await (await fetch(`${url}/metrics`)).text()
    resident.push(Number(/^process_resident_memory_bytes (\S+)$/m.exec(page)?.[1]))
  }
  const sampling = setInterval(() => void look().catch(() => {}), 1_000)
  onTestFinished(() => clearInterval(sampling))
  const results = await Promise.all(
    shots.map((shot) => autocannon({ ...shot, duration: seconds, timeout: 60 }))
  )
  clearInterval(sampling)

  const statuses = results.map(({ statusCodeStats }) =>
    Object.fromEntries(Object.entries(statusCodeStats).map(([status, { count }]) => [status, count]))
  )
  const tenth = Math.ceil(resident.length / 10)
  const [before, after] = [mean(resident.slice(tenth, 2 * tenth)), mean(resident.slice(-tenth))]
  const megabytes = [before, after].map((bytes) => Math.round(bytes / 1e6))
  console.log(`${JSON.stringify(statuses)}, resident from ${megabytes.join(" to ")} MB over ${seconds} s`)
  for (const { errors, timeouts } of results) expect([errors, timeouts]).toEqual([0, 0])
  for (const counts of statuses) {
    expect(Object.keys(counts).filter((status) => !["200", "429"].includes(status))).toEqual([])
    expect(counts["200"]).toBeGreaterThan(0)
  }
  expect(resident.length).toBeGreaterThan(seconds / 4)
  expect(after).toBeLessThan(before * growth.factor + growth.bytes)
  expect(child.exitCode).toBe(null)
})
