/**
 * The packages as a user gets them: packed, checked, and installed into an empty folder, where the programs of their
 * READMEs compile against the declarations and run against the built files, on every Node that is supported.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { check, type Packed, pack } from "../scripts/pack.ts"
import { run } from "../scripts/run.ts"
import { type Bill, writeBill } from "../scripts/sbom.ts"
import { blocksOf } from "./markdown.ts"

const root = join(import.meta.dirname, "..")
const folder = mkdtempSync(join(tmpdir(), "leadterra-packages-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const { devDependencies }: { devDependencies: Record<string, string> } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8")
)

/** The oldest Node that is supported, in its newest form; the other one runs the tests. */
const node22 = "22.23.3"
const nodes = { "Node 22": join("node_modules", "node", "bin", "node"), "Node 24": process.execPath }

const packages = [
  "core",
  "adapter-memory",
  "adapter-sqlite",
  "adapter-postgres",
  "conformance",
  "files",
  "http",
  "client",
  "cli"
]
const programs = packages.flatMap((name) =>
  blocksOf(readFileSync(join(root, "packages", name, "README.md"), "utf8"))
    .filter(({ info }) => /^ts\b/.test(info))
    .map(({ code, info, line }) => ({
      code,
      file: info === "ts" ? `${name}-${line}.ts` : `${name}-${line}.test.ts`,
      name: `packages/${name}/README.md:${line}`
    }))
)

/** A program of tests takes longest, and of both Nodes the one that runs nothing else here is the one to ask. */
const programsOn = (name: string) =>
  process.env["NIGHTLY"] === undefined && name === "Node 24"
    ? programs.filter(({ file }) => !file.endsWith(".test.ts"))
    : programs
const onNodes = Object.entries(nodes).map(([name, node]) => ({ name, node, programs: programsOn(name) }))

/** What a reader runs has the runs of a reader. */
vi.stubEnv("NIGHTLY", undefined)

let packed: ReadonlyArray<Packed> = []

beforeAll(async () => {
  packed = await pack(root, join(folder, "packed"))
  const from = (name: string) => [name, devDependencies[name]]
  const manifest = {
    private: true,
    type: "module",
    dependencies: Object.fromEntries([
      ...packed.map(({ name, tarball }) => [name, `file:${tarball}`]),
      ...["effect", "fast-check", "vitest", "@types/node", "@hono/node-server", "hono", "fastify"].map(from),
      ["node", node22]
    ])
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest))
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: { strict: true, noEmit: true, module: "nodenext", target: "es2024", types: ["node"] }
    })
  )
  for (const { code, file } of programs) writeFileSync(join(folder, file), code)
  await run(["npm", "install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"], folder)
}, 300_000)

describe("the packed tarballs", () => {
  it("are those of all packages, and publint and attw find nothing to blame", async () => {
    expect(packed.map(({ name }) => name).sort()).toEqual(packages.map((name) => `@leadterra/${name}`).sort())
    for (const one of packed) await check(one, root)
  })

  it("say where they come from, are published with provenance, and take fixes of what parses and stores", () => {
    const ranges: Record<string, string> = {}
    for (const { name } of packed) {
      const folder = name.replace("@leadterra/", "packages/")
      const source = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"))
      expect(source.repository, name).toEqual({
        type: "git",
        url: "git+https://github.com/leadterra/leadterra.git",
        directory: folder
      })
      expect(source.publishConfig, name).toMatchObject({ access: "public", provenance: true })
      Object.assign(ranges, source.dependencies)
    }
    for (const library of ["better-sqlite3", "pg", "parse5", "tr46"]) {
      expect(ranges[library], library).toMatch(/^~\d+\.\d+\.\d+$/)
    }
  })

  it("go with a bill of materials that lists them, what they install and what is bundled", async () => {
    const text = readFileSync(await writeBill(packed), "utf8")
    const bill: Bill = JSON.parse(text)
    expect(bill).toMatchObject({ bomFormat: "CycloneDX", metadata: { component: { name: "leadterra" } } })
    const names = bill.components.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(packed.map(({ name }) => name)))
    expect(names).toEqual(expect.arrayContaining(["better-sqlite3", "pg", "parse5", "tr46", "effect"]))
    const command = bill.components.find(({ name }) => name === "@leadterra/cli")
    expect(command?.["components"]).toEqual(
      expect.arrayContaining(
        ["@scalar/api-reference", "commander", "effect", "parse5", "tr46"].map((name) =>
          expect.objectContaining({
            name,
            purl: expect.stringMatching(`^pkg:npm/${name.replace("@", "%40")}@`)
          })
        )
      )
    )
    expect(text).not.toContain(folder)
  })

  it("hold their licence, and no test", () => {
    for (const { name } of packed) {
      const installed = join(folder, "node_modules", name)
      expect(existsSync(join(installed, "LICENSE")), name).toBe(true)
      expect(existsSync(join(installed, "test")), name).toBe(false)
    }
  })

  it("bring the threads that a store on SQLite starts, beside the module that starts them", () => {
    for (const name of ["adapter-sqlite", "cli"]) {
      for (const thread of ["checkpointWorker.js", "cleanWorker.js"]) {
        const file = join(folder, "node_modules", "@leadterra", name, "dist", thread)
        expect(existsSync(file), file).toBe(true)
      }
    }
  })

  it("bring the script of the reference page, with its licence", () => {
    for (const [file, licence] of [
      ["http/dist/documents/scalar.js.gz", "http/dist/documents/scalar.LICENSE"],
      ["cli/dist/scalar.js.gz", "cli/dist/THIRD-PARTY-LICENCES.txt"]
    ]) {
      const scope = join(folder, "node_modules", "@leadterra")
      expect(existsSync(join(scope, file ?? "")), file).toBe(true)
      expect(readFileSync(join(scope, licence ?? ""), "utf8"), licence).toContain("Scalar")
    }
  })

  it("have declarations that a strict program compiles against, with the checks of libraries on", async () => {
    await run([join(root, "node_modules", ".bin", "tsc"), "--project", folder], folder)
  })
})

describe.each(onNodes)("on $name", ({ name, node, programs }) => {
  it("is that Node", async () => {
    expect(await run([node, "--version"], folder)).toContain(`v${name.slice("Node ".length)}.`)
  })

  // All laws run from the package, which takes the longest by far.
  it.each(programs)("$name runs", { timeout: 480_000 }, async ({ file }) => {
    if (file.endsWith(".test.ts")) {
      const vitest = join("node_modules", "vitest", "vitest.mjs")
      await run([node, vitest, "run", basename(file)], folder)
    } else await run([node, file], folder)
  })

  it("the command runs, with SQLite and a driver as all that it needs, and tells its version before it loads anything", async () => {
    const command = join("node_modules", "@leadterra", "cli", "dist", "main.js")
    const { version } = packed.find(({ name }) => name === "@leadterra/cli") ?? {}
    expect(await run([node, command, "--version"], folder)).toBe(`${version}\n`)
    const program = `
      import { registerHooks } from "node:module"
      const loaded = []
      registerHooks({ resolve: (specifier, context, next) => (loaded.push(specifier), next(specifier, context)) })
      process.argv = ["node", "leadterra", "--version"]
      await import(${JSON.stringify(`./${command}`)})
      console.log(JSON.stringify(loaded.filter((specifier) => specifier.startsWith("."))))`
    const [, loaded = ""] = (await run([node, "--input-type=module", "--eval", program], folder)).split("\n")
    expect(JSON.parse(loaded)).toEqual([`./${command}`, expect.stringMatching(/^\.\/version-/)])
    await run([node, command, "--db", "cli.db", "campaign", "create", "Spring"], folder)
    expect(await run([node, command, "--db", "cli.db", "campaign", "list"], folder)).toContain("Spring")
  })

  it("the core loads no HTML parser and nothing of Node before a template asks for it", async () => {
    const program = `
      import { registerHooks } from "node:module"
      const loaded = new Set()
      registerHooks({
        resolve: (specifier, context, next) => {
          const found = next(specifier, context)
          loaded.add(found.url.replace(/^.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\/.*$/, "$1"))
          return found
        }
      })
      await import("@leadterra/core")
      console.log(JSON.stringify([...loaded].sort()))`
    const loaded: ReadonlyArray<string> = JSON.parse(
      await run([node, "--input-type=module", "--eval", program], folder)
    )
    expect(loaded).toEqual(["@leadterra/core", "effect", "punycode", "tr46"])
  })
})
