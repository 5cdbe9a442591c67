/**
 * A large list through the command line, as a process: the counts are those of another reader, memory stays flat, and however it
 * is stopped, run again it ends as if it had not been. 30,000 rows, at night 1,000,000.
 */
import {
  createWriteStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { setTimeout as sleep } from "node:timers/promises"
import Database from "better-sqlite3"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { countFile } from "../../../lists/count.ts"
import { listOf } from "../../../lists/generate.ts"
import type { Count } from "../../../lists/tally.ts"
import { runToEnd } from "../../../scripts/run.ts"
import { type Ended, main, running, starting } from "./process.ts"

const rows = process.env["NIGHTLY"] === undefined ? 30_000 : 1_000_000
const kills = 10
/** In bytes; of 30,000 rows far less than a reader of whole files would need, too. */
const memory = 200_000_000
const seed = fc.readConfigureGlobal().seed ?? 0
const folder = mkdtempSync(join(tmpdir(), "leadterra-large-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const list = join(folder, "list.csv")
const suppressed = ["@gmail.example", "@GMX.example"]
const steps = [{ subject: "Hi {{firstName}}", bodyHtml: "<p>How is {{company}}?</p>" }]

beforeAll(async () => {
  writeFileSync(join(folder, "steps.json"), JSON.stringify(steps))
  const text = listOf({ rows, seed: seed >>> 0, as: "hubspot" })
  await pipeline(Readable.from(text), createWriteStream(list))
}, 600_000)

const done = async (ended: Promise<Ended>): Promise<string> => {
  const { err, exitCode, out } = await ended
  expect([exitCode, err]).toEqual([0, ""])
  return out.trim()
}

/** A file with a running campaign and a suppression list. */
const newStore = async (db: string): Promise<string> => {
  const id = await done(
    running(folder, ["--db", db, "campaign", "create", "Spring", "--steps", "steps.json"])
  )
  writeFileSync(join(folder, "first.csv"), "email\nfirst@example.com\n")
  await done(running(folder, ["--db", db, "leads", "import", "first.csv", "-c", id]))
  await done(running(folder, ["--db", db, "campaign", "start", id]))
  await done(running(folder, ["--db", db, "suppress", "add", ...suppressed]))
  return id
}

const importing = (db: string, id: string): ReadonlyArray<string> => [
  ...["--db", db, "leads", "import", list, "-c", id, "--json", "--failed", join(folder, `${db}.failed.csv`)]
]

/** The export, times aside. */
const exported = async (db: string, id: string): Promise<string> => {
  const path = join(folder, `${db}.csv`)
  await done(running(folder, ["--db", db, "leads", "export", "-c", id, "-o", path]))
  return readFileSync(path, "utf8").replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "TIME")
}

const landedIn = (db: string): number => {
  const store = new Database(join(folder, db), { readonly: true })
  try {
    return Number(store.prepare("SELECT enrolled FROM campaign").pluck().get())
  } finally {
    store.close()
  }
}

let quiet = ""
/** What another reader counts, without any of the code that imports. */
let counted: Promise<Omit<Count, "emails">> | undefined
const expectedCounts = () => {
  counted ??= countFile(list, { suppressed }).then(({ emails: _, ...counts }) => counts)
  return counted
}

describe(`a list of ${rows} rows`, () => {
  it("IM-1, IM-2: is imported in flat memory, and counted as another reader counts it", async () => {
    const id = await newStore("quiet.db")
    const { err, exitCode, out, peak } = await running(folder, importing("quiet.db", id))
    expect([exitCode, err.replace(/^ *\d+% .*\n/gm, "")]).toEqual([3, ""])
    const expected = await expectedCounts()
    expect(JSON.parse(out)).toMatchObject({
      ...expected,
      complete: true,
      totalInCampaign: expected.enrolled + 1
    })
    expect(peak).toBeGreaterThan(0)
    expect(peak).toBeLessThan(memory)
    console.log(`${rows} rows: ${JSON.stringify(expected)}, peak ${Math.round((peak ?? 0) / 1e6)} MB`)
    quiet = await exported("quiet.db", id)
  })

  it("IM-4: has its failed rows in a file, as many as failed, and each fails again as it is", async () => {
    const id = await newStore("failed.db")
    const argv = importing("failed.db", id).map((arg) =>
      arg === list ? join(folder, "quiet.db.failed.csv") : arg
    )
    const { exitCode, out } = await running(folder, argv)
    const { failed } = await expectedCounts()
    expect([exitCode, JSON.parse(out)]).toEqual([3, expect.objectContaining({ rows: failed, failed })])
  })

  it(`IM-1: killed ${kills} times and run again, exports what one quiet run does, byte for byte`, async () => {
    const id = await newStore("killed.db")
    const shares = fc.sample(fc.nat({ max: 95 }), { seed, numRuns: kills }).toSorted((a, b) => a - b)
    const places = new Set<number>()
    for (const share of shares) {
      const { child, ended } = starting(folder, importing("killed.db", id))
      child.stdin.end()
      const goal = Math.max(2, (share / 100) * rows * 0.9)
      while (landedIn("killed.db") < goal && child.exitCode === null) await sleep(5)
      child.kill("SIGKILL")
      const { exitCode } = await ended
      expect(exitCode).toBeNull()
      places.add(landedIn("killed.db"))
    }
    const { exitCode } = await running(folder, importing("killed.db", id))
    expect(exitCode).toBe(3)
    expect((await exported("killed.db", id)) === quiet, "the export is that of the quiet run").toBe(true)
    console.log(`killed with ${[...places].join(", ")} enrolled`)
  })

  it("IM-3: stops between two batches when it is told to, says how to go on, and goes on", async () => {
    const id = await newStore("stopped.db")
    const { child, ended } = starting(folder, importing("stopped.db", id))
    child.stdin.end()
    while (landedIn("stopped.db") < rows / 10) await sleep(5)
    child.kill("SIGINT")
    const { exitCode, out } = await ended
    const first = JSON.parse(out)
    expect([exitCode, first.complete, first.next % 1_000]).toEqual([130, false, 0])
    expect(landedIn("stopped.db")).toBe(first.totalInCampaign)
    const rest = [
      "--db",
      "stopped.db",
      "leads",
      "import",
      list,
      "-c",
      id,
      "--json",
      "--from",
      String(first.next)
    ]
    const second = JSON.parse((await running(folder, rest)).out)
    const expected = await expectedCounts()
    for (const count of ["rows", "enrolled", "updated", "skipped", "failed"] as const)
      expect(first[count] + second[count], count).toBe(expected[count])
    expect((await exported("stopped.db", id)) === quiet, "the export is that of the quiet run").toBe(true)
  })
})

/** The permissions of the files that a process has open, by a part of their paths. Linux only. */
const openModes = (pid: number | undefined, part: string): ReadonlyArray<number> => {
  const fds = `/proc/${pid}/fd`
  if (!existsSync(fds)) return []
  return readdirSync(fds)
    .map((fd) => join(fds, fd))
    .filter((fd) => readlinkSync(fd).includes(part))
    .map((fd) => statSync(fd).mode & 0o777)
}

describe("pipes", () => {
  it("ends quietly when nobody reads on", async () => {
    const { child, ended } = starting(folder, ["--db", "quiet.db", "suppress", "list"])
    child.stdout.destroy()
    const { err, exitCode } = await ended
    expect([exitCode, err]).toEqual([0, ""])
  })

  it("IM-3: goes on with an import when nobody listens to its news, and leaves no copy after a dry run", async () => {
    const id = await newStore("unheard.db")
    const temp = mkdtempSync(join(tmpdir(), "leadterra-unheard-"))
    for (const dry of [["--dry-run"], []]) {
      const { child, ended } = starting(folder, [...importing("unheard.db", id), ...dry], { TMPDIR: temp })
      child.stderr.destroy()
      child.stdout.destroy()
      const { exitCode } = await ended
      expect(exitCode).toBe(3)
      expect(readdirSync(temp)).toEqual([])
    }
    expect(landedIn("unheard.db")).toBe((await expectedCounts()).enrolled + 1)
    rmSync(temp, { recursive: true })
  })

  it("leaves no copy when a dry run is killed", async () => {
    const id = await newStore("dry.db")
    const temp = mkdtempSync(join(tmpdir(), "leadterra-killed-"))
    const { child, ended } = starting(folder, [...importing("dry.db", id), "--dry-run"], { TMPDIR: temp })
    while (!existsSync(join(folder, "dry.db.failed.csv"))) await sleep(5)
    await sleep(200)
    const modes = openModes(child.pid, "leadterra-dry-run-")
    child.kill("SIGKILL")
    await ended
    expect([readdirSync(temp), landedIn("dry.db")]).toEqual([[], 1])
    if (existsSync("/proc/self/fd")) expect(new Set(modes)).toEqual(new Set([0o600]))
    rmSync(temp, { recursive: true })
  })

  it("does not guess whether an argument is an address or the file of that name", async () => {
    writeFileSync(join(folder, "ei@oak.example"), "fay@oak.example\n")
    const either = await running(folder, ["--db", "quiet.db", "suppress", "add", "ei@oak.example"])
    expect([either.exitCode, either.err]).toEqual([2, expect.stringContaining("write ./ei@oak.example")])
    const file = await running(folder, ["--db", "quiet.db", "suppress", "add", "./ei@oak.example"])
    expect(file.out).toMatch(/^1 suppressed/)
  })

  it("tells a disk that is full", async () => {
    if (!existsSync("/dev/full")) return
    const line = `'${process.execPath}' '${main}' --db quiet.db suppress list > /dev/full`
    const { code, seen } = await runToEnd(["sh", "-c", line], folder)
    expect([code, seen]).toEqual([6, expect.stringContaining("ENOSPC")])
  })

  it("IM-3: stops while it waits for a list that is piped in", async () => {
    const id = await newStore("piped.db")
    const { child, ended } = starting(folder, [
      "--db",
      "piped.db",
      "leads",
      "import",
      "-",
      "-c",
      id,
      "--json"
    ])
    const people = Array.from({ length: 1_000 }, (_, index) => `p${index}@example.com\n`)
    child.stdin.write(`email\n${people.join("")}`)
    while (landedIn("piped.db") < 1_000) await sleep(5)
    child.kill("SIGINT")
    const { exitCode, out } = await ended
    expect([exitCode, JSON.parse(out).rows]).toEqual([130, 1_000])
  })
})
