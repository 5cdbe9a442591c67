/** Bulk upserts: new leads, the same with a field changed, and those once more. */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { Campaigns, Leads, type Repository, Suppression } from "@leadterra/core"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { bareMap, handWritten } from "./handWritten.ts"
import { type Rates, type Suite, timed } from "./suite.ts"
import { batchSize, cases, type Row, type Workload, workloadOf } from "./workload.ts"

const rate = (batches: ReadonlyArray<unknown>, work: () => unknown) => timed(batches.length * batchSize, work)

const plain = async (workload: Workload, upsert: (batch: ReadonlyArray<Row>) => void): Promise<Rates> => {
  const rates: Array<number> = []
  for (const batches of workload.cases)
    rates.push(
      await rate(batches, () => {
        for (const batch of batches) upsert(batch)
      })
    )
  return rates
}

const ours = <E>(workload: Workload, layer: Layer.Layer<Repository, E>): Promise<Rates> =>
  Effect.gen(function* () {
    const workspaceId = "bench"
    const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "bench" })
    for (let from = 0; from < workload.suppressed.length; from += batchSize) {
      yield* Suppression.add({ workspaceId, entries: workload.suppressed.slice(from, from + batchSize) })
    }
    const rates: Array<number> = []
    for (const batches of workload.cases) {
      const started = performance.now()
      for (const leads of batches) yield* Leads.bulkUpsert({ workspaceId, campaignId, leads })
      rates.push((batches.length * batchSize * 1_000) / (performance.now() - started))
    }
    return rates
  }).pipe(Effect.provide(layer), Effect.runPromise)

export const upsert: Suite = {
  cases,
  contenders: [
    {
      name: "SQLite by hand",
      limit: "SQLite by hand",
      run: (size, file) => {
        const workload = workloadOf(size)
        return plain(workload, handWritten(file, workload.suppressed))
      }
    },
    {
      name: "Leads.bulkUpsert on SQLite",
      limit: "SQLite by hand",
      run: (size, file) => ours(workloadOf(size), SqliteRepository.layer({ filename: file }))
    },
    { name: "a bare Map", limit: "a bare Map", run: (size) => plain(workloadOf(size), bareMap()) },
    {
      name: "Leads.bulkUpsert in memory",
      limit: "a bare Map",
      run: (size) => ours(workloadOf(size), MemoryRepository.layer)
    }
  ]
}
