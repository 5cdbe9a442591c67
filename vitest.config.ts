import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

/** What takes longest comes first, so that no worker is left with it at the end. */
const slowest = [
  "conformance",
  "large",
  "reopened",
  "packages",
  "dieAt",
  "hostile",
  "growth",
  "addressCharacters"
]

const rank = ({ moduleId }: TestSpecification): number =>
  slowest.some((name) => moduleId.includes(`/${name}.`)) ? 0 : 1

class SlowestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}

const nightly = process.env["NIGHTLY"] !== undefined

export default defineConfig({
  test: {
    include: [
      "packages/*/test/**/*.test.ts",
      "{bench,lists}/test/**/*.test.ts",
      "test/**/*.test.ts",
      ...(nightly ? ["packages/*/test/**/*.nightly.ts"] : [])
    ],
    globalSetup: "test/seed.ts",
    setupFiles: "test/setup.ts",
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: SlowestFirst },
    testTimeout: nightly ? 1_800_000 : 120_000,
    hookTimeout: 120_000,
    allowOnly: false
  }
})
