/** How upserts are timed: the calls alone, not the making of their rows, after a warm-up on a store of its own. */
import { join } from "node:path"
import type { Enroller, Open } from "./Enroller.ts"
import { type Batch, batchesOf } from "./workload.ts"

/** What the same list is fed as: new leads, the same leads with one field changed, and those once more. */
export const passes = [
  { name: "fresh", jobTitle: "VP Sales" },
  { name: "every row changed", jobTitle: "CTO" },
  { name: "same rows again", jobTitle: "CTO" }
] as const

/** How many milliseconds each batch took. `after` is called behind each, off the clock. */
export const timesOf = async (
  { upsert }: Enroller,
  batches: Iterable<Batch>,
  after: () => unknown = () => {}
): Promise<ReadonlyArray<number>> => {
  const times: Array<number> = []
  for (const batch of batches) {
    const started = performance.now()
    await upsert(batch)
    times.push(performance.now() - started)
    await after()
  }
  return times
}

export const sum = (values: ReadonlyArray<number>): number =>
  values.reduce((total, value) => total + value, 0)

/** Rows per second. */
export const rateOf = async (enroller: Enroller, batches: ReadonlyArray<Batch>): Promise<number> =>
  (sum(batches.map(({ length }) => length)) * 1_000) / sum(await timesOf(enroller, batches))

const warmUpRows = 20_000

/** Lets the engine compile what is about to be measured, on a file of its own. */
export const warmUp = async (open: Open, folder: string): Promise<void> => {
  const enroller = await open(join(folder, "warm-up.db"), [])
  for (const { jobTitle } of passes) await timesOf(enroller, batchesOf({ rows: warmUpRows, jobTitle }))
  await enroller.close()
}
