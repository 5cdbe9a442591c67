/**
 * The docs are true: each `ts` block compiles and runs (`ts no-run` only compiles) and prints what a `text output`
 * block right after it shows, links lead somewhere, and the scripts that are named exist.
 */
import { execFile } from "node:child_process"
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join, relative, resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { runToEnd } from "../scripts/run.ts"
import { anchorsOf, blocksOf, relativeLinks, scriptsNamed } from "./markdown.ts"

const root = join(import.meta.dirname, "..")
const patterns = [
  "README.md",
  "SECURITY.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "docs/**/*.md",
  "packages/*/README.md"
]
const documents = globSync(patterns, { cwd: root })
  .sort()
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }))

const blocks = documents.flatMap(({ path, text }) =>
  blocksOf(text).map((block) => ({ ...block, path, where: `${path}:${block.line}` }))
)

/** Inside the repository, so that the imports of a snippet resolve as they do for a user. */
const folder = mkdtempSync(join(root, ".tmp-docs-"))
const snippets = blocks
  .filter(({ info }) => /^(ts|typescript)\b/.test(info))
  .map((block) => ({ ...block, file: join(folder, `${block.where.replace(/[^\w.]+/g, "-")}.ts`) }))

const tsconfig = {
  extends: "../tsconfig.json",
  compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
  include: ["*.ts"]
}

beforeAll(() => {
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig))
  for (const { file, code } of snippets) writeFileSync(file, code)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("snippets", () => {
  it("compile", async () => {
    if (snippets.length === 0) return
    const tsc = join(root, "node_modules", ".bin", "tsc")
    const problems = await new Promise<string>((done) =>
      execFile(tsc, ["--project", folder, "--pretty", "false"], { cwd: folder }, (error, stdout, stderr) =>
        done(error === null ? "" : `${stdout}${stderr}`)
      )
    )
    const places = snippets.map(({ where, file }) => `${basename(file)} is ${where}`)
    expect(problems, [problems, ...places].join("\n")).toBe("")
  })

  for (const { where, info, file, next } of snippets) {
    if (/\bno-run\b/.test(info)) continue
    const output = next?.info === "text output" ? next.code : undefined
    it(`${where} runs${output === undefined ? "" : " and prints what it shows"}`, async () => {
      const cwd = mkdtempSync(join(tmpdir(), "leadterra-docs-"))
      onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
      const { code, stdout, seen } = await runToEnd([process.execPath, file], cwd)
      expect(code, seen).toBe(0)
      if (output !== undefined) expect(stdout.trimEnd()).toBe(output.trimEnd())
    })
  }

  it("stand right before each `text output`", () => {
    const shown = new Set(
      snippets.filter(({ info }) => !/\bno-run\b/.test(info)).map(({ path, next }) => `${path}:${next?.line}`)
    )
    const orphans = blocks.filter(({ info, where }) => info === "text output" && !shown.has(where))
    expect(orphans.map(({ where }) => where)).toEqual([])
  })
})

describe("links and commands", () => {
  it("lead to files and headings that exist", () => {
    const broken = documents.flatMap(({ path, text }) =>
      relativeLinks(text)
        .filter((link) => !leadsSomewhere(path, text, link))
        .map((link) => `${path}: ${link}`)
    )
    expect(broken).toEqual([])
  })

  it("name scripts of package.json", () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(join(root, "package.json"), "utf8")
    )
    const unknown = documents.flatMap(({ path, text }) =>
      scriptsNamed(text)
        .filter((script) => !Object.hasOwn(scripts, script))
        .map((script) => `${path}: npm run ${script}`)
    )
    expect(unknown).toEqual([])
  })
})

function leadsSomewhere(path: string, text: string, link: string): boolean {
  const [file = "", anchor] = link.split("#").map(decodeURIComponent)
  const target = file.startsWith("/") ? join(root, file) : resolve(root, dirname(path), file)
  if (file !== "" && (relative(root, target).startsWith("..") || !existsSync(target))) return false
  if (anchor === undefined || (file !== "" && !file.endsWith(".md"))) return true
  return anchorsOf(file === "" ? text : readFileSync(target, "utf8")).has(anchor)
}

describe("the reading of Markdown", () => {
  const sample = [
    "# The `gate`, & more",
    "## Same",
    "## Same",
    "See [a](a.md#x), `[not](b.md)`, [web](https://example.com) and ![c](c.png).",
    "[ref]: d.md",
    "```ts",
    "# not a heading, [no link](e.md)",
    "```",
    "",
    "```text output",
    "shown",
    "```",
    "Run `npm run --silent test:nightly`, or npm test.",
    "````md",
    "```ts",
    "````"
  ].join("\n")

  it("finds blocks, and which follows which", () => {
    expect(blocksOf(sample).map(({ line, info, next }) => [line, info, next?.info])).toEqual([
      [6, "ts", "text output"],
      [10, "text output", undefined],
      [14, "md", undefined]
    ])
  })

  it("finds relative links outside of code", () => {
    expect(relativeLinks(sample)).toEqual(["a.md#x", "c.png", "d.md"])
  })

  it("names headings as GitHub does", () => {
    expect([...anchorsOf(sample)]).toEqual(["the-gate--more", "same", "same-1"])
  })

  it("finds scripts", () => {
    expect(scriptsNamed(sample)).toEqual(["test:nightly", "test"])
  })
})
