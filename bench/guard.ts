/**
 * `node bench/guard.ts`: a short benchmark that fails when the ratio of a case to its limit has fallen by a quarter below the one in
 * `recorded.json`. Ours and the limit take turns and a ratio is a median of rounds; what has fallen is measured again, twice at most and
 * by more rounds, and fails only if it fails every time. Absolute times decide nothing.
 *
 *     --record         writes `recorded.json`
 *     --rounds N       for the record; by default 9
 *     --section NAME   only this one; may be repeated
 */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { ratioOf } from "./results.ts"
import { measure } from "./rounds.ts"
import { saveJson } from "./saveJson.ts"
import { delivery } from "./sections/delivery.ts"
import { tokens } from "./sections/tokens.ts"
import { inMemory, onSqlite } from "./sections/upsert.ts"
import type { Suite } from "./suite.ts"
import { finalVerdict } from "./verdict.ts"

interface Watched {
  readonly section: string
  readonly suite: Suite
  readonly size: number
  /** Ours; its limit takes turns with it. */
  readonly contender: string
  readonly cases: ReadonlyArray<string>
}

const upsertCases = ["fresh", "every row changed", "same rows again"]

const all: ReadonlyArray<Watched> = [
  { section: "upsert", suite: onSqlite, size: 20_000, contender: "Leads.bulkUpsert", cases: upsertCases },
  { section: "upsert", suite: inMemory, size: 20_000, contender: "Leads.bulkUpsert", cases: ["fresh"] },
  {
    section: "delivery",
    suite: delivery,
    size: 10_000,
    contender: "Campaigns.start, Delivery.claim and record",
    cases: ["claim", "record a send"]
  },
  {
    section: "tokens",
    suite: tokens,
    size: 150,
    contender: "Template.render",
    cases: ["a subject and a body"]
  }
]

const { values: options } = parseArgs({
  options: {
    record: { type: "boolean", default: false },
    rounds: { type: "string", default: "9" },
    section: { type: "string", multiple: true, default: all.map(({ section }) => section) }
  }
})

const kept = join(import.meta.dirname, "recorded.json")
const recorded: Readonly<Record<string, number>> = existsSync(kept)
  ? JSON.parse(readFileSync(kept, "utf8"))
  : {}

type Ratios = ReadonlyMap<string, number>

const keyOf = ({ suite }: Watched, name: string) => `${suite.name}: ${name}`

/** The ratio of each case that is watched. */
const ratiosOf = (watched: Watched, rounds: number): Ratios => {
  const { cases, contender, section, size, suite } = watched
  const names = [contender, suite.contenders.find(({ name }) => name === contender)?.limit]
  const contenders = suite.contenders.filter(({ name }) => names.includes(name))
  const series = measure(section, { ...suite, contenders }, { size, rounds }, () => {})
  const ours = series.filter((one) => one.contender === contender && cases.includes(one.case))
  return new Map(ours.map((one) => [keyOf(watched, one.case), Number(ratioOf(one, series).toFixed(3))]))
}

const watched = all.filter(({ section }) => options.section.includes(section))

const record = (): void => {
  const measured = watched.flatMap((one) => [...ratiosOf(one, Number(options.rounds))])
  saveJson(kept, { ...recorded, ...Object.fromEntries(measured) })
  for (const [key, ratio] of measured) console.log(`${key}: ${ratio}`)
}

const roundsOfTries = [3, 5, 7]

/** Measures until a case holds, or no try is left. */
const guard = (): boolean => {
  const measured = new Map<string, Array<number>>()
  const hasFallen = (key: string) => finalVerdict(recorded[key], measured.get(key) ?? []) === "fell"
  let left = watched
  for (const [index, rounds] of roundsOfTries.entries()) {
    if (index > 0 && left.length > 0)
      console.error(`again: ${left.map(({ suite }) => suite.name).join(", ")}`)
    for (const one of left)
      for (const [key, ratio] of ratiosOf(one, rounds))
        measured.set(key, [...(measured.get(key) ?? []), ratio])
    left = left.filter((one) => one.cases.some((name) => hasFallen(keyOf(one, name))))
  }
  const rows = Array.from(measured, ([key, ratios]) => ({
    case: key,
    recorded: recorded[key],
    measured: ratios.join(", "),
    verdict: finalVerdict(recorded[key], ratios)
  }))
  console.table(rows)
  return rows.every(({ verdict }) => verdict === "holds")
}

if (options.record) record()
else if (!guard()) {
  console.error(
    "A ratio has fallen by a quarter. If that is meant: node bench/guard.ts --record, on a quiet machine"
  )
  process.exitCode = 1
}
