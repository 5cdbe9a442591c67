/**
 * `npm run bench`: upserts and delivery beside their limits, and what an import costs. Each round of each
 * contender is a process of its own, rounds are interleaved, and the medians of one run make ratios; nothing else compares, since a machine is never the same twice.
 * `--quick` takes fewer rows and rounds, `--json FILE` keeps the figures, `--write` makes `docs/benchmarks.md`.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism, cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import Database from "better-sqlite3"
import { delivery } from "./delivery.ts"
import { measureStartup, type Startup } from "./startup.ts"
import type { Contender, Rates, Suite } from "./suite.ts"
import { upsert } from "./upsert.ts"
import { batchSize } from "./workload.ts"

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    json: { type: "string" },
    round: { type: "string" }
  }
})
const size = options.quick ? 20_000 : 100_000
const rounds = options.quick ? 3 : 7
const startupRounds = options.quick ? 11 : 31

const suites: ReadonlyArray<Suite> = [upsert, delivery]
const contenders = suites.flatMap((suite) => suite.contenders)

const runRound = async ({ run }: Contender): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-bench-"))
  try {
    console.log(JSON.stringify(await run(size, join(folder, "bench.db"))))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const inProcess = (name: string): Rates => {
  const flags = options.quick ? ["--quick"] : []
  return JSON.parse(
    execFileSync(process.execPath, [import.meta.filename, "--round", name, ...flags], { encoding: "utf8" })
  )
}

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

const measure = () => {
  const rates = new Map<string, Array<Rates>>(contenders.map(({ name }) => [name, []]))
  for (let round = 1; round <= rounds; round++) {
    for (const { name } of contenders) {
      console.error(`round ${round} of ${rounds}: ${name}`)
      rates.get(name)?.push(inProcess(name))
    }
  }
  return suites.flatMap(({ cases, contenders }) =>
    cases.flatMap((work, index) => {
      const all = (name: string) => (rates.get(name) ?? []).map((round) => round[index] ?? 0)
      return contenders.map(({ limit, name }) => {
        const values = all(name)
        const ratios = values.map((value, round) => value / (all(limit)[round] ?? value))
        return {
          work,
          contender: name,
          rowsPerSecond: Math.round(median(values)),
          slowest: Math.round(Math.min(...values)),
          fastest: Math.round(Math.max(...values)),
          ratio: Number(median(ratios).toFixed(2))
        }
      })
    })
  )
}

const machine = () => {
  const sqlite = new Database(":memory:").prepare("SELECT sqlite_version()").pluck().get()
  return `${availableParallelism()} cores of ${cpus()[0]?.model ?? "an unknown processor"}, Node ${process.versions.node}, SQLite ${String(sqlite)}`
}

const thousands = (value: number) => `${Math.round(value / 1_000)}k`

const table = (results: ReturnType<typeof measure>): string =>
  [
    "| work | contender | rows/s, median | slowest to fastest | ratio to its limit |",
    "| --- | --- | --- | --- | --- |",
    ...results.map(
      ({ contender, fastest, ratio, rowsPerSecond, slowest, work }) =>
        `| ${work} | ${contender} | ${thousands(rowsPerSecond)} | ${thousands(slowest)} to ${thousands(fastest)} | ${ratio.toFixed(2)} |`
    )
  ].join("\n")

const startupLine = ({ coreMillis, effectMillis, modules, ratio }: Startup): string =>
  `Importing \`@leadterra/core\` took ${coreMillis.toFixed(0)} ms, and the ${modules.length} modules of Effect that it needs ${effectMillis.toFixed(0)} ms: a ratio of ${ratio.toFixed(2)}.`

const page = (results: ReturnType<typeof measure>, startup: Startup): string => `# Benchmark

Made by \`npm run bench -- --write\`; do not edit. ${size.toLocaleString("en")} rows in batches of ${batchSize.toLocaleString("en")}, six fields, 2% duplicates, a suppression list of
${size.toLocaleString("en")} entries, files in the system's temporary folder. Medians of ${rounds} interleaved rounds, each in a process of its own, on
${machine()}.

Only ratios count, and only those of one run: they are medians of each round's own ratio to the limit. The limits are in
[bench/handWritten.ts](../bench/handWritten.ts) and [bench/handWrittenQueue.ts](../bench/handWrittenQueue.ts): code that trusts
its input, reports nothing per row and has no foreign keys.

${table(results)}

## Start-up

${startupLine(startup)}
Medians of ${startupRounds} interleaved rounds of the built files, each import in a process of its own.
`

if (options.round !== undefined) {
  const contender = contenders.find(({ name }) => name === options.round)
  if (contender === undefined) throw new Error(`no contender is called ${options.round}`)
  await runRound(contender)
} else {
  const startup = measureStartup(startupRounds)
  const results = measure()
  console.log(`${machine()}\n\n${table(results)}\n\n${startupLine(startup)}`)
  if (options.json !== undefined)
    writeFileSync(
      options.json,
      `${JSON.stringify({ machine: machine(), size, rounds, results, startup }, null, 2)}\n`
    )
  if (options.write)
    writeFileSync(join(import.meta.dirname, "..", "docs", "benchmarks.md"), page(results, startup))
}
