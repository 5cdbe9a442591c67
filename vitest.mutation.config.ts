/** What Stryker runs for each mutant: the tests of core, and the laws on the memory store, from one seed. */
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

process.env["FC_SEED"] ??= "1"

const source = (path: string) => fileURLToPath(new URL(`./packages/${path}`, import.meta.url))

/** Those that take seconds last: most mutants are found out before their turn. */
const slow = [
  "suggestion",
  "importBytes",
  "rows",
  "domainCost",
  "EmailAddress",
  "inputGrowth",
  "growth",
  "fuzz",
  "Template",
  "conformance"
]

class QuickFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const rank = ({ moduleId }: TestSpecification) =>
      slow.findIndex((name) => moduleId.includes(`/${name}.test`))
    return files.toSorted((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  // Stryker mutates a copy of the repository, while the links of node_modules lead to the original.
  resolve: {
    alias: [
      { find: /^@leadterra\/core\/(promise|lint)$/, replacement: source("core/src/$1.ts") },
      { find: /^@leadterra\/([a-z-]+)$/, replacement: source("$1/src/index.ts") }
    ]
  },
  test: {
    include: ["packages/core/test/**/*.test.ts", "packages/adapter-memory/test/**/*.test.ts"],
    // Tests of no rule, which take thousands of leads; and one that asks of each code point of Unicode.
    exclude: ["packages/core/test/{importAll,enrolled,turns,unsubscribe,addressCharacters}.test.ts"],
    globalSetup: "test/seed.ts",
    setupFiles: ["test/setup.ts", "test/mutation.ts"],
    sequence: { sequencer: QuickFirst },
    isolate: false,
    testTimeout: 120_000
  }
})
