/** A list of a million: how the rate holds while the store grows, and what the other two passes cost at that size. */
import { join } from "node:path"
import { lineChart } from "../charts.ts"
import type { Open } from "../Enroller.ts"
import { count } from "../format.ts"
import { openHandWritten } from "../handWritten.ts"
import { openOurSqlite } from "../ours.ts"
import { median } from "../results.ts"
import type { Case, Contender, Section, Suite } from "../suite.ts"
import { passes, sum, timesOf, warmUp } from "../upserting.ts"
import { batchesOf } from "../workload.ts"

const tenths = Array.from({ length: 10 }, (_, index) => `tenth ${index + 1}`)

const cases: ReadonlyArray<Case> = [
  ...passes.map(({ name }) => ({ name, unit: "rows/s" as const })),
  { name: "fresh, last tenth to first", unit: "times" },
  ...tenths.map((name) => ({ name, unit: "rows/s" as const, isHidden: true as const }))
]

const contender = (name: string, open: Open): Contender => ({
  name,
  limit: "SQLite by hand",
  run: async (size, folder) => {
    await warmUp(open, folder)
    const enroller = await open(join(folder, "leads.db"), [])
    const times: Array<ReadonlyArray<number>> = []
    for (const { jobTitle } of passes)
      times.push(await timesOf(enroller, batchesOf({ rows: size, jobTitle })))
    await enroller.close()
    const [fresh = []] = times
    const perTenth = Math.ceil(fresh.length / 10)
    const rates = tenths.map((_, index) => {
      const tenth = fresh.slice(index * perTenth, (index + 1) * perTenth)
      return (size * 1_000 * (tenth.length / fresh.length)) / sum(tenth)
    })
    const last = (rates.at(-1) ?? Number.NaN) / (rates[0] ?? Number.NaN)
    return [...times.map((pass) => (size * 1_000) / sum(pass)), last, ...rates]
  }
})

const suite: Suite = {
  name: "a growing store",
  size: "rows",
  cases,
  full: [{ size: 1_000_000, rounds: 3 }],
  quick: [{ size: 50_000, rounds: 1 }],
  contenders: [contender("SQLite by hand", openHandWritten), contender("Leads.bulkUpsert", openOurSqlite)]
}

export const section: Section = {
  title: "A million leads",
  about: `The same, on SQLite, with a million rows and no suppression list; rows are made batch by batch, off the clock. Every store slows
down as its indexes outgrow the caches, the limit among them.`,
  libraries: ["better-sqlite3", "effect"],
  suites: [suite],
  charts: (series) => [
    lineChart({
      name: "growth",
      title: "Fresh rows per second, by tenths of a growing list",
      x: { name: "tenth of the list", labels: tenths.map((name) => name.replace("tenth ", "")) },
      y: "rows per second",
      show: count,
      lines: suite.contenders.map(({ limit, name }) => ({
        name,
        isOurs: name !== limit,
        values: tenths.map((tenth) =>
          median(series.find((one) => one.case === tenth && one.contender === name)?.values ?? [Number.NaN])
        )
      }))
    })
  ]
}
