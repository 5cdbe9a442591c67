/**
 * The gate: format and lint, types, tests, speed, in this order, each step's output as it comes. It stops at the first step
 * that fails, and always ends with the line `N passed, N failed`, which counts the tests and the other steps. A test
 * that is skipped or left to do counts as failed: nothing may be switched off quietly. `NIGHTLY=1` reaches the tests
 * through the environment and makes them run longer; then a seventh of the mutants comes, as a step of its own.
 */
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join, relative } from "node:path"

interface Tally {
  readonly passed: number
  readonly failed: number
}

interface Step {
  readonly name: string
  readonly command: ReadonlyArray<string>
  readonly tally: (exitCode: number) => Tally
}

interface VitestReport {
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly status: string
    readonly assertionResults: ReadonlyArray<{ readonly fullName: string; readonly status: string }>
  }>
}

const root = join(import.meta.dirname, "..")
const nightly = process.env["NIGHTLY"] !== undefined
const scratch = mkdtempSync(join(tmpdir(), "leadterra-gate-"))
const reportFile = join(scratch, "vitest.json")

/** In a log, colour codes are noise; Biome writes them unless it is told not to. */
const plain = !process.stdout.isTTY && process.env["FORCE_COLOR"] === undefined

const asOne = (exitCode: number): Tally =>
  exitCode === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }

function tallyTests(exitCode: number): Tally {
  if (!existsSync(reportFile)) return { passed: 0, failed: 1 }
  const report: VitestReport = JSON.parse(readFileSync(reportFile, "utf8"))
  let passed = 0
  let failed = 0
  for (const file of report.testResults) {
    const path = relative(root, file.name)
    const failedBefore = failed
    for (const test of file.assertionResults) {
      if (test.status === "passed") passed += 1
      else failed += 1
      if (test.status !== "passed" && test.status !== "failed") {
        console.error(`Not run (${test.status}): ${path} > ${test.fullName}`)
      }
    }
    if (file.status === "failed" && failed === failedBefore) failed += 1
  }
  if (failed === 0 && (exitCode !== 0 || passed === 0)) failed = 1
  return { passed, failed }
}

const steps: ReadonlyArray<Step> = [
  {
    name: "format and lint",
    command: ["biome", "ci", "--error-on-warnings", ...(plain ? ["--colors=off"] : []), "."],
    tally: asOne
  },
  { name: "types", command: ["tsc", "--project", "tsconfig.json"], tally: asOne },
  {
    name: "tests",
    command: ["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`],
    tally: tallyTests
  },
  { name: "speed", command: ["node", "bench/guard.ts"], tally: asOne },
  ...(nightly
    ? [{ name: "mutation", command: ["node", "scripts/mutation.ts", "--share"], tally: asOne }]
    : [])
]

function run([program = "", ...args]: ReadonlyArray<string>): Promise<number> {
  const colour = plain ? { NO_COLOR: "1" } : {}
  const PATH = [join(root, "node_modules", ".bin"), process.env["PATH"]].join(delimiter)
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, ...colour, PATH }
    })
    child.on("error", (error) => {
      console.error(`${program} does not start (${error.message}); npm run setup installs it`)
      resolve(1)
    })
    child.on("exit", (code) => resolve(code ?? 1))
  })
}

let passed = 0
let failed = 0
if (nightly) console.log("Nightly: more runs, larger sizes, mutants")
for (const [index, step] of steps.entries()) {
  const label = `[${index + 1}/${steps.length}] ${step.name}`
  console.log(`${label} ...`)
  const started = performance.now()
  const tally = step.tally(await run(step.command))
  passed += tally.passed
  failed += tally.failed
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${label}: ${tally.failed === 0 ? "passed" : "FAILED"} in ${seconds} s\n`)
  if (tally.failed > 0) break
}
rmSync(scratch, { recursive: true, force: true })
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
