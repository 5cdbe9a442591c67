/** The page is made of what was recorded by the command, never by hand. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { measuredSections, pageOf } from "../page.ts"
import type { Results } from "../results.ts"

const docs = join(import.meta.dirname, "..", "..", "docs")
const results: Results = JSON.parse(readFileSync(join(docs, "benchmarks.json"), "utf8"))
const page = readFileSync(join(docs, "benchmarks.md"), "utf8")

it("docs/benchmarks.md is what docs/benchmarks.json makes", async () => {
  expect(page).toBe(await pageOf(results))
})

it("the charts that it shows are those that there are", async () => {
  const charts = (await measuredSections(results)).flatMap(({ measured, section }) =>
    section.charts(measured.series)
  )
  const shown = Array.from(page.matchAll(/\]\(benchmarks\/([\w-]+\.svg)\)/g), ([, file]) => file)
  expect(shown).toEqual(charts.map(({ name }) => `${name}.svg`))
  expect(readdirSync(join(docs, "benchmarks")).sort()).toEqual(shown.sort())
})
