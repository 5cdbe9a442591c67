/** Every program in `examples/` works in an empty folder, and works again on what it left there. */
import { globSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { runProgram } from "./runProgram.ts"

const root = join(import.meta.dirname, "..")
const examples = globSync("examples/*.ts", { cwd: root }).sort()

describe("examples", () => {
  it("exist", () => expect(examples).not.toEqual([]))

  it.each(examples)("%s runs in an empty folder, and again on the files it left", async (example) => {
    const folder = mkdtempSync(join(tmpdir(), `leadterra-${basename(example, ".ts")}-`))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    for (const run of ["first run", "second run"]) {
      const { code, seen } = await runProgram([join(root, example)], folder)
      expect(code, `${run}:\n${seen}`).toBe(0)
    }
  })
})
