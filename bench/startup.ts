/**
 * What importing the built core costs beside the modules of Effect that it needs, in fresh processes that take turns. Those
 * modules are read off the built files, so that the limit cannot be made generous by hand.
 */
import { execFileSync } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const core = join(root, "packages", "core")

const millisToImport = (specifiers: ReadonlyArray<string>): number => {
  const imports = specifiers.map((specifier) => `await import(${JSON.stringify(specifier)})`)
  const program = `const started = performance.now(); ${imports.join("; ")}; console.log(performance.now() - started)`
  return Number(
    execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: core,
      encoding: "utf8"
    })
  )
}

/** The modules of Effect that the files behind an entry import, the entry of promises left out. */
const effectModules = (): ReadonlyArray<string> => {
  const files = globSync("dist/**/*.js", { cwd: core }).filter((file) => !file.endsWith("promise.js"))
  const sources = files.map((file) => readFileSync(join(core, file), "utf8"))
  const found = sources.flatMap((source) =>
    Array.from(source.matchAll(/from "(effect\/\w+)"/g), ([, name = ""]) => name)
  )
  return [...new Set(found)].sort()
}

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

export interface Startup {
  readonly modules: ReadonlyArray<string>
  readonly effectMillis: number
  readonly coreMillis: number
  /** The median of each round's own ratio. */
  readonly ratio: number
}

export const measureStartup = (rounds: number): Startup => {
  execFileSync(join(root, "node_modules", ".bin", "tsc"), ["--build", core], { stdio: "inherit" })
  const modules = effectModules()
  const measured = Array.from({ length: rounds }, () => ({
    effect: millisToImport(modules),
    core: millisToImport([join(core, "dist", "index.js")])
  }))
  return {
    modules,
    effectMillis: median(measured.map(({ effect }) => effect)),
    coreMillis: median(measured.map(({ core }) => core)),
    ratio: Number(median(measured.map(({ core, effect }) => core / effect)).toFixed(2))
  }
}
