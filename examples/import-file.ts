/**
 * Imports a list from a file into a new campaign, tells how far it is, and writes the rows that failed into another file, to be
 * corrected and imported.
 *
 *     node examples/import-file.ts list.csv
 *
 * Without a file it writes a small one first. Everything lands in `import-file.db`, so a second run updates the same leads.
 */
import { writeFileSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { ImportStopped } from "@leadterra/core"
import { open } from "@leadterra/core/promise"
import { failedRowsCsv, openLeads } from "@leadterra/files"

const sample = `Email Address,First Name,Company Name,Plan
ava@acmecorp.com,Ava,Acme,pro
bo@@acmecorp.com,Bo,Acme,free
"cy@oak.example",Cy,"Oak, Ash & Co",
`
const [path = "import-file.csv"] = process.argv.slice(2)
if (process.argv.length === 2) writeFileSync(path, sample)

await using engine = await open(SqliteRepository.layer({ filename: "import-file.db" }))
const workspaceId = "demo"
const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "Spring" })

const list = await openLeads(path)
for (const { fields, name } of list.columns) console.log(`${name} -> ${fields.join(" and ") || "left out"}`)
try {
  const { enrolled, failed, failedRows, rows, updated } = await engine.leads.importAll({
    workspaceId,
    campaignId,
    leads: list,
    onProgress: ({ next, rowsPerSecond }) => console.log(`${next} rows, ${rowsPerSecond} a second`)
  })
  console.log(`${rows} rows: ${enrolled} enrolled, ${updated} updated, ${failed} failed`)
  await writeFile("import-file.failed.csv", failedRowsCsv(failedRows, list.columns))
} catch (error) {
  if (!(error instanceof ImportStopped)) throw error
  // The same list again ends as if it had not stopped; or pass `from: error.next`.
  console.error(error.message)
  process.exitCode = 1
}
