/**
 * `npm run pack` puts the packages into `packed`, as they are published: built from scratch, and packed by pnpm, which puts
 * versions in place of `workspace:*` and the entries of `publishConfig` in place of those of the sources.
 */
import { globSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { type Bundled, bundle } from "./bundle.ts"
import { run } from "./run.ts"
import { writeScalar } from "./scalar.ts"

export interface Packed {
  readonly name: string
  readonly version: string
  readonly tarball: string
  /** Libraries whose code is in the package itself. */
  readonly bundled: ReadonlyArray<Bundled>
}

/** Builds every package of a checkout and packs it into a folder. */
export async function pack(root: string, into: string): Promise<ReadonlyArray<Packed>> {
  for (const output of globSync("packages/*/{dist,build,*.tsbuildinfo}", { cwd: root })) {
    rmSync(join(root, output), { recursive: true })
  }
  await run(["tsc", "--build", ...globSync("packages/*/tsconfig.json", { cwd: root })], root)
  const bundled = await bundle(root)
  const documents = join(root, "packages", "http", "dist", "documents")
  const { licenceText, ...scalar } = writeScalar(root, documents)
  writeFileSync(join(documents, "scalar.LICENSE"), licenceText)
  const within: Record<string, ReadonlyArray<Bundled>> = {
    "@leadterra/cli": bundled,
    "@leadterra/http": [scalar]
  }
  const packed: Array<Packed> = []
  for (const folder of globSync("packages/*", { cwd: root }).sort()) {
    const { name, version }: { name: string; version: string } = JSON.parse(
      readFileSync(join(root, folder, "package.json"), "utf8")
    )
    await run(
      ["sh", join(root, "scripts", "pnpm.sh"), "pack", "--pack-destination", into],
      join(root, folder)
    )
    const tarball = join(into, `${name.slice(1).replace("/", "-")}-${version}.tgz`)
    statSync(tarball)
    packed.push({ name, version, tarball, bundled: within[name] ?? [] })
  }
  return packed
}

/** Finds nothing to blame in a tarball, or rejects with what `publint` or `attw` says of it. */
export async function check({ name, tarball }: Packed, root: string): Promise<void> {
  await run(["publint", "run", tarball, "--strict"], root)
  // A command has no entry that a program could import.
  if (name !== "@leadterra/cli")
    await run(["attw", tarball, "--profile", "esm-only", "--no-color", "--no-emoji"], root)
}

if (import.meta.main) {
  const root = join(import.meta.dirname, "..")
  const into = join(root, "packed")
  rmSync(into, { recursive: true, force: true })
  for (const { tarball } of await pack(root, into)) console.log(relative(root, tarball))
}
