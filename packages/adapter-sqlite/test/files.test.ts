/** Files and disks that fail: each ends in a typed error that says what to do, and with nothing half-written. */
import { execFileSync } from "node:child_process"
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { observe } from "@leadterra/conformance"
import { Campaigns, Leads, Repository, RepositoryError, Suppression } from "@leadterra/core"
import Database from "better-sqlite3"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { asNobody } from "../../../test/asNobody.ts"
import { SqliteRepository } from "../src/index.ts"
import { repositoryOn } from "../src/repositoryOn.ts"

const workspaceId = "w"
const folder = mkdtempSync(join(tmpdir(), "leadterra-files-"))
const sound = join(folder, "sound.db")
let ref: { readonly workspaceId: string; readonly campaignId: string }

const rows = (from: number, count: number, plan: string) =>
  Array.from({ length: count }, (_, i) => ({ email: `secret${from + i}@example.com`, plan }))

const on = <A, E>(filename: string, effect: Effect.Effect<A, E, Repository>) =>
  Effect.runPromiseExit(Effect.provide(effect, SqliteRepository.layer({ filename, busyTimeoutMillis: 50 })))

/** The error of the port that an effect must end with; a defect is none. */
const errorOf = (exit: Exit.Exit<unknown, unknown>): RepositoryError => {
  const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
  if (!(error instanceof RepositoryError)) throw new Error(`no RepositoryError: ${String(error)}`)
  expect(error.message).not.toContain("secret")
  return error
}

const stateOf = async (filename: string) => {
  const exit = await on(filename, observe(workspaceId))
  if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
  return exit.value
}

beforeAll(async () => {
  const made = await on(
    sound,
    Effect.gen(function* () {
      const { id: campaignId } = yield* Campaigns.create({
        workspaceId,
        name: "c",
        steps: [{ subject: "Hi", bodyHtml: "<p>{{plan}}</p>" }]
      })
      yield* Leads.bulkUpsert({ workspaceId, campaignId, leads: rows(0, 500, "free") })
      yield* Campaigns.start({ workspaceId, campaignId })
      yield* Suppression.add({ workspaceId, entries: ["secret1@example.com"] })
      return { workspaceId, campaignId }
    })
  )
  if (Exit.isFailure(made)) throw Cause.squash(made.cause)
  ref = made.value
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("a file that may not be written", () => {
  const placed = (mode: number, folderMode: number): string => {
    const place = mkdtempSync(join(tmpdir(), "leadterra-readonly-"))
    onTestFinished(() => rmSync(place, { recursive: true, force: true }))
    const filename = join(place, "store.db")
    copyFileSync(sound, filename)
    chmodSync(filename, mode)
    chmodSync(place, folderMode)
    return filename
  }

  it.each([
    [
      "in a folder that may not be written",
      0o444,
      0o555,
      "make both writable|its folder exists and is writable"
    ],
    ["in a folder that may be written", 0o444, 0o777, "make both writable"],
    ["nor read", 0o000, 0o777, "readable and writable|its folder exists and is writable"]
  ])("UP-6: %s takes no change, and is left as it was", async (_, mode, folderMode, advice) => {
    const filename = placed(mode, folderMode)
    const before = readFileSync(filename)
    const error = await asNobody(async () =>
      errorOf(await on(filename, Campaigns.create({ workspaceId, name: "new" })))
    )
    expect(error).toMatchObject({ isRetryable: false, reason: { _tag: "StoreUnavailable" } })
    expect(error.message).toMatch(new RegExp(advice))
    expect(readFileSync(filename).equals(before)).toBe(true)
  })

  it("UP-6: a folder that may not be written takes no new file", async () => {
    const place = join(placed(0o644, 0o555), "..")
    const error = await asNobody(async () =>
      errorOf(await on(join(place, "new.db"), Campaigns.list({ workspaceId })))
    )
    expect(error).toMatchObject({ operation: "open", reason: { _tag: "StoreUnavailable" } })
    expect(error.message).toContain("its folder exists and is writable")
  })

  it.each([0o600, 0o644])("UP-6: a folder of mode %o lets nobody else reach its file", async (mode) => {
    const filename = placed(0o666, mode)
    const before = readFileSync(filename)
    await asNobody(async () => {
      for (const name of [filename, join(filename, "..", "new.db")]) {
        const error = errorOf(await on(name, Campaigns.list({ workspaceId })))
        expect(error).toMatchObject({ operation: "open", reason: { _tag: "StoreUnavailable" } })
        expect(error.message).toContain("let this process search the folders of its path")
      }
    })
    expect(readFileSync(filename).equals(before)).toBe(true)
  })
})

describe("a folder that is renamed or shut while the store is open", () => {
  it.each<readonly [string, (place: string) => void, string]>([
    ["renamed", (place) => renameSync(place, `${place}-renamed`), "check that its folder exists"],
    ["shut", (place) => chmodSync(place, 0o000), "let this process search the folders of its path"]
  ])("ER-1: %s, an erasure says what to do", async (_, change, advice) => {
    const error = await asNobody(async () => {
      const place = mkdtempSync(join(tmpdir(), "leadterra-folder-"))
      onTestFinished(() => {
        for (const made of [place, `${place}-renamed`]) rmSync(made, { recursive: true, force: true })
      })
      const erase = Effect.gen(function* () {
        const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c" })
        yield* Leads.bulkUpsert({ workspaceId, campaignId, leads: rows(0, 1, "free") })
        change(place)
        yield* Leads.erase({ workspaceId, emails: ["secret0@example.com"] })
      })
      return errorOf(await on(join(place, "store.db"), erase))
    })
    expect(error).toMatchObject({ operation: "decide", reason: { _tag: "StoreUnavailable" } })
    expect(error.message).toContain(advice)
  })
})

interface SmallStore {
  readonly layer: Layer.Layer<Repository, RepositoryError>
  readonly makeRoom: () => void
}

/** A store that soon is full: on a small disk where the machine lets us mount one, else by a limit that SQLite keeps. */
const smallStore = (): SmallStore => {
  const place = mkdtempSync(join(tmpdir(), "leadterra-disk-"))
  const filename = join(place, "store.db")
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", place], { stdio: "ignore" })
  } catch {
    copyFileSync(sound, filename)
    const db = new Database(filename)
    db.pragma("max_page_count = 200")
    onTestFinished(() => {
      db.close()
      rmSync(place, { recursive: true })
    })
    return {
      layer: Layer.succeed(Repository, repositoryOn(db)),
      makeRoom: () => void db.pragma("max_page_count = 20000")
    }
  }
  onTestFinished(() => {
    execFileSync("umount", ["--lazy", place])
    rmSync(place, { recursive: true })
  })
  copyFileSync(sound, filename)
  const ballast = join(place, "ballast")
  writeFileSync(ballast, Buffer.alloc(1_500_000))
  return { layer: SqliteRepository.layer({ filename }), makeRoom: () => rmSync(ballast) }
}

describe("a disk that fills up", () => {
  it("UP-6: refuses the batch that no longer fits, whole, and takes it when there is room again", async () => {
    const { layer, makeRoom } = smallStore()
    const upsert = (from: number) => Leads.bulkUpsert({ ...ref, leads: rows(from, 500, "x".repeat(100)) })
    const filling = Effect.gen(function* () {
      for (let from = 500; ; from += 500) {
        const before = yield* observe(workspaceId)
        const exit = yield* Effect.exit(upsert(from))
        if (Exit.isSuccess(exit)) continue
        expect(yield* observe(workspaceId)).toEqual(before)
        makeRoom()
        return { error: errorOf(exit), report: yield* upsert(from) }
      }
    })
    const { error, report } = await Effect.runPromise(Effect.provide(filling, layer))
    expect(error).toMatchObject({ operation: "decide", reason: { _tag: "StoreUnavailable" } })
    expect(error.message).toMatch(/free some space|free space/)
    expect(report).toMatchObject({ enrolled: 500, failed: 0 })
  })
})

describe("a damaged file", () => {
  const operations: ReadonlyArray<() => Effect.Effect<unknown, unknown, Repository>> = [
    () => Leads.bulkUpsert({ ...ref, leads: rows(250, 500, "pro") }),
    () => Leads.list({ ...ref, limit: 1_000 }),
    () => Campaigns.get(ref),
    () => Suppression.add({ workspaceId, entries: ["@example.com"] })
  ]

  it("UP-6: with any one page overwritten, a call gives its answer or says that the file is damaged", async () => {
    const bytes = readFileSync(sound)
    const pageSize = bytes.readUInt16BE(16)
    const filename = join(folder, "damaged.db")
    let damages = 0
    for (let page = 0; page < bytes.length / pageSize; page++) {
      for (const operation of operations) {
        const damaged = Buffer.from(bytes)
        // The first page begins with the header of the file.
        damaged.fill(0xa5, page === 0 ? 100 : page * pageSize, (page + 1) * pageSize)
        for (const end of ["-wal", "-shm"]) rmSync(filename + end, { force: true })
        writeFileSync(filename, damaged)
        const exit = await on(filename, operation())
        if (Exit.isSuccess(exit)) continue
        damages++
        const error = errorOf(exit)
        expect(error, `page ${page}`).toMatchObject({
          isRetryable: false,
          reason: { _tag: "StoreUnavailable" }
        })
        expect(error.message, `page ${page}`).toContain("restore it from a backup")
      }
    }
    expect(damages).toBeGreaterThan(10)
  })

  it("UP-6: a file that is cut short is damaged, or no database at all", async () => {
    const bytes = readFileSync(sound)
    const filename = join(folder, "short.db")
    for (const length of [1, 50, 99, 100, 1_000, 4_096, 5_000, Math.trunc(bytes.length / 2)]) {
      writeFileSync(filename, bytes.subarray(0, length))
      const exit = await on(filename, Leads.list({ ...ref, limit: 1_000 }))
      expect(errorOf(exit).message, `${length} bytes`).toMatch(
        /restore it from a backup|not a SQLite database|belongs to another program/
      )
      expect(readFileSync(filename).equals(bytes.subarray(0, length)), `${length} bytes`).toBe(true)
    }
  })
})

describe("another process that does not let go", () => {
  it("UP-6: keeps a file from being opened for as long as the wait allows, and then from nothing", async () => {
    const filename = join(folder, "locked.db")
    copyFileSync(sound, filename)
    const holder = new Database(filename)
    holder.pragma("locking_mode = EXCLUSIVE")
    holder.exec("BEGIN EXCLUSIVE; CREATE TABLE held (id); ROLLBACK")
    const error = errorOf(await on(filename, Campaigns.list({ workspaceId })))
    expect(error).toMatchObject({ operation: "open", isRetryable: true, reason: { _tag: "StoreBusy" } })
    holder.close()
    expect(await stateOf(filename)).toEqual(await stateOf(sound))
  })
})
