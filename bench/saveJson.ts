/** Writes a value as the formatter of this repository wants JSON. */
import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"

const biome = join(import.meta.dirname, "..", "node_modules", ".bin", "biome")

export const saveJson = (file: string, value: unknown): void => {
  const input = JSON.stringify(value, null, 2)
  writeFileSync(file, execFileSync(biome, ["format", "--stdin-file-path=results.json"], { input }))
}
