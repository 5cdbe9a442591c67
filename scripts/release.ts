/**
 * `npm run release:dry`: shows the release of the last commit. Nothing is published and nothing
 * changes here: in a clone it sets the versions by the changesets, builds, packs, checks each
 * tarball with publint and attw, writes the bill of materials of the release (CycloneDX), and shows
 * the rest.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { check, pack } from "./pack.ts"
import { run } from "./run.ts"
import { type Bill, writeBill } from "./sbom.ts"

const root = join(import.meta.dirname, "..")
const scratch = mkdtempSync(join(tmpdir(), "leadterra-release-"))
const clone = join(scratch, "leadterra")

try {
  await run(["git", "clone", "--quiet", root, clone], root)
  console.log("Installing in a clone of the last commit ...")
  await run(["sh", "scripts/setup.sh"], clone)
  await run(["changeset", "version"], clone)
  console.log("Building, packing and checking ...")
  const all = await pack(clone, join(scratch, "packed"))
  for (const packed of all) {
    await check(packed, clone)
    const files = (await run(["tar", "tzf", packed.tarball], clone)).trim().split("\n").length
    const size = Math.ceil(statSync(packed.tarball).size / 1_000)
    console.log(`${packed.name} ${packed.version}: ${files} files, ${size} kB, nothing to blame`)
  }
  const path = await writeBill(all)
  const bill: Bill = JSON.parse(readFileSync(path, "utf8"))
  console.log(`${basename(path)}: ${bill.components.length} components`)
  console.log(`\n${readFileSync(join(clone, "packages", "core", "CHANGELOG.md"), "utf8").trim()}`)
  console.log("\nNothing was published.")
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
