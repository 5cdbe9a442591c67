/** The source keeps the arrows of `arrows.ts`, and the checker sees what breaks them. */
import { globSync, readFileSync } from "node:fs"
import { join, sep } from "node:path"
import { describe, expect, it } from "vitest"
import { layers, violations } from "./arrows.ts"

const packages = join(import.meta.dirname, "..", "packages")
const paths = globSync("*/src/**/*.ts", { cwd: packages })
const source = new Map(
  paths.map((path) => [path.split(sep).join("/"), readFileSync(join(packages, path), "utf8")] as const)
)

const check = (files: Record<string, string>) => violations(new Map(Object.entries(files)))

const rule = (code: string) => check({ "core/src/rules/upsert.ts": code })

describe("the source", () => {
  it("has files in every layer", () => {
    const empty = layers.filter((layer) => !Array.from(source.keys()).some((path) => layer.files.test(path)))
    expect(empty.map((layer) => layer.name)).toEqual([])
  })

  it("keeps every arrow and has no import cycle", () => {
    expect(violations(source)).toEqual([])
  })
})

describe("the checker lets pass", () => {
  it("the arrows as they are meant", () => {
    const found = check({
      "core/src/model/Lead.ts": 'import * as Schema from "effect/Schema"\nexport const Lead = Schema.String',
      "core/src/rules/upsert.ts": 'import { type Lead } from "../model/Lead.ts"\nexport type { Lead }',
      "core/src/Repository.ts":
        'import type { Lead } from "./model/Lead.ts"\nimport * as C from "effect/Context"',
      "core/src/Leads.ts":
        'import { Repository } from "./Repository.ts"\nimport { up } from "./rules/upsert.ts"',
      "core/src/index.ts": 'export * as Leads from "./Leads.ts"\nexport * from "./Repository.ts"',
      "adapter-x/src/index.ts":
        'import {\n  type Change,\n  Repository\n} from "@leadterra/core"\nimport "./x.ts"',
      "adapter-x/src/x.ts": 'import { statSync } from "node:fs"',
      "conformance/src/index.ts":
        'import { Leads } from "@leadterra/core"\nimport * as M from "@leadterra/adapter-memory"'
    })
    expect(found).toEqual([])
  })

  it("comments and strings that only talk about a clock", () => {
    const talk = '// Date.now()\n/* new Date() */ export const say = "the process. console. Math.random"'
    expect(rule(talk)).toEqual([])
  })

  it("a quote in a regular expression, and still reads what follows", () => {
    const code = 'export const quote = /["\'`]/\nexport const now = () => Date.now() // "'
    expect(rule(code)).toEqual(["core/src/rules/upsert.ts: rules may not use Date.now"])
  })
})

describe("the checker catches", () => {
  it.each([
    ["a rule that imports the port", "core/src/rules/a.ts", 'import { Repository } from "../Repository.ts"'],
    [
      "a rule that imports the port's types",
      "core/src/rules/a.ts",
      'import type { R } from "../Repository.ts"'
    ],
    ["a model that imports a rule", "core/src/model/a.ts", 'export { up } from "../rules/upsert.ts"'],
    ["a port that imports a use case", "core/src/Repository.ts", 'import * as Leads from "./Leads.ts"'],
    ["a use case that imports the entry", "core/src/Leads.ts", 'import { Campaigns } from "./index.ts"'],
    ["core that imports an adapter", "core/src/Leads.ts", 'import { M } from "@leadterra/adapter-memory"'],
    ["a rule that runs Effects", "core/src/rules/a.ts", 'import * as Effect from "effect/Effect"'],
    ["a rule that reads the clock", "core/src/rules/a.ts", 'import * as Clock from "effect/Clock"'],
    ["a rule that imports all of Effect", "core/src/rules/a.ts", 'import { Schema } from "effect"'],
    ["a rule that imports from Node", "core/src/rules/a.ts", 'import { readFileSync } from "node:fs"'],
    [
      "an adapter that calls a use case",
      "adapter-x/src/a.ts",
      'import { Ids, Leads } from "@leadterra/core"'
    ],
    ["a use case renamed", "adapter-x/src/a.ts", 'import { Leads as L } from "@leadterra/core"'],
    ["an adapter that takes all of core", "adapter-x/src/a.ts", 'import * as core from "@leadterra/core"'],
    ["core imported late", "adapter-x/src/a.ts", 'const core = await import("@leadterra/core")'],
    ["an adapter on another", "adapter-x/src/a.ts", 'import { M } from "@leadterra/adapter-memory"'],
    ["a path into core", "adapter-x/src/a.ts", 'import { up } from "../../core/src/rules/upsert.ts"'],
    ["an undeclared entry", "adapter-x/src/a.ts", 'import { up } from "@leadterra/core/rules/upsert"'],
    ["laws on a real store", "conformance/src/a.ts", 'import { S } from "@leadterra/adapter-sqlite"'],
    ["a file outside the tree", "core/src/utils/a.ts", "export {}"],
    ["a package that is not in the table", "extra/src/a.ts", "export {}"]
  ])("%s", (_, file, code) => {
    expect(check({ [file]: code })).toEqual([expect.stringContaining(`${file}: `)])
  })

  it.each([
    "Date.now()",
    "new Date(0)",
    "Math.random()",
    "performance.now()",
    "process.env",
    'console.log("x")',
    "crypto.randomUUID()",
    `\`\${Date.now()}\``
  ])("a rule that uses %s", (code) => {
    expect(rule(`export const f = () => ${code}`)).toEqual([expect.stringContaining("rules may not use")])
  })

  it("an import cycle, by its path", () => {
    const found = check({
      "core/src/rules/a.ts": 'import { b } from "./b.ts"',
      "core/src/rules/b.ts": 'import type { c } from "./c.ts"',
      "core/src/rules/c.ts": 'export * from "./a.ts"'
    })
    expect(found).toEqual([
      "import cycle: core/src/rules/a.ts -> core/src/rules/b.ts -> core/src/rules/c.ts -> core/src/rules/a.ts"
    ])
  })
})
