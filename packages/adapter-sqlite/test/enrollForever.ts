/** Enrols batch after batch into one campaign of a file, and prints how many have been answered, until it is killed. */
import { Campaigns, Leads } from "@leadterra/core"
import * as Effect from "effect/Effect"
import { SqliteRepository } from "../src/index.ts"

const [filename = "", size = "0"] = process.argv.slice(2)

const forever = Effect.gen(function* () {
  const { id } = yield* Campaigns.create({ workspaceId: "w", name: "c" })
  for (let batch = 1; ; batch++) {
    const leads = Array.from({ length: Number(size) }, (_, i) => ({ email: `lead${batch}.${i}@example.com` }))
    yield* Leads.bulkUpsert({ workspaceId: "w", campaignId: id, leads })
    process.stdout.write(`${batch}\n`)
  }
})

await Effect.runPromise(Effect.provide(forever, SqliteRepository.layer({ filename })))
