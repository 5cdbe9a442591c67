/** The REST API over loopback: bulk calls beside the library, a small call beside an import, and the start of the server. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import type { Enroller } from "../Enroller.ts"
import { openOurSqlite } from "../ours.ts"
import { installServer, openOverHttp, startServer } from "../overHttp.ts"
import { percentile } from "../results.ts"
import type { Contender, Figures, Section, Suite } from "../suite.ts"
import { passes, sum } from "../upserting.ts"
import { type Batch, batchesOf } from "../workload.ts"

type Upserts = Pick<Enroller, "upsert" | "close">

/** Rows per second of callers who take the batches in turn, each one call at a time. */
const rateOf = async (
  { upsert }: Upserts,
  batches: ReadonlyArray<Batch>,
  callers: number
): Promise<number> => {
  const left = batches.values()
  const started = performance.now()
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (const batch of left) await upsert(batch)
    })
  )
  return (sum(batches.map(({ length }) => length)) * 1_000) / (performance.now() - started)
}

const warmUpRows = 20_000

const limit = "the library alone"

const upserts = (name: string, open: (file: string) => Promise<Upserts>, callers: number): Contender => ({
  name,
  limit,
  run: async (size, folder) => {
    const upserts = await open(join(folder, "leads.db"))
    // The same process answers all passes: it compiles its code on addresses of their own.
    const warmUp = Array.from(batchesOf({ rows: warmUpRows }), (batch) =>
      batch.map((row) => ({ ...row, email: `warm.${row.email}` }))
    )
    for (const _ of passes) await rateOf(upserts, warmUp, callers)
    const rates: Array<number> = []
    for (const { jobTitle } of passes)
      rates.push(await rateOf(upserts, Array.from(batchesOf({ rows: size, jobTitle })), callers))
    await upserts.close()
    return rates
  }
})

const bulk: Suite = {
  name: "batches of 1,000 rows",
  size: "rows",
  cases: passes.map(({ name }) => ({ name, unit: "rows/s", goal: 0.7 })),
  full: [{ size: 100_000, rounds: 7 }],
  quick: [{ size: 20_000, rounds: 3 }],
  contenders: [
    upserts(limit, (file) => openOurSqlite(file, []), 1),
    upserts("Leads.bulkUpsert over HTTP, one caller", openOverHttp, 1),
    upserts("Leads.bulkUpsert over HTTP, two callers", openOverHttp, 2)
  ]
}

/** Milliseconds of small calls, every few milliseconds, while a list of `rows` is imported. */
const waits = async (rows: number, folder: string): Promise<Figures> => {
  const served = await openOverHttp(join(folder, "leads.db"))
  for (let calls = 0; calls < 200; calls++) await served.get()
  let isImporting = true
  const list = rows === 0 ? Promise.resolve() : served.importAll(batchesOf({ rows }))
  const importing = list.finally(() => {
    isImporting = false
  })
  const times: Array<number> = []
  while (rows === 0 ? times.length < 1_000 : isImporting) {
    const started = performance.now()
    await served.get()
    times.push(performance.now() - started)
    await setTimeout(5)
  }
  await importing
  await served.close()
  return [percentile(times, 0.5), percentile(times, 0.99), Math.max(...times)]
}

const small: Suite = {
  name: "a small GET while a list is imported",
  size: "rows",
  cases: [
    { name: "median", unit: "ms" },
    { name: "p99", unit: "ms" },
    { name: "longest", unit: "ms" }
  ],
  full: [{ size: 1_000_000, rounds: 3 }],
  quick: [{ size: 50_000, rounds: 1 }],
  contenders: [
    { name: "nobody imports", limit: "nobody imports", run: (_, folder) => waits(0, folder) },
    { name: "Campaigns.get beside an import", limit: "nobody imports", run: waits }
  ]
}

const bareServer = `
  const { createServer } = require("node:http")
  const server = createServer((request, response) => response.end())
  server.listen(0, "127.0.0.1", () => console.log("Listening"))`

const ready: Suite = {
  name: "from the command to a server that listens",
  cases: [{ name: "start", unit: "ms" }],
  full: [{ size: 1, rounds: 21 }],
  quick: [{ size: 1, rounds: 5 }],
  contenders: [
    {
      name: "a bare server of Node",
      limit: "a bare server of Node",
      run: async () => {
        const started = performance.now()
        const child = spawn(process.execPath, ["--eval", bareServer], {
          stdio: ["ignore", "pipe", "inherit"]
        })
        await once(child.stdout, "data")
        const taken = performance.now() - started
        child.kill()
        return [taken]
      }
    },
    {
      name: "leadterra serve",
      limit: "a bare server of Node",
      run: async (_, folder) => {
        const started = performance.now()
        const { stop } = await startServer(join(folder, "leads.db"))
        const taken = performance.now() - started
        await stop()
        return [taken]
      }
    }
  ]
}

export const section: Section = {
  title: "The REST API",
  about: `\`leadterra serve\` on a SQLite file, in a process of its own, called by \`fetch\` over loopback. Bulk calls are measured beside the
same batches given to the library in one process; a call counts from the rows as objects to the answer as an object, so that JSON is written
and read on both sides. The goal for the small call is 50 ms at the 99th percentile, and for the start 500 ms; less is better in both, also
in the ratio.`,
  libraries: ["better-sqlite3", "effect"],
  suites: [bulk, small, ready],
  charts: () => [],
  prepare: installServer
}
