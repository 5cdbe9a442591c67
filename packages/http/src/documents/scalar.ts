/**
 * `@leadterra/http/reference`: the script of the reference page, on Node. It is Scalar's, from
 * `@scalar/api-reference`; the published package holds it.
 */
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { promisify } from "node:util"
import { gzip } from "node:zlib"
import type { ReferenceScript } from "./reference.ts"

/** The file of the published package. */
const file = new URL("./scalar.js.gz", import.meta.url)

/** Loads the script, compressed. Goes into `handlers` as `reference`. */
export const scalar: ReferenceScript = async () => {
  if (existsSync(file)) return new Uint8Array(await readFile(file))
  const source = new URL("./browser/standalone.js", import.meta.resolve("@scalar/api-reference"))
  return new Uint8Array(await promisify(gzip)(await readFile(source)))
}
