/** Erases a hundred leads of a file, one after the other, beside whoever does the same. */
import { open } from "@leadterra/core/promise"
import { SqliteRepository } from "../../src/index.ts"

const [, , filename = "", from = "0"] = process.argv
const engine = await open(SqliteRepository.layer({ filename, busyTimeoutMillis: 60_000 }))
for (let lead = Number(from); lead < Number(from) + 100; lead++)
  await engine.leads.erase({ workspaceId: "w", emails: [`lead${lead}@example.com`] })
await engine.close()
