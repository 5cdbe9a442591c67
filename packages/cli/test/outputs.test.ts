/** Outputs of the command that are no plain files, or cannot take what is written. */
import { execFileSync } from "node:child_process"
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { afterAll, expect, it } from "vitest"
import { runToEnd } from "../../../scripts/run.ts"
import { main, running, starting } from "./process.ts"
import { scene } from "./terminal.ts"

const folder = mkdtempSync(join(tmpdir(), "leadterra-outputs-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const list = "email\nava@acmecorp.com\nbad\n"

it("LF-5: an export to - is printed", async () => {
  const { campaign, command } = scene()
  const id = await campaign()
  const { exitCode, out } = await command(["leads", "export", "-c", id, "-o", "-"])
  expect([exitCode, out]).toEqual([0, expect.stringMatching(/^email,/)])
})

it("IM-4: a dry run says that nothing is in the store, and where the failed rows are", async () => {
  const { campaign, command, folder, put } = scene()
  const id = await campaign()
  put("list.csv", list)
  const failed = join(folder, "failed.csv")
  const { out } = await command(["leads", "import", "list.csv", "-c", id, "-n", "--failed", failed])
  expect(out).toMatch(/Nothing was written to the store: .*; the failed rows are in .*failed\.csv\n$/)
  expect(readFileSync(failed, "utf8")).toContain("bad,")
})

it("LF-4: a column whose name cannot be typed as it is shown is left out by its number", async () => {
  const { campaign, command, put } = scene()
  const id = await campaign()
  put("list.csv", `Email,"a\nb"\nava@acmecorp.com,${"x".repeat(5_001)}\n`)
  const argv = ["leads", "import", "list.csv", "-c", id, "-n"]
  expect((await command(argv)).err).toContain("--map 2= leaves it out")
  expect((await command([...argv, "--map", "2="])).exitCode).toBe(0)
})

it.skipIf(!existsSync("/dev/full"))(
  "an error output that is full is a file that failed, and no bug",
  async () => {
    const id = await campaign()
    const line = `'${process.execPath}' '${main}' leads import list.csv -c ${id} -n > /dev/null 2> /dev/full`
    expect((await runToEnd(["sh", "-c", line], folder)).code).toBe(6)
  }
)

it("takes the ways to verify a server without a warning of the driver", async () => {
  const db = "postgres://ann@127.0.0.1:1/db?sslmode=require"
  const { err, exitCode } = await running(folder, ["--db", db, "campaign", "list"])
  expect([exitCode, err]).toEqual([4, expect.stringMatching(/^error: .*\n$/)])
})

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
