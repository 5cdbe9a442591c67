import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { open } from "@leadterra/core/promise"
import Database from "better-sqlite3"
import { afterAll, describe, expect, it } from "vitest"
import { Checkpointer } from "../src/Checkpointer.ts"
import { SqliteRepository } from "../src/index.ts"
import { openDatabase } from "../src/openDatabase.ts"

const folder = mkdtempSync(join(tmpdir(), "leadterra-checkpoints-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
const newFile = (): string => join(folder, `${files++}.db`)

const batch = (from: number) =>
  Array.from({ length: 500 }, (_, index) => ({ email: `lead${from + index}@example.com`, company: "Acme" }))

/** Enrols 20,000 leads, and looks at what is there after each batch. */
const enrolled = async (options: SqliteRepository.SqliteOptions, look: () => void) => {
  const engine = await open(SqliteRepository.layer(options))
  const workspaceId = "w"
  const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "c" })
  for (let from = 0; from < 20_000; from += 500) {
    await engine.leads.bulkUpsert({ workspaceId, campaignId, leads: batch(from) })
    look()
    await sleep(1)
  }
  const { totalEnrolled } = await engine.campaigns.stats({ workspaceId, campaignId })
  return { engine, totalEnrolled }
}

/** In pages of 4,096 bytes. */
const logOf = (filename: string): number => statSync(`${filename}-wal`).size / 4_096

describe("the write-ahead log", () => {
  it("is moved into the file by a thread while calls go on, and stays short", async () => {
    const filename = newFile()
    const limit = 4 * 400
    let longest = 0
    const { engine, totalEnrolled } = await enrolled({ filename, walAutocheckpoint: 400 }, () => {
      longest = Math.max(longest, logOf(filename))
    })
    // 20,000 leads write some 8,000 pages.
    expect(longest).toBeGreaterThan(400)
    expect(longest).toBeLessThan(2 * limit)
    expect(totalEnrolled).toBe(20_000)
    await engine.close()
    expect(existsSync(`${filename}-wal`), "closing moves what is left").toBe(false)
  })

  it("is left to commits where no thread is wanted", async () => {
    const filename = newFile()
    const { engine, totalEnrolled } = await enrolled(
      { filename, walAutocheckpoint: 400, checkpointThread: false },
      () => expect(logOf(filename)).toBeLessThan(2 * 400)
    )
    expect(totalEnrolled).toBe(20_000)
    await engine.close()
  })

  // FAULTS 57
  it("is cut to its usual length after a burst, while the store is open", async () => {
    const filename = newFile()
    const engine = await open(
      SqliteRepository.layer({ filename, walAutocheckpoint: 50, checkpointThread: false })
    )
    const { id: campaignId } = await engine.campaigns.create({ workspaceId: "w", name: "c" })
    const enrol = (from: number) =>
      engine.leads.bulkUpsert({ workspaceId: "w", campaignId, leads: batch(from) })
    const reader = new Database(filename, { readonly: true })
    reader.exec("BEGIN")
    reader.prepare("SELECT count(*) FROM lead").get()
    for (let from = 0; from < 5_000; from += 500) await enrol(from)
    expect(logOf(filename)).toBeGreaterThan(250)
    reader.close()
    // One commit moves the log into the file, and the next one begins it anew.
    for (let commit = 0; commit < 2; commit++) await engine.campaigns.create({ workspaceId: "w", name: "c" })
    expect(logOf(filename)).toBeLessThan(100)
    await engine.close()
  })

  it("is left to commits when the thread cannot start", async () => {
    const { db } = openDatabase({ filename: newFile(), checkpointThread: false })
    const checkpointer = new Checkpointer(db, join(folder, "nowhere", "store.db"), 10)
    expect(db.pragma("wal_autocheckpoint", { simple: true })).toBe(40)
    db.exec("CREATE TABLE filler (page TEXT)")
    // The log then holds one commit of some 20 pages: more than 10, and less than 40.
    db.pragma("wal_checkpoint(TRUNCATE)")
    const fill = db.prepare("INSERT INTO filler VALUES (?)")
    db.transaction(() => {
      for (let pages = 0; pages < 20; pages++) fill.run("x".repeat(4_000))
    })()
    checkpointer.afterCommit()
    await expect.poll(() => db.pragma("wal_autocheckpoint", { simple: true }), { timeout: 20_000 }).toBe(10)
    expect(checkpointer.stop()).toBeUndefined()
    db.close()
  })

  it("ER-1: is emptied by an erasure while the thread is at it", async () => {
    const filename = newFile()
    const { engine } = await enrolled({ filename, walAutocheckpoint: 50 }, () => {})
    await engine.leads.bulkUpsert({
      workspaceId: "w",
      campaignId: (await engine.campaigns.list({ workspaceId: "w" })).items[0]?.id ?? "",
      leads: batch(20_000)
    })
    await engine.leads.erase({ workspaceId: "w", emails: ["lead7@example.com"] })
    expect(logOf(filename)).toBe(0)
    await engine.close()
  })
})

describe("a process that closes nothing", () => {
  it("ends when it is done, whatever the thread is at", async () => {
    const filename = newFile()
    const child = spawn(process.execPath, [
      join(import.meta.dirname, "processes", "neverCloses.ts"),
      filename
    ])
    const started = performance.now()
    const ended = once(child, "exit")
    const timer = setTimeout(() => child.kill("SIGKILL"), 60_000)
    const [code, signal] = await ended
    clearTimeout(timer)
    expect([code, signal]).toEqual([0, null])
    expect(performance.now() - started).toBeLessThan(60_000)
  })
})

describe("a process that may start no thread", () => {
  it("ER-1: cleans the file on its own one", async () => {
    const filename = newFile()
    const { engine } = await enrolled({ filename }, () => {})
    await engine.close()
    const folders = ["--allow-fs-read=*", "--allow-fs-write=*"]
    const eraser = join(import.meta.dirname, "processes", "eraser.ts")
    const options = ["--permission", "--allow-addons", ...folders, eraser, filename, "0", "5"]
    const child = spawn(process.execPath, options, { stdio: ["ignore", "inherit", "ignore"] })
    expect((await once(child, "exit"))[0]).toBe(0)
    const bytes = readFileSync(filename)
    expect(bytes.includes("lead3@example.com")).toBe(false)
    expect(bytes.includes("lead5@example.com")).toBe(true)
  })
})

describe("two processes that erase", () => {
  it("ER-1: wait for each other, as long as they may", async () => {
    const filename = newFile()
    const engine = await open(SqliteRepository.layer({ filename }))
    const { id: campaignId } = await engine.campaigns.create({ workspaceId: "w", name: "c" })
    await engine.leads.bulkUpsert({ workspaceId: "w", campaignId, leads: batch(0) })
    await engine.close()
    const erasers = ["0", "100"].map((from) =>
      spawn(process.execPath, [join(import.meta.dirname, "processes", "eraser.ts"), filename, from], {
        stdio: ["ignore", "inherit", "inherit"]
      })
    )
    const codes = await Promise.all(erasers.map(async (child) => (await once(child, "exit"))[0]))
    expect(codes).toEqual([0, 0])
  })
})
