/**
 * Bundles the command line into `packages/cli/dist`: one folder with all that it needs besides SQLite and the driver of PostgreSQL, so that it starts fast
 * and installs little, and the licences of what is in it.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { rolldown } from "rolldown"
import { writeScalar } from "./scalar.ts"

interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly license?: string
}

/** A library whose code is in the bundle. */
export interface Bundled {
  readonly name: string
  readonly version: string
  readonly license: string
}

/** The nearest folder above a module that is a package. */
const packageOf = (module: string): string | undefined => {
  for (let folder = dirname(module); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, "package.json")
    if (!existsSync(path)) continue
    const { name, version }: Manifest = JSON.parse(readFileSync(path, "utf8"))
    if (name !== undefined && version !== undefined) return folder
  }
  return undefined
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))

/** Who wrote it and on which terms, as each package says itself. */
const licenceOf = (folder: string): string => {
  const manifest = manifestOf(folder)
  const file = ["LICENSE", "LICENSE.md", "LICENSE.txt", "license", "LICENSE-MIT.txt"].find((file) =>
    existsSync(join(folder, file))
  )
  if (file === undefined) throw new Error(`${manifest.name} has no licence file to pass on`)
  return textOf(manifest, readFileSync(join(folder, file), "utf8"))
}

const textOf = ({ license, name, version }: Manifest, text: string): string =>
  `${name} ${version} (${license})\n\n${text.trim()}\n`

/**
 * Bundles the command line of a checkout, into a folder of its package, and returns the libraries
 * that are in it.
 */
export async function bundle(
  root: string,
  into = join(root, "packages", "cli", "dist")
): Promise<ReadonlyArray<Bundled>> {
  const cli = join(root, "packages", "cli")
  rmSync(into, { recursive: true, force: true })
  const build = await rolldown({
    input: {
      main: join(cli, "src", "main.ts"),
      // The store starts these as threads, by their files.
      checkpointWorker: join(root, "packages", "adapter-sqlite", "src", "checkpointWorker.ts"),
      cleanWorker: join(root, "packages", "adapter-sqlite", "src", "cleanWorker.ts")
    },
    platform: "node",
    external: ["better-sqlite3", "pg"],
    tsconfig: false
  })
  const { output } = await build.write({
    dir: into,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    sourcemap: false
  })
  await build.close()
  const modules = output.flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : []))
  const folders = new Set(
    modules.filter((module) => module.includes("node_modules")).flatMap((module) => packageOf(module) ?? [])
  )
  const sorted = [...folders].sort()
  const { licenceText, ...scalar } = writeScalar(root, into)
  const licences = [...sorted.map(licenceOf), textOf(scalar, licenceText)]
  writeFileSync(join(into, "THIRD-PARTY-LICENCES.txt"), licences.join("\n---\n\n"))
  const libraries = sorted.map((folder) => {
    const { license = "", name = "", version = "" } = manifestOf(folder)
    return { name, version, license }
  })
  return [...libraries, scalar]
}

if (import.meta.main) await bundle(join(import.meta.dirname, ".."))
