/**
 * `npm run bench`: bulk upserts beside their limits, and what an import costs. Each round of each contender is a process of its own, rounds are
 * interleaved, and the medians of one run make ratios; nothing else compares, since a machine is never the same twice.
 * `--quick` takes fewer rows and rounds, `--json FILE` keeps the figures, `--write` makes `docs/benchmarks.md`.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism, cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { MemoryRepository } from "@leadterra/adapter-memory"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { Campaigns, Leads, type Repository, Suppression } from "@leadterra/core"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { bareMap, handWritten } from "./handWritten.ts"
import { measureStartup, type Startup } from "./startup.ts"
import { batchSize, cases, type Row, type Workload, workloadOf } from "./workload.ts"

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

/** Rows per second, for each case in order. */
type Rates = ReadonlyArray<number>

const rate = (batches: ReadonlyArray<unknown>, millis: number) =>
  (batches.length * batchSize * 1_000) / millis

const plain = (workload: Workload, upsert: (batch: ReadonlyArray<Row>) => void): Rates =>
  workload.cases.map((batches) => {
    const started = performance.now()
    for (const batch of batches) upsert(batch)
    return rate(batches, performance.now() - started)
  })

const ours = <E>(workload: Workload, layer: Layer.Layer<Repository, E>): Promise<Rates> =>
  Effect.gen(function* () {
    const workspaceId = "bench"
    const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "bench" })
    for (let from = 0; from < workload.suppressed.length; from += batchSize) {
      yield* Suppression.add({ workspaceId, entries: workload.suppressed.slice(from, from + batchSize) })
    }
    const rates: Array<number> = []
    for (const batches of workload.cases) {
      const started = performance.now()
      for (const leads of batches) yield* Leads.bulkUpsert({ workspaceId, campaignId, leads })
      rates.push(rate(batches, performance.now() - started))
    }
    return rates
  }).pipe(Effect.provide(layer), Effect.runPromise)

const contenders = {
  "SQLite by hand": (workload: Workload, file: string) =>
    plain(workload, handWritten(file, workload.suppressed)),
  "Leads.bulkUpsert on SQLite": (workload: Workload, file: string) =>
    ours(workload, SqliteRepository.layer({ filename: file })),
  "a bare Map": (workload: Workload) => plain(workload, bareMap()),
  "Leads.bulkUpsert in memory": (workload: Workload) => ours(workload, MemoryRepository.layer)
}
type Contender = keyof typeof contenders
const names = Object.keys(contenders) as ReadonlyArray<Contender>

/** Each contender, and the limit that it is measured against. */
const limitOf: Readonly<Record<Contender, Contender>> = {
  "SQLite by hand": "SQLite by hand",
  "Leads.bulkUpsert on SQLite": "SQLite by hand",
  "a bare Map": "a bare Map",
  "Leads.bulkUpsert in memory": "a bare Map"
}

const runRound = async (name: Contender): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-bench-"))
  try {
    console.log(JSON.stringify(await contenders[name](workloadOf(size), join(folder, "bench.db"))))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const inProcess = (name: Contender): Rates => {
  const flags = options.quick ? ["--quick"] : []
  return JSON.parse(
    execFileSync(process.execPath, [import.meta.filename, "--round", name, ...flags], { encoding: "utf8" })
  )
}

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

const measure = () => {
  const rates = new Map<Contender, Array<Rates>>(names.map((name) => [name, []]))
  for (let round = 1; round <= rounds; round++) {
    for (const name of names) {
      console.error(`round ${round} of ${rounds}: ${name}`)
      rates.get(name)?.push(inProcess(name))
    }
  }
  return cases.flatMap((work, index) => {
    const all = (name: Contender) => (rates.get(name) ?? []).map((round) => round[index] ?? 0)
    return names.map((contender) => {
      const values = all(contender)
      const ratios = values.map((value, round) => value / (all(limitOf[contender])[round] ?? value))
      return {
        work,
        contender,
        rowsPerSecond: Math.round(median(values)),
        slowest: Math.round(Math.min(...values)),
        fastest: Math.round(Math.max(...values)),
        ratio: Number(median(ratios).toFixed(2))
      }
    })
  })
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
[bench/handWritten.ts](../bench/handWritten.ts): code that trusts its input, reports nothing per row and has no foreign keys.

${table(results)}

## Start-up

${startupLine(startup)}
Medians of ${startupRounds} interleaved rounds of the built files, each import in a process of its own.
`

if (options.round !== undefined) {
  const name = names.find((name) => name === options.round)
  if (name === undefined) throw new Error(`no contender is called ${options.round}`)
  await runRound(name)
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
