/**
 * What importing the built core costs beside the modules of Effect that it needs. Those modules are read off the built files, so
 * that the limit cannot be made generous by hand.
 */
import { execFileSync } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Contender, Section } from "../suite.ts"

const root = join(import.meta.dirname, "..", "..")
const core = join(root, "packages", "core")

/** The modules of Effect that the files behind an entry import, the entry of promises left out. */
const effectModules = (): ReadonlyArray<string> => {
  const files = globSync("dist/**/*.js", { cwd: core }).filter((file) => !file.endsWith("promise.js"))
  const sources = files.map((file) => readFileSync(join(core, file), "utf8"))
  const found = sources.flatMap((source) =>
    Array.from(source.matchAll(/from "(effect\/\w+)"/g), ([, name = ""]) => name)
  )
  const { resolve } = createRequire(join(core, "package.json"))
  return [...new Set(found)].sort().map((name) => resolve(name))
}

const contender = (name: string, paths: () => ReadonlyArray<string>): Contender => ({
  name,
  limit: "the modules of Effect",
  // A process that has loaded nothing else, as at the start of a service.
  run: () => {
    const imports = paths().map((path) => `await import(${JSON.stringify(pathToFileURL(path).href)})`)
    const program = `const started = performance.now(); ${imports.join("; ")}; console.log(performance.now() - started)`
    const argv = ["--input-type=module", "--eval", program]
    return [Number(execFileSync(process.execPath, argv, { encoding: "utf8" }))]
  }
})

export const section: Section = {
  title: "Start-up",
  about: `Importing the built \`@leadterra/core\`, beside importing the modules of Effect that it needs. Less is better, also in the ratio;
the goal is 1.2 at most.`,
  libraries: ["effect"],
  suites: [
    {
      name: "importing",
      cases: [{ name: "import", unit: "ms" }],
      full: [{ size: 1, rounds: 31 }],
      quick: [{ size: 1, rounds: 5 }],
      contenders: [
        contender("the modules of Effect", effectModules),
        contender("@leadterra/core", () => [join(core, "dist", "index.js")])
      ]
    }
  ],
  charts: () => [],
  prepare: () => {
    execFileSync(join(root, "node_modules", ".bin", "tsc"), ["--build", core], { stdio: "inherit" })
  }
}
