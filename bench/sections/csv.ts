/** A list from a CSV file, read and imported, beside the same rows that are in memory already. */
import { execFileSync } from "node:child_process"
import { closeSync, mkdtempSync, openSync } from "node:fs"
import { join } from "node:path"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { openLeads } from "@leadterra/files"
import { leadsOf } from "../../lists/generate.ts"
import { products } from "../../lists/products.ts"
import { ratioChart } from "../charts.ts"
import { heapWatch } from "../heap.ts"
import { openEngine, workspaceId } from "../ours.ts"
import type { Contender, Figures, Section } from "../suite.ts"
import { batchSize } from "../workload.ts"

const ours = "Leads.importAll from a CSV file"
const limit = "Leads.bulkUpsert, the rows in memory"
const generator = join(import.meta.dirname, "..", "..", "lists", "generate.ts")

const writeList = (file: string, rows: number): void => {
  const out = openSync(file, "w")
  execFileSync(process.execPath, [generator, "--rows", String(rows)], { stdio: ["ignore", out, "inherit"] })
  closeSync(out)
}

/** The rows that the file holds, in batches: an empty cell is absent. */
function* rowsInMemory(rows: number): Generator<ReadonlyArray<unknown>> {
  const { cells, columns } = products.plain
  let batch: Array<unknown> = []
  for (const lead of leadsOf({ rows, seed: 1 })) {
    const named = cells(lead).map((cell, index) => [columns[index], cell])
    batch.push(Object.fromEntries(named.filter(([, cell]) => cell !== "")))
    if (batch.length < batchSize) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** Imports so many rows into a new store of the folder, and gives the figures of the cases. */
type Import = (rows: number, folder: string) => Promise<Figures>

const openIn = (folder: string) =>
  openEngine(SqliteRepository.layer({ filename: join(mkdtempSync(join(folder, "store-")), "leads.db") }), [])

const fromMemory: Import = async (rows, folder) => {
  const { campaignId, engine } = await openIn(folder)
  const watch = heapWatch()
  let millis = 0
  for (const leads of rowsInMemory(rows)) {
    const started = performance.now()
    await engine.leads.bulkUpsert({ workspaceId, campaignId, leads })
    millis += performance.now() - started
    watch.look()
  }
  await engine.close()
  return [(rows * 1_000) / millis, watch.peakHeap(), watch.peakRss()]
}

const fromFile: Import = async (rows, folder) => {
  const file = join(folder, "list.csv")
  writeList(file, rows)
  const { campaignId, engine } = await openIn(folder)
  const watch = heapWatch()
  const started = performance.now()
  const leads = await openLeads(file)
  const landed = await engine.leads.importAll({ workspaceId, campaignId, leads, onProgress: watch.look })
  const millis = performance.now() - started
  await engine.close()
  if (landed.rows !== rows) throw new Error(`${landed.rows} rows of ${rows} were imported`)
  return [(rows * 1_000) / millis, watch.peakHeap(), watch.peakRss()]
}

const contender = (name: string, importing: Import): Contender => ({
  name,
  limit,
  run: async (size, folder) => {
    await importing(5_000, folder)
    return importing(size, folder)
  }
})

export const section: Section = {
  title: "A list from a file",
  about: `A CSV file of eleven columns, as [the generator of lists](../lists/generate.ts) writes it, read by \`@leadterra/files\` and imported by
\`Leads.importAll\` into SQLite. The limit is \`Leads.bulkUpsert\` with the same rows, made batch by batch off the clock: the ratio is the price
of reading. Memory must not grow with the list.`,
  libraries: ["better-sqlite3", "effect"],
  suites: [
    {
      name: "a CSV file",
      size: "rows",
      cases: [
        { name: "import", unit: "rows/s", goal: 0.6 },
        { name: "heap, peak, garbage included", unit: "MB" },
        { name: "resident set, peak", unit: "MB" }
      ],
      full: [
        { size: 100_000, rounds: 7 },
        { size: 1_000_000, rounds: 1 }
      ],
      quick: [{ size: 20_000, rounds: 1 }],
      contenders: [contender(limit, fromMemory), contender(ours, fromFile)]
    }
  ],
  charts: (series) => [
    ratioChart(
      "csv",
      "An import from a CSV file, beside rows in memory",
      "share of the rows per second",
      series.filter(({ unit }) => unit === "rows/s"),
      { contender: ours }
    )
  ]
}
