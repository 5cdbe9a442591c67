/** Leadterra, used as a host without Effect uses it: by promises. */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import type { Repository } from "@leadterra/core"
import { type Engine, open } from "@leadterra/core/promise"
import type * as Layer from "effect/Layer"
import type { Enroller } from "./Enroller.ts"
import { batchSize } from "./workload.ts"

export const workspaceId = "bench"

/** A store with one campaign. */
export const openEngine = async <E>(
  layer: Layer.Layer<Repository, E>,
  suppressed: ReadonlyArray<string>
): Promise<{ readonly engine: Engine; readonly campaignId: string }> => {
  const engine = await open(layer)
  const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "bench" })
  for (let from = 0; from < suppressed.length; from += batchSize)
    await engine.suppression.add({ workspaceId, entries: suppressed.slice(from, from + batchSize) })
  return { engine, campaignId }
}

export const openWith = async <E>(
  layer: Layer.Layer<Repository, E>,
  suppressed: ReadonlyArray<string>
): Promise<Enroller> => {
  const { campaignId, engine } = await openEngine(layer, suppressed)
  return {
    upsert: (leads) => engine.leads.bulkUpsert({ workspaceId, campaignId, leads }),
    enrolled: async () => {
      const found: Array<string> = []
      for await (const { lead } of engine.leads.enrolled({ workspaceId, campaignId }))
        found.push(`${lead.email}|${lead.jobTitle}`)
      return found.sort()
    },
    close: engine.close
  }
}

export const openOurSqlite = (file: string, suppressed: ReadonlyArray<string>) =>
  openWith(SqliteRepository.layer({ filename: file }), suppressed)

export const openOurMemory = (_: string, suppressed: ReadonlyArray<string>) =>
  openWith(MemoryRepository.layer, suppressed)
