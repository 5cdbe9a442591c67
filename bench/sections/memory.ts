/** What is held: by a process that enrols into SQLite, which must not grow with the list, and by the store in memory. */
import { join } from "node:path"
import { openBareMap } from "../bareMap.ts"
import { barChart } from "../charts.ts"
import type { Open } from "../Enroller.ts"
import { figure } from "../format.ts"
import { openHandWritten } from "../handWritten.ts"
import { heapWatch, liveHeap } from "../heap.ts"
import { openOurMemory, openOurSqlite } from "../ours.ts"
import { median } from "../results.ts"
import type { Contender, Section, Suite } from "../suite.ts"
import { timesOf } from "../upserting.ts"
import { batchesOf } from "../workload.ts"

const onDisk = (name: string, open: Open): Contender => ({
  name,
  limit: "SQLite by hand",
  run: async (size, folder) => {
    const enroller = await open(join(folder, "leads.db"), [])
    const watch = heapWatch()
    await timesOf(enroller, batchesOf({ rows: size }), watch.look)
    const figures = [watch.peakRss(), watch.peakHeap(), watch.liveHeap()]
    await enroller.close()
    return figures
  }
})

const held = (name: string, open: Open): Contender => ({
  name,
  limit: "a bare Map",
  run: async (size, folder) => {
    const enroller = await open(join(folder, "no file"), [])
    const before = liveHeap()
    await timesOf(enroller, batchesOf({ rows: size }))
    const after = liveHeap()
    const leads = (await enroller.enrolled()).length
    await enroller.close()
    return [(after - before) / leads]
  }
})

const onSqlite: Suite = {
  name: "enrolling into SQLite",
  size: "rows",
  cases: [
    { name: "resident set, peak", unit: "MB" },
    { name: "heap, peak, garbage included", unit: "MB" },
    { name: "heap in use at the end", unit: "MB" }
  ],
  full: [
    { size: 100_000, rounds: 3 },
    { size: 1_000_000, rounds: 1 }
  ],
  quick: [
    { size: 10_000, rounds: 1 },
    { size: 50_000, rounds: 1 }
  ],
  contenders: [onDisk("SQLite by hand", openHandWritten), onDisk("Leads.bulkUpsert", openOurSqlite)]
}

const inMemory: Suite = {
  name: "the store in memory",
  size: "rows",
  cases: [{ name: "heap for each lead", unit: "bytes" }],
  full: [{ size: 100_000, rounds: 3 }],
  quick: [{ size: 20_000, rounds: 1 }],
  contenders: [held("a bare Map", openBareMap), held("Leads.bulkUpsert", openOurMemory)]
}

export const section: Section = {
  title: "Memory",
  about: `Enrolling into SQLite holds one batch at a time, so ten times the leads must take no more. The store in memory holds all of
them, with ids, enrolments and events. Less is better, also in the ratio.`,
  libraries: ["better-sqlite3", "effect"],
  suites: [onSqlite, inMemory],
  charts: (series) => [
    barChart({
      name: "memory",
      title: "Memory while a growing list is enrolled",
      axis: "peak of the resident set in MB; less is better",
      show: (value) => figure(value, "MB"),
      bars: series
        .filter((one) => one.case === "resident set, peak")
        .map((one) => ({
          label: `${one.size.toLocaleString("en")} rows, ${one.contender}`,
          value: median(one.values),
          isOurs: one.contender !== one.limit
        }))
    })
  ]
}
