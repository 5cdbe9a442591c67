/** The same upserts as people write them with a query builder or an object mapper, on the same database and driver. */
import { join } from "node:path"
import { barChart } from "../charts.ts"
import type { Open } from "../Enroller.ts"
import { openHandWritten } from "../handWritten.ts"
import { openOurSqlite } from "../ours.ts"
import { openDrizzle } from "../peers/drizzle.ts"
import { openKnex } from "../peers/knex.ts"
import { openKysely } from "../peers/kysely.ts"
import { ratioOf } from "../results.ts"
import type { Contender, Section, Suite } from "../suite.ts"
import { rateOf, warmUp } from "../upserting.ts"
import { batchesOf, suppressionList } from "../workload.ts"

const ours = "Leads.bulkUpsert"
const listLength = 100_000

const contender = (name: string, open: Open): Contender => ({
  name,
  limit: ours,
  run: async (size, folder) => {
    await warmUp(open, folder)
    const enroller = await open(join(folder, "leads.db"), suppressionList(listLength))
    const rate = await rateOf(enroller, Array.from(batchesOf({ rows: size, suppressed: listLength })))
    await enroller.close()
    return [rate]
  }
})

const suite: Suite = {
  name: "peers",
  ratio: "by ours",
  cases: [{ name: "fresh", unit: "rows/s" }],
  full: [{ size: 50_000, rounds: 7 }],
  quick: [{ size: 10_000, rounds: 3 }],
  contenders: [
    contender(ours, openOurSqlite),
    contender("Drizzle, prepared statements", openDrizzle),
    contender("Kysely, many rows in a statement", openKysely),
    contender("Knex, many rows in a statement", openKnex),
    contender("SQLite by hand", openHandWritten)
  ]
}

export const section: Section = {
  title: "Query builders and object mappers",
  about: `50,000 fresh rows in batches of 1,000, of which 2% are suppressed by a list of 100,000 entries. [Each peer](../bench/peers) stores leads
and enrolments with the same unique keys, leaves out repeats and suppressed addresses, and adds a row that tells of the batch, all in
one transaction on the same better-sqlite3. None of them checks its input, reports outcomes, or keeps sequences and counters, as
\`Leads.bulkUpsert\` does meanwhile. Prisma 7.10 is left out: \`prisma generate\` downloads a schema engine from a server of its own.`,
  libraries: ["drizzle-orm", "kysely", "knex", "better-sqlite3", "effect"],
  suites: [suite],
  charts: (series) => [
    barChart({
      name: "peers",
      title: "How many times as fast Leads.bulkUpsert is",
      axis: "its rows per second over theirs, fresh rows; less than 1 is slower",
      show: (value) => value.toFixed(2),
      line: { at: 1, label: "as fast" },
      bars: series
        .filter(({ contender }) => contender !== ours)
        .map((one) => ({ label: one.contender, value: ratioOf(one, series, "by ours") }))
    })
  ]
}
