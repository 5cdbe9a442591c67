/** `node bench/round.ts SECTION SUITE CONTENDER SIZE`: one round of one contender, its figures on the standard output. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sectionOf } from "./sections.ts"

const [section = "", suite = "", contender = "", size = ""] = process.argv.slice(2)
const found = (await sectionOf(section)).suites
  .find(({ name }) => name === suite)
  ?.contenders.find(({ name }) => name === contender)
if (found === undefined) throw new Error(`there is no ${contender} in ${suite} of ${section}`)

const folder = mkdtempSync(join(tmpdir(), "leadterra-bench-"))
try {
  console.log(JSON.stringify(await found.run(Number(size), folder)))
} finally {
  rmSync(folder, { recursive: true })
}
