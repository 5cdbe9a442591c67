/**
 * `docs/benchmarks.md`: made of the sections and of what `docs/benchmarks.json` holds, and of nothing else, so that a test can
 * tell whether it was edited by hand. A section that was not measured does not stand in it.
 */
import { bare, figure } from "./format.ts"
import { isOurs, type Measured, median, type Results, ratioOf, type Series } from "./results.ts"
import { sectionNames, sectionOf } from "./sections.ts"
import type { Section, Suite } from "./suite.ts"

const isHidden = ({ cases }: Suite, { case: name }: Series): boolean =>
  cases.some((one) => one.name === name && one.isHidden === true)

const row = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

/** From the worst round to the best. */
const spread = ({ unit, values }: Series): string => {
  if (values.length === 1) return "one round"
  const ends = [Math.min(...values), Math.max(...values)]
  return (unit.endsWith("/s") ? ends : ends.toReversed()).map((value) => bare(value, unit)).join(" to ")
}

const ratio = (suite: Suite, series: Series, all: ReadonlyArray<Series>): string => {
  const goal = suite.cases.find(({ name }) => name === series.case)?.goal
  const reached = ratioOf(series, all, suite.ratio).toFixed(2)
  return goal === undefined || !isOurs(series) ? reached : `${reached} (goal: ${goal})`
}

const table = (suite: Suite, all: ReadonlyArray<Series>): string => {
  const shown = all.filter((series) => series.suite === suite.name && !isHidden(suite, series))
  const isSized = suite.size !== undefined
  const head = [
    ...(isSized ? [suite.size] : []),
    "what",
    "who",
    "median",
    shown.every(({ unit }) => unit === "MB" || unit === "bytes") ? "most to least" : "slowest to fastest",
    suite.ratio === "by ours" ? "ours over theirs" : "ratio to the limit"
  ]
  const rows = shown.map((series) =>
    row([
      ...(isSized ? [series.size.toLocaleString("en")] : []),
      series.case,
      series.contender,
      figure(median(series.values), series.unit),
      spread(series),
      ratio(suite, series, all)
    ])
  )
  return [row(head), row(head.map(() => "---")), ...rows].join("\n")
}

const conditions = ({ date, isQuick, machine, series, versions }: Measured): string => {
  const rounds = [...new Set(series.map(({ values }) => values.length))].sort((a, b) => a - b).join(" or ")
  const libraries = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `Measured ${date} on ${machine}, with ${libraries.join(", ")}; rounds: ${rounds}${isQuick ? ", quick" : ""}.`
}

const part = (section: Section, measured: Measured): string =>
  [
    `## ${section.title}`,
    section.about,
    ...section.suites.flatMap((suite) => [
      ...(section.suites.length > 1 ? [`### ${suite.name}`] : []),
      table(suite, measured.series)
    ]),
    ...section.charts(measured.series).map(({ name, title }) => `![${title}](benchmarks/${name}.svg)`),
    conditions(measured)
  ].join("\n\n")

const head = `# Benchmark

Made by \`npm run bench -- --write\` out of [benchmarks.json](benchmarks.json); do not edit.

Only ratios count, and only those of one run: absolute figures move by a third from one run to the next. Each is the median of the
rounds' own ratios to the limit: what the same work costs when someone writes by hand exactly that and nothing else. Rounds are
interleaved, and each round of each contender is a process of its own, on a file in the system's temporary folder. Data is seeded.`

/** The sections that were measured, in order. */
export const measuredSections = async (
  results: Results
): Promise<ReadonlyArray<{ readonly section: Section; readonly measured: Measured }>> => {
  const found = []
  for (const name of sectionNames) {
    const measured = results[name]
    if (measured !== undefined) found.push({ section: await sectionOf(name), measured })
  }
  return found
}

export const pageOf = async (results: Results): Promise<string> => {
  const parts = (await measuredSections(results)).map(({ measured, section }) => part(section, measured))
  return `${[head, ...parts].join("\n\n")}\n`
}
