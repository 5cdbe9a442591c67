/** Writes until the thread that moves the log has started, and ends without a word to the store. */
import { open } from "@leadterra/core/promise"
import { SqliteRepository } from "../../src/index.ts"

const [, , filename = ""] = process.argv
const engine = await open(SqliteRepository.layer({ filename, walAutocheckpoint: 10 }))
const { id: campaignId } = await engine.campaigns.create({ workspaceId: "w", name: "c" })
for (let from = 0; from < 2_000; from += 100) {
  const leads = Array.from({ length: 100 }, (_, index) => ({ email: `lead${from + index}@example.com` }))
  await engine.leads.bulkUpsert({ workspaceId: "w", campaignId, leads })
}
