/** Imports its list, batch by batch, into its campaigns. Killed, it begins anew. */
import { type ImporterTask, openEngine, tryAgain, workspaceId } from "./tasks.ts"

const { campaignIds, from, size, url }: ImporterTask = JSON.parse(process.argv[2] ?? "")
const engine = await openEngine(url)
for (let done = 0; done < size; done += 100) {
  const leads = Array.from({ length: Math.min(100, size - done) }, (_, index) => ({
    email: `lead${from + done + index}@example${(from + index) % 50}.com`,
    firstName: "Ava",
    company: `list ${from}`
  }))
  for (const campaignId of campaignIds)
    await tryAgain(() => engine.leads.bulkUpsert({ workspaceId, campaignId, leads }))
  process.stdout.write(".")
}
await engine.close()
