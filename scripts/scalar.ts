/** Puts the script of the reference page, and its licence, into a package that is built. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { gzipSync } from "node:zlib"

/** The source of the script. Its package holds the libraries, and a sibling the licence of all of them. */
export interface Scalar {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly licenceText: string
}

/** Writes `scalar.js.gz` into a folder. */
export const writeScalar = (root: string, into: string): Scalar => {
  const require = createRequire(join(root, "packages", "http", "package.json"))
  const folder = join(dirname(require.resolve("@scalar/api-reference")), "..")
  const manifest: { name: string; version: string; license: string } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8")
  )
  mkdirSync(into, { recursive: true })
  writeFileSync(
    join(into, "scalar.js.gz"),
    gzipSync(readFileSync(join(folder, "dist", "browser", "standalone.js")))
  )
  const { license, name, version } = manifest
  return {
    name,
    version,
    license,
    licenceText: readFileSync(join(folder, "..", "helpers", "LICENSE"), "utf8")
  }
}
