/** Outputs of the command that are no plain files, or cannot take what is written. */
import { execFileSync } from "node:child_process"
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { afterAll, expect, it } from "vitest"
import { running, starting } from "./process.ts"

const folder = mkdtempSync(join(tmpdir(), "leadterra-outputs-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const list = "email\nava@acmecorp.com\nbad\n"

const campaign = async (): Promise<string> => {
  writeFileSync(join(folder, "list.csv"), list)
  return (await running(folder, ["campaign", "create", "Spring"])).out.trim()
}

it.skipIf(process.platform === "win32")(
  "IM-4: failed rows are not written to a pipe that nobody reads, and reach one with a reader",
  async () => {
    const id = await campaign()
    const pipe = join(folder, "failed.pipe")
    execFileSync("mkfifo", [pipe])
    const argv = ["leads", "import", "list.csv", "-c", id, "--failed", pipe]
    const { child, ended } = starting(folder, argv)
    // A thread that waits in open() survives every signal but this one.
    const guard = setTimeout(() => child.kill("SIGKILL"), 15_000)
    const { err, exitCode } = await ended
    clearTimeout(guard)
    expect([exitCode, err]).toEqual([6, expect.stringContaining("nobody reads from")])
    expect((await running(folder, ["leads", "show", "ava@acmecorp.com"])).exitCode).toBe(5)
    const read = text(createReadStream(pipe))
    expect((await running(folder, argv)).exitCode).toBe(3)
    expect(await read).toMatch(/^email,.*\r\nbad,3,/)
  }
)
