/**
 * `npm run spec`: writes under each page of the spec which tests and laws hold its rules. A test says so itself, by a title
 * that begins with the ids of its rules. The gate fails when a page is out of date.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"

const root = join(import.meta.dirname, "..")

export interface Rule {
  readonly id: string
  /** The page says so where none of a rule is built yet. */
  readonly built: boolean
}

export interface Test {
  readonly rules: ReadonlyArray<string>
  readonly title: string
  /** From the root. */
  readonly file: string
}

export interface Page {
  readonly path: string
  readonly text: string
  readonly rules: ReadonlyArray<Rule>
}

const titled = /(["'`])([A-Z]{2}-\d+(?:, [A-Z]{2}-\d+)*): ((?:(?!\1)[^\\\n]|\\.)+)\1/g

/** Every title of a test or a law that names rules. */
export const tests: ReadonlyArray<Test> = globSync(
  ["packages/*/test/**/*.ts", "packages/conformance/src/**/*.ts"],
  { cwd: root }
)
  .sort()
  .flatMap((file) =>
    Array.from(readFileSync(join(root, file), "utf8").matchAll(titled), ([, , ids = "", title = ""]) => ({
      rules: ids.split(", "),
      title,
      file
    }))
  )

export const pages: ReadonlyArray<Page> = globSync("docs/spec/*.md", { cwd: root })
  .sort()
  .map((path) => {
    const text = readFileSync(join(root, path), "utf8")
    const rules = text.split(/^### /m).flatMap((section) => {
      const id = /^[A-Z]{2}-\d+(?= )/.exec(section)?.[0]
      return id === undefined ? [] : [{ id, built: !/^Status: specified, not built yet\.$/m.test(section) }]
    })
    return { path, text, rules }
  })

const heading = "## What holds these rules"

/** The page with the list of its tests; a page without rules stays as it is. */
export const withTests = ({ path, rules, text }: Page): string => {
  const held = rules.flatMap(({ id }) => {
    const files = Map.groupBy(
      tests.filter((test) => test.rules.includes(id)),
      ({ file }) => file
    )
    const places = Array.from(files, ([file, found]) => {
      const titles = [...new Set(found.map(({ title }) => title))].map((title) => `  - ${plain(title)}`)
      const target = relative(join(path, ".."), file)
      return [`- [${file.replace(/^packages\//, "")}](${target})`, ...titles].join("\n")
    })
    return places.length === 0 ? [] : [`**${id}**\n\n${places.join("\n")}`]
  })
  if (held.length === 0) return text
  const body = text.split(`\n${heading}\n`)[0] ?? text
  const note = "The titles of tests and laws that name a rule. Made by `npm run spec`; do not edit."
  return `${body.trimEnd()}\n\n${heading}\n\n${note}\n\n${held.join("\n\n")}\n`
}

/** Nothing in a title is markup, and what a run fills in is left open. */
const plain = (title: string): string =>
  title
    .replace(/\$\{[^}]*\}|%[a-z]|(?<= )\$\w+/g, "…")
    .replace(/\\(.)/g, "$1")
    .replace(/[\\`*_[\]<>|]/g, (char) => `\\${char}`)

if (import.meta.main) {
  for (const page of pages) writeFileSync(join(root, page.path), withTests(page))
}
