/** Outputs of the command that are no plain files, or cannot take what is written. */
import { execFileSync } from "node:child_process"
import { once } from "node:events"
import {
  createReadStream,
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { afterAll, expect, it } from "vitest"
import { runToEnd } from "../../../scripts/run.ts"
import { columnsOf } from "../src/Terminal.ts"
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
  expect((await command(argv)).err).toContain('--map "#2=" leaves it out')
  expect((await command([...argv, "--map", "#2="])).exitCode).toBe(0)
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

it("IM-4: a list that is piped in from a file is not written over, and neither is it by an export", async () => {
  const id = await campaign()
  const script = async (line: string) =>
    runToEnd(["sh", "-c", line.replace("leadterra", `'${process.execPath}' '${main}'`)], folder)
  for (const line of [
    `leadterra leads import - -c ${id} --failed list.csv < list.csv`,
    `leadterra leads export -c ${id} -o list.csv < list.csv`
  ]) {
    const { code, seen } = await script(line)
    expect([code, seen]).toEqual([2, expect.stringMatching(/list\.csv is the (list|input)/)])
    expect(readFileSync(join(folder, "list.csv"), "utf8")).toBe(list)
  }
  const isFolder = await script(`leadterra leads import - -c ${id} < .`)
  expect([isFolder.code, isFolder.seen]).toEqual([6, expect.stringContaining("standard input is a folder")])
  for (const line of [`leads import - -c ${id}`, "suppress add -"]) {
    const closed = await script(`leadterra ${line} <&-`)
    expect([closed.code, closed.seen]).toEqual([6, expect.stringContaining("is closed or empty")])
  }
})

it.skipIf(process.platform === "win32")(
  "IM-3: an import from a pipe whose writer pauses ends when it is told to stop",
  async () => {
    const id = await campaign()
    const pipe = join(folder, "list.pipe")
    execFileSync("mkfifo", [pipe])
    const { child, ended } = starting(folder, ["leads", "import", pipe, "-c", id])
    const writer = createWriteStream(pipe)
    writer.write(list)
    const guard = setTimeout(() => child.kill("SIGKILL"), 15_000)
    await once(child.stdout, "data")
    child.kill("SIGINT")
    expect((await ended).exitCode).toBe(130)
    clearTimeout(guard)
    writer.destroy()
  }
)

/** The store, its campaign, and an empty folder beside it. */
const linked = async () => {
  const { campaign, command, folder, put } = scene()
  const id = await campaign()
  put("list.csv", list)
  mkdirSync(join(folder, "links"))
  return { command, folder, id, inLinks: (name: string) => join(folder, "links", name) }
}

it("files beside a store are not written to, whatever links lead to them", async () => {
  const { command, folder, id, inLinks } = await linked()
  symlinkSync(join(folder, "leads.db"), inLinks("store.db"))
  symlinkSync(folder, inLinks("folder"))
  symlinkSync(join(folder, "leads.db-wal"), inLinks("other"))
  for (const suffix of ["-wal", "-shm", "-journal"]) {
    for (const [db, path] of [
      [inLinks("store.db"), join(folder, `leads.db${suffix}`)],
      [inLinks("store.db"), inLinks(`store.db${suffix}`)],
      [join(folder, "leads.db"), inLinks(`folder/leads.db${suffix}`)],
      [join(folder, "leads.db"), inLinks("other")]
    ] as const) {
      const exported = await command(["--db", db, "leads", "export", "-c", id, "-o", path, "--format", "csv"])
      expect([exported.exitCode, exported.err], path).toEqual([2, expect.stringContaining("is the store")])
      const failed = await command(["--db", db, "leads", "import", "list.csv", "-c", id, "--failed", path])
      expect([failed.exitCode, failed.err], path).toEqual([2, expect.stringContaining("is the store")])
    }
  }
})

it("LF-5: an export takes no file that another has put in the place of its own", async () => {
  const { command, folder, id, inLinks } = await linked()
  writeFileSync(join(folder, "victim"), "before")
  symlinkSync(join(folder, "victim"), inLinks(`all.csv.${process.pid}.part`))
  const { exitCode } = await command(["leads", "export", "-c", id, "-o", inLinks("all.csv")])
  expect([exitCode, readFileSync(join(folder, "victim"), "utf8")]).toEqual([0, "before"])
  expect(readFileSync(inLinks("all.csv"), "utf8")).toMatch(/^email,/)
  expect(lstatSync(inLinks("all.csv")).isSymbolicLink()).toBe(false)
})

it("takes a terminal that knows no width for one of 80 columns", () => {
  expect([columnsOf({ columns: 0 }), columnsOf({}), columnsOf({ columns: 40 })]).toEqual([80, 80, 40])
})
