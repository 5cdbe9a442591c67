/** Bulk upserts: new leads, the same with a field changed, and those once more. */
import { join } from "node:path"
import { openBareMap } from "../bareMap.ts"
import { ratioChart } from "../charts.ts"
import type { Open } from "../Enroller.ts"
import { openHandWritten } from "../handWritten.ts"
import { openOurMemory, openOurSqlite } from "../ours.ts"
import type { Contender, Section, Suite } from "../suite.ts"
import { passes, rateOf, warmUp } from "../upserting.ts"
import { batchesOf, suppressionList } from "../workload.ts"

const contender = (name: string, limit: string, open: Open): Contender => ({
  name,
  limit,
  run: async (size, folder) => {
    await warmUp(open, folder)
    const enroller = await open(join(folder, "leads.db"), suppressionList(size))
    const rates: Array<number> = []
    for (const { jobTitle } of passes)
      rates.push(await rateOf(enroller, Array.from(batchesOf({ rows: size, jobTitle }))))
    await enroller.close()
    return rates
  }
})

const casesWith = (goal: number) => passes.map(({ name }) => ({ name, unit: "rows/s" as const, goal }))
const full = [10_000, 100_000].map((size) => ({ size, rounds: 7 }))
const quick = [{ size: 10_000, rounds: 3 }]

export const onSqlite: Suite = {
  name: "on SQLite",
  size: "rows",
  cases: casesWith(0.85),
  full,
  quick,
  contenders: [
    contender("SQLite by hand", "SQLite by hand", openHandWritten),
    contender("Leads.bulkUpsert", "SQLite by hand", openOurSqlite)
  ]
}

export const inMemory: Suite = {
  name: "in memory",
  size: "rows",
  cases: casesWith(0.3),
  full,
  quick,
  contenders: [
    contender("a bare Map", "a bare Map", openBareMap),
    contender("Leads.bulkUpsert", "a bare Map", openOurMemory)
  ]
}

export const section: Section = {
  title: "Bulk upserts",
  about: `Batches of 1,000 rows of six fields, 2% of them repeats, beside a suppression list as long as the list. The limit on SQLite is
[what someone writes by hand](../bench/handWritten.ts) who knows it and needs nothing else: it trusts its input, keeps no outcome per
row and has no foreign keys. The limit in memory is [a bare Map](../bench/bareMap.ts), which has no suppression list either.`,
  libraries: ["better-sqlite3", "effect"],
  suites: [onSqlite, inMemory],
  charts: (series) => [
    ratioChart(
      "upsert",
      "Leads.bulkUpsert beside its limits",
      "share of the limit's rows per second",
      series,
      {
        contender: "Leads.bulkUpsert",
        goals: [onSqlite, inMemory]
      }
    )
  ]
}
