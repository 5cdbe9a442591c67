/** Messages whose campaigns or leads are as large as the limits allow fit into a small heap. */
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, expect, it } from "vitest"

const folder = mkdtempSync(join(tmpdir(), "leadterra-delivery-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const script = join(import.meta.dirname, "largeDelivery.ts")

it.each([
  ["campaigns of a megabyte each", "campaigns", 400],
  ["campaigns of a megabyte each, in texts of two bytes a character, with leads alike", "wide", 260],
  ["leads of 64 KB each", "leads", 5_000]
])(
  "DE-2, DE-3, DE-4: messages of %s are claimed and recorded in a heap of 280 MB",
  async (_, what, count) => {
    const run = (task: string, heap: string) =>
      promisify(execFile)(process.execPath, [
        `--max-old-space-size=${heap}`,
        script,
        task,
        what,
        join(folder, `${what}.db`)
      ])
    await run("make", "1000")
    const { stdout } = await run("deliver", "280")
    expect(JSON.parse(stdout)).toEqual([count, count, count, count])
  }
)
