import { defineConfig } from "vitest/config"

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
    testTimeout: nightly ? 1_800_000 : 120_000,
    hookTimeout: 120_000,
    allowOnly: false
  }
})
