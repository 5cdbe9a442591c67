/**
 * Erases leads of a file, a hundred where no number is given, five at a time, beside another
 * process that does the same.
 */
import { open } from "@leadterra/core/promise"
import { SqliteRepository } from "../../src/index.ts"

const [, , filename = "", from = "0", count = "100"] = process.argv
const engine = await open(SqliteRepository.layer({ filename, busyTimeoutMillis: 60_000 }))
for (let lead = Number(from); lead < Number(from) + Number(count); lead += 5)
  await engine.leads.erase({
    workspaceId: "w",
    emails: [0, 1, 2, 3, 4].map((i) => `lead${lead + i}@example.com`)
  })
await engine.close()
