/**
 * The packages as they are published: built from scratch, and packed by pnpm, which puts versions in place of `workspace:*`
 * and the entries of `publishConfig` in place of those of the sources.
 */
import { globSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { run } from "./run.ts"

export interface Packed {
  readonly name: string
  readonly version: string
  readonly tarball: string
}

/** Builds every package of a checkout and packs it into a folder. */
export async function pack(root: string, into: string): Promise<ReadonlyArray<Packed>> {
  for (const output of globSync("packages/*/{dist,*.tsbuildinfo}", { cwd: root })) {
    rmSync(join(root, output), { recursive: true })
  }
  await run(["tsc", "--build", ...globSync("packages/*/tsconfig.json", { cwd: root })], root)
  const packed: Array<Packed> = []
  for (const folder of globSync("packages/*", { cwd: root }).sort()) {
    const { name, version }: { name: string; version: string } = JSON.parse(
      readFileSync(join(root, folder, "package.json"), "utf8")
    )
    const place = join(into, name)
    mkdirSync(place, { recursive: true })
    await run(
      ["sh", join(root, "scripts", "pnpm.sh"), "pack", "--pack-destination", place],
      join(root, folder)
    )
    packed.push({ name, version, tarball: join(place, readdirSync(place).join()) })
  }
  return packed
}

/** Finds nothing to blame in a tarball, or rejects with what `publint` or `attw` says of it. */
export async function check({ tarball }: Packed, root: string): Promise<void> {
  await run(["publint", "run", tarball, "--strict"], root)
  await run(["attw", tarball, "--profile", "esm-only", "--no-color", "--no-emoji"], root)
}
