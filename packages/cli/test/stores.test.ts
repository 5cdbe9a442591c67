/** Stores that cannot be used, or that a command must not make. */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { runToEnd } from "../../../scripts/run.ts"
import { main, starting } from "./process.ts"
import { scene } from "./terminal.ts"

const folder = mkdtempSync(join(tmpdir(), "leadterra-stores-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("a url that is no store", () => {
  it.each([
    ["mysql://bob:s3cret@h/db", "mysql:"],
    ["MYSQL:/bob:s3cret@h/db", "MYSQL:"],
    ["bob:s3cret@h/db", "bob:"],
    ["//bob:s3cret@h/db", "another url"],
    ["https://h/db?password=s3cret", "https:"]
  ])("is refused without the password that it may hold: %s", async (db, named) => {
    const { command } = scene()
    for (const argv of [
      ["campaign", "list"],
      ["campaign", "create", "x"],
      ["campaign", "list", "--json"]
    ]) {
      const { err, exitCode, out } = await command(["--db", db, ...argv])
      expect([exitCode, out, err]).toEqual([2, "", expect.stringContaining(`and not ${named}`)])
      expect(err).not.toContain("s3cret")
    }
  })

  it("is one of a server in letters of any case", async () => {
    const { command } = scene()
    const { err, exitCode } = await command([
      "--db",
      "POSTGRES://bob:s3cret@127.0.0.1:1/db",
      "campaign",
      "list"
    ])
    expect([exitCode, err]).toEqual([4, expect.stringContaining("cannot be reached")])
    expect(err).not.toContain("s3cret")
  })
})

it("a store in memory is refused where no other command would see it", async () => {
  const { command } = scene()
  for (const argv of [
    ["campaign", "create", "x"],
    ["suppress", "add", "a@x.com"],
    ["keys", "create"]
  ]) {
    const { err, exitCode, out } = await command(["--db", ":memory:", ...argv])
    expect([exitCode, out, err]).toEqual([2, "", expect.stringContaining("ends with this command")])
  }
})

it("SQ-9: a start without leads or without steps names the command that adds them", async () => {
  const { campaign, command, put } = scene()
  const empty = await campaign()
  expect((await command(["campaign", "start", empty])).err).toContain("by leadterra leads import")
  const bare = await campaign([])
  put("list.csv", "email\nava@acmecorp.com\n")
  await command(["leads", "import", "list.csv", "-c", bare])
  expect((await command(["campaign", "start", bare])).err).toContain("by leadterra campaign steps")
})

describe("a dry run on a bad store", () => {
  const text = "this is no database, and more than a hundred bytes long, as a header is ".repeat(3)

  it.each([
    ["text", (db: string) => writeFileSync(db, text), "not a SQLite database"],
    ["a short text", (db: string) => writeFileSync(db, "x"), "not a SQLite database"],
    ["a folder", (db: string) => void mkdirSync(db), "is a folder"],
    ["a damaged file", (db: string) => damage(db), "the file is damaged"]
  ])("IM-4: says what is wrong with it, and not with the copy: %s", async (_, make, words) => {
    const { campaign, command, folder, put } = scene()
    await campaign()
    put("list.csv", "email\nava@acmecorp.com\n")
    const db = join(folder, "bad.db")
    execFileSync("cp", [join(folder, "leads.db"), db])
    if (words === "is a folder") rmSync(db)
    make(db)
    const argv = ["--db", db, "leads", "import", "list.csv", "-c", "camp_none", "-n"]
    const { err, exitCode } = await command(argv)
    expect([exitCode, err]).toEqual([4, expect.stringContaining(words)])
    expect(err).not.toContain("TMPDIR")
  })

  it.skipIf(process.platform === "win32")("IM-4: says so of a pipe, and does not wait for it", async () => {
    execFileSync("mkfifo", [join(folder, "fdb")])
    writeFileSync(join(folder, "list.csv"), "email\nava@acmecorp.com\n")
    const { child, ended } = starting(folder, [
      ...["--db", "fdb", "leads", "import", "list.csv", "-c", "x", "-n"]
    ])
    const guard = setTimeout(() => child.kill("SIGKILL"), 15_000)
    const { err, exitCode } = await ended
    clearTimeout(guard)
    expect([exitCode, err]).toEqual([4, expect.stringContaining("fdb is a pipe")])
  })

  it.skipIf(process.platform === "win32")(
    "IM-4: names TMPDIR where the copy has no room, at its beginning or in its middle",
    async () => {
      const { campaign, folder, put } = scene()
      const id = await campaign()
      const rows = Array.from({ length: 6_000 }, (_, index) => `p${index}@oak.example,${"x".repeat(300)}\n`)
      put("list.csv", `email,note\n${rows.join("")}`)
      for (const blocks of [20, 1_500]) {
        const line = `ulimit -f ${blocks}; '${process.execPath}' '${main}' leads import list.csv -c ${id} -n`
        const { code, seen } = await runToEnd(["sh", "-c", line], folder, { TMPDIR: folder })
        expect([blocks, code, seen]).toEqual([
          blocks,
          6,
          expect.stringContaining("TMPDIR names another place")
        ])
        expect(readdirSync(folder).filter((name) => name.startsWith("leadterra-dry-run-"))).toEqual([])
      }
    }
  )
})

/** Cuts a store after its first page, whose header then promises more. */
const damage = (db: string): void => {
  truncateSync(db, 4_096)
}
