/** Upserts beside a long suppression list: what a look-up in it costs as it grows. */
import { join } from "node:path"
import { ratioChart } from "../charts.ts"
import type { Open } from "../Enroller.ts"
import { openHandWritten } from "../handWritten.ts"
import { openOurSqlite } from "../ours.ts"
import type { Contender, Section } from "../suite.ts"
import { rateOf, warmUp } from "../upserting.ts"
import { batchesOf, suppressionList } from "../workload.ts"

const rows = 50_000

const contender = (name: string, open: Open): Contender => ({
  name,
  limit: "SQLite by hand",
  run: async (size, folder) => {
    await warmUp(open, folder)
    const enroller = await open(join(folder, "leads.db"), suppressionList(size))
    const rate = await rateOf(enroller, Array.from(batchesOf({ rows, suppressed: size })))
    await enroller.close()
    return [rate]
  }
})

export const section: Section = {
  title: "Long suppression lists",
  about: `50,000 fresh rows on SQLite, of which 2% are suppressed, beside lists of several lengths. Leadterra also looks for entries that
suppress a whole domain; the limit knows addresses alone.`,
  libraries: ["better-sqlite3", "effect"],
  suites: [
    {
      name: "beside a suppression list",
      size: "entries of the list",
      cases: [{ name: "fresh", unit: "rows/s" }],
      full: [
        { size: 100_000, rounds: 7 },
        { size: 1_000_000, rounds: 3 }
      ],
      quick: [{ size: 20_000, rounds: 1 }],
      contenders: [contender("SQLite by hand", openHandWritten), contender("Leads.bulkUpsert", openOurSqlite)]
    }
  ],
  charts: (series) => [
    ratioChart(
      "suppressions",
      "Leads.bulkUpsert beside a suppression list",
      "share of the limit's rows per second, by the entries of the list",
      series,
      { contender: "Leads.bulkUpsert" }
    )
  ]
}
