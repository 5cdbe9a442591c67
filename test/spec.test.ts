import { describe, expect, it } from "vitest"
import { pages, tests, withTests } from "../scripts/spec.ts"

const rules = pages.flatMap((page) => page.rules)

describe("the spec and its tests", () => {
  it("has every rule that is built named by a test", () => {
    expect(rules.length).toBeGreaterThan(30)
    const named = new Set(tests.flatMap((test) => test.rules))
    expect(rules.filter(({ built, id }) => built && !named.has(id)).map(({ id }) => id)).toEqual([])
  })

  it("has a rule for every id that a test names", () => {
    const known = new Set(rules.map(({ id }) => id))
    expect(tests.filter((test) => test.rules.some((id) => !known.has(id)))).toEqual([])
  })

  it.each(pages)("lists on $path the tests of its rules: npm run spec brings it up to date", (page) => {
    expect(withTests(page)).toBe(page.text)
  })
})
