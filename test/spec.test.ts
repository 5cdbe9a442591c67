import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"

const root = join(import.meta.dirname, "..")
const read = (pattern: string) =>
  globSync(pattern, { cwd: root }).map((path) => readFileSync(join(root, path), "utf8"))

/** Every rule of the spec, with the line that says that none of it is built yet. */
const rules = read("docs/spec/*.md").flatMap((page) =>
  page.split(/^### /m).flatMap((section) => {
    const id = /^[A-Z]{2}-\d+(?= )/.exec(section)?.[0]
    return id === undefined ? [] : [{ id, built: !/^Status: specified, not built yet\.$/m.test(section) }]
  })
)

/** The rules that titles of tests and laws begin with. */
const named = new Set(
  [...read("packages/*/test/**/*.ts"), ...read("packages/conformance/src/**/*.ts")].flatMap((source) =>
    [...source.matchAll(/["'`]((?:[A-Z]{2}-\d+)(?:, [A-Z]{2}-\d+)*): /g)].flatMap(
      ([, ids]) => ids?.split(", ") ?? []
    )
  )
)

describe("the spec and its tests", () => {
  it("has every rule that is built named by a test", () => {
    expect(rules.length).toBeGreaterThan(30)
    expect(rules.filter(({ built, id }) => built && !named.has(id)).map(({ id }) => id)).toEqual([])
  })

  it("has a rule for every id that a test names", () => {
    const known = new Set(rules.map(({ id }) => id))
    expect([...named].filter((id) => !known.has(id))).toEqual([])
  })
})
