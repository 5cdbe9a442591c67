/**
 * Measures a suite at a size: rounds in which every contender has its turn, each in a process of its own. Every second
 * round goes backwards, so that nobody always comes after the same one.
 */
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import type { Series } from "./results.ts"
import type { Figures, Plan, Suite } from "./suite.ts"

const program = join(import.meta.dirname, "round.ts")

/** One round of one contender. */
const figuresOf = (section: string, suite: string, contender: string, size: number): Figures =>
  JSON.parse(
    execFileSync(process.execPath, ["--expose-gc", program, section, suite, contender, String(size)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"]
    })
  )

/** Six digits are more than any of them is worth. */
const rounded = (value: number): number => Number(value.toPrecision(6))

export const measure = (
  section: string,
  suite: Suite,
  { rounds, size }: Plan,
  tell: (step: string) => void
): ReadonlyArray<Series> => {
  const measured = new Map(suite.contenders.map(({ name }) => [name, [] as Figures[]]))
  for (let round = 1; round <= rounds; round++) {
    for (const { name } of round % 2 === 1 ? suite.contenders : suite.contenders.toReversed()) {
      tell(`${section}, ${suite.name}, ${size.toLocaleString("en")}: round ${round} of ${rounds}, ${name}`)
      measured.get(name)?.push(figuresOf(section, suite.name, name, size))
    }
  }
  return suite.cases.flatMap(({ name, unit }, index) =>
    suite.contenders.map(({ limit, name: contender }) => ({
      suite: suite.name,
      size,
      case: name,
      unit,
      contender,
      limit,
      values: (measured.get(contender) ?? []).map((figures) => rounded(figures[index] ?? Number.NaN))
    }))
  )
}
