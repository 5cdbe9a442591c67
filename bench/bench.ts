/**
 * `npm run bench`: measures the sections of `sections.ts`, and prints them as the page does.
 *
 *     --quick          fewer rows and rounds
 *     --section NAME   only this one; may be repeated
 *     --json FILE      keeps the figures
 *     --write          puts them into docs/benchmarks.json, and makes docs/benchmarks.md and its charts out of that; what was
 *                      not measured this time stays
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { machine, versionsOf } from "./machine.ts"
import { measuredSections, pageOf } from "./page.ts"
import type { Measured, Results } from "./results.ts"
import { measure } from "./rounds.ts"
import { saveJson } from "./saveJson.ts"
import { sectionNames, sectionOf } from "./sections.ts"
import { svgOf } from "./svg.ts"

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    section: { type: "string", multiple: true, default: [...sectionNames] },
    json: { type: "string" },
    write: { type: "boolean", default: false }
  }
})

const docs = join(import.meta.dirname, "..", "docs")
const kept = join(docs, "benchmarks.json")
const started = performance.now()

const tell = (step: string): void => {
  const seconds = Math.round((performance.now() - started) / 1_000)
  console.error(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}  ${step}`)
}

const measureSection = async (name: string): Promise<Measured> => {
  const { libraries, prepare = () => {}, suites } = await sectionOf(name)
  await prepare()
  const series = suites.flatMap((suite) =>
    (options.quick ? suite.quick : suite.full).flatMap((plan) => measure(name, suite, plan, tell))
  )
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    versions: versionsOf(libraries),
    isQuick: options.quick,
    series
  }
}

const write = async (measured: Results): Promise<void> => {
  const before: Results = existsSync(kept) ? JSON.parse(readFileSync(kept, "utf8")) : {}
  const results = { ...before, ...measured }
  saveJson(kept, results)
  writeFileSync(join(docs, "benchmarks.md"), await pageOf(results))
  const charts = join(docs, "benchmarks")
  rmSync(charts, { recursive: true, force: true })
  mkdirSync(charts)
  for (const { measured, section } of await measuredSections(results))
    for (const chart of section.charts(measured.series))
      writeFileSync(join(charts, `${chart.name}.svg`), svgOf(chart))
}

const measured: Record<string, Measured> = {}
// Each is known before any is measured, so that a slip of the pen costs nothing.
for (const name of options.section) await sectionOf(name)
for (const name of options.section) measured[name] = await measureSection(name)
console.log(await pageOf(measured))
if (options.json !== undefined) saveJson(options.json, measured)
if (options.write) await write(measured)
tell("done")
