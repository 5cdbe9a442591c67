/** Bulk upserts on PostgreSQL: new leads, the same with a field changed, and those once more. */
import { ratioChart } from "../charts.ts"
import type { Open } from "../Enroller.ts"
import { openDrizzle } from "../postgres/drizzle.ts"
import { openHandWritten } from "../postgres/handWritten.ts"
import { openKysely } from "../postgres/kysely.ts"
import { openOurs } from "../postgres/ours.ts"
import type { Contender, Section, Suite } from "../suite.ts"
import { passes, rateOf, warmUp } from "../upserting.ts"
import { batchesOf, suppressionList } from "../workload.ts"

const limit = "unnest by hand"
const ours = "Leads.bulkUpsert"
const listLength = 100_000

const contender = (name: string, open: Open): Contender => ({
  name,
  limit,
  run: async (size, folder) => {
    await warmUp(open, folder)
    const enroller = await open(folder, suppressionList(listLength))
    const rates: Array<number> = []
    for (const { jobTitle } of passes) {
      const batches = Array.from(batchesOf({ rows: size, jobTitle, suppressed: listLength }))
      rates.push(await rateOf(enroller, batches))
    }
    await enroller.close()
    return rates
  }
})

const suite: Suite = {
  name: "on PostgreSQL",
  size: "rows",
  cases: passes.map(({ name }) => ({ name, unit: "rows/s", goal: 0.8 })),
  full: [{ size: 50_000, rounds: 5 }],
  quick: [{ size: 10_000, rounds: 1 }],
  contenders: [
    contender(limit, openHandWritten),
    contender(ours, openOurs),
    contender("Kysely, many rows in a statement", openKysely),
    contender("Drizzle, many rows in a statement", openDrizzle)
  ]
}

export const section: Section = {
  title: "PostgreSQL",
  about: `50,000 rows in batches of 1,000, of which 2% are suppressed by a list of 100,000 entries, on a server of its own on the same
machine, whose commits are on the disk. The limit is [what someone writes by hand](../bench/postgres/handWritten.ts) with columns as
arrays and named statements; [the peers](../bench/postgres) write many rows in a statement. None of them checks its input, reports
outcomes, or keeps sequences.`,
  libraries: ["pg", "drizzle-orm", "kysely", "effect"],
  suites: [suite],
  charts: (series) => [
    ratioChart(
      "postgres",
      "On PostgreSQL, beside unnest by hand",
      "share of the limit's rows per second",
      series,
      {
        contender: ours,
        goals: [suite]
      }
    )
  ]
}
