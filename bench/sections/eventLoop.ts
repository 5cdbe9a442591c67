/** For how long a batch keeps the event loop from everything else. */
import { join } from "node:path"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { setImmediate } from "node:timers/promises"
import { barChart } from "../charts.ts"
import type { Open } from "../Enroller.ts"
import { figure } from "../format.ts"
import { openHandWritten } from "../handWritten.ts"
import { openOurSqlite } from "../ours.ts"
import { median, percentile } from "../results.ts"
import type { Case, Contender, Section, Suite } from "../suite.ts"
import { timesOf, warmUp } from "../upserting.ts"
import { batchesOf } from "../workload.ts"

const cases: ReadonlyArray<Case> = [
  { name: "a call, median", unit: "ms" },
  { name: "a call, p99", unit: "ms" },
  { name: "a call, longest", unit: "ms" },
  { name: "a call, p99 to median", unit: "times" },
  { name: "delay of the event loop, median", unit: "ms" },
  { name: "delay of the event loop, p99", unit: "ms" },
  { name: "delay of the event loop, longest", unit: "ms" }
]

const contender = (name: string, open: Open): Contender => ({
  name,
  limit: "SQLite by hand",
  run: async (size, folder) => {
    await warmUp(open, folder)
    const enroller = await open(join(folder, "leads.db"), [])
    const batches = Array.from(batchesOf({ rows: size }))
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    // Between two batches the event loop gets its turn, as it does in a service.
    const times = await timesOf(enroller, batches, () => setImmediate())
    delay.disable()
    await enroller.close()
    const middle = percentile(times, 0.5)
    const high = percentile(times, 0.99)
    const delays = [delay.percentile(50), delay.percentile(99), delay.max]
    return [middle, high, Math.max(...times), high / middle, ...delays.map((nanos) => nanos / 1_000_000)]
  }
})

const suite: Suite = {
  name: "one batch of 1,000",
  size: "rows",
  cases,
  full: [{ size: 100_000, rounds: 7 }],
  quick: [{ size: 50_000, rounds: 1 }],
  contenders: [contender("SQLite by hand", openHandWritten), contender("Leads.bulkUpsert", openOurSqlite)]
}

export const section: Section = {
  title: "The event loop",
  about: `100 batches of 1,000 fresh rows on SQLite, with a turn of the event loop after each: how long each call took, and what
\`monitorEventLoopDelay\` saw meanwhile, at a resolution of 1 ms, the turns between two batches among it. The longest are those that
move the write-ahead log into the file. Less is better, also in the ratio.`,
  libraries: ["better-sqlite3", "effect"],
  suites: [suite],
  charts: (series) => [
    barChart({
      name: "event-loop",
      title: "How long a batch of 1,000 blocks the event loop",
      axis: "milliseconds, median of the rounds; less is better",
      show: (value) => figure(value, "ms"),
      bars: series
        .filter((one) => one.case.startsWith("a call") && one.unit === "ms")
        .map((one) => ({
          label: `${one.case}, ${one.contender}`,
          value: median(one.values),
          isOurs: one.contender !== one.limit
        }))
    })
  ]
}
