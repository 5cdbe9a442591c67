import { createHash } from "node:crypto"
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import { Campaigns, type RepositoryError } from "@leadterra/core"
import { open as openEngine } from "@leadterra/core/promise"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { SqliteRepository } from "../src/index.ts"
import { migrate } from "../src/migrate.ts"
import { applicationId, migrations } from "../src/migrations.ts"
import { openDatabase } from "../src/openDatabase.ts"
import type { SqliteOptions } from "../src/SqliteOptions.ts"
import { schemaVersion } from "../src/schemaVersion.ts"

const folder = mkdtempSync(join(tmpdir(), "leadterra-sqlite-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
const newFile = (): string => join(folder, `${files++}.db`)
const hashOf = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex")

const open = (options: SqliteRepository.SqliteOptions): Promise<void> =>
  Effect.runPromise(Effect.asVoid(Effect.scoped(SqliteRepository.make(options))))

const refusal = (options: SqliteRepository.SqliteOptions): Promise<RepositoryError> =>
  Effect.runPromise(Effect.flip(Effect.scoped(SqliteRepository.make(options))))

const inspect = <A>(file: string, look: (db: Database.Database) => A): A => {
  const db = new Database(file)
  try {
    return look(db)
  } finally {
    db.close()
  }
}

describe("opening a file", () => {
  it.each<readonly [object | null | undefined, string]>([
    [{ filename: "" }, "filename must name a file, or be :memory:"],
    [{ filename: "a\0b" }, "filename must name a file, or be :memory:"],
    [{}, "filename must be a text: name a file, or :memory:"],
    [{ filename: {} }, "filename must be a text: name a file, or :memory:"],
    [{ filename: 5 }, "filename must be a text: name a file, or :memory:"],
    [{ filename: null }, "filename must be a text: name a file, or :memory:"],
    [{ filename: Symbol("a") }, "filename must be a text: name a file, or :memory:"],
    [{ filename: Buffer.from("a.db") }, "filename must be a text: name a file, or :memory:"],
    [undefined, "the options are missing: give at least a filename"],
    [null, "the options are missing: give at least a filename"],
    [
      { filename: ":memory:", checkpointThread: "false" },
      "checkpointThread must be true or false, not a text"
    ],
    [{ filename: ":memory:", checkpointThread: 0 }, "checkpointThread must be true or false, not a text"],
    [
      { filename: ":memory:", busyTimeoutMillis: -1 },
      "busyTimeoutMillis must be an integer from 0 to 2147483647"
    ],
    [
      { filename: ":memory:", walAutocheckpoint: 0.5 },
      "walAutocheckpoint must be an integer from 0 to 2147483647"
    ],
    [{ filename: ":memory:", synchronous: "off" }, 'synchronous must be "normal" or "full"']
  ])("UP-6: the options %o are refused by name", async (options, why) => {
    const layer = SqliteRepository.layer(options as SqliteOptions)
    const error = await Effect.runPromise(
      Effect.flip(Effect.provide(Campaigns.list({ workspaceId: "w" }), layer))
    )
    expect(error).toMatchObject({ _tag: "RepositoryError", reason: { _tag: "StoreUnavailable", why } })
  })

  it("makes a new file ours, with every migration applied and in write-ahead mode", async () => {
    const filename = newFile()
    await open({ filename })
    expect(
      inspect(filename, (db) => [
        db.pragma("application_id", { simple: true }),
        db.pragma("user_version", { simple: true }),
        db.pragma("journal_mode", { simple: true })
      ])
    ).toEqual([applicationId, schemaVersion, "wal"])
  })

  // FAULTS 57
  it("makes files that their owner alone can read, and keeps the mode of a file that exists", async () => {
    const modesOf = async (filename: string) => {
      const engine = await openEngine(SqliteRepository.layer({ filename }))
      await engine.campaigns.create({ workspaceId: "w", name: "c" })
      const modes = ["", "-wal", "-shm"].map((part) => statSync(filename + part).mode & 0o777)
      await engine.close()
      return modes
    }
    const before = process.umask(0o022)
    onTestFinished(() => void process.umask(before))
    expect(await modesOf(newFile())).toEqual([0o600, 0o600, 0o600])
    const shared = newFile()
    writeFileSync(shared, "")
    chmodSync(shared, 0o664)
    expect(await modesOf(shared)).toEqual([0o664, 0o664, 0o664])
  })

  it("opens a file again and finds what was stored", async () => {
    const filename = newFile()
    const layer = SqliteRepository.layer({ filename })
    const created = await Effect.runPromise(
      Effect.provide(Campaigns.create({ workspaceId: "w", name: "kept" }), layer)
    )
    const { items } = await Effect.runPromise(Effect.provide(Campaigns.list({ workspaceId: "w" }), layer))
    expect(items.map(({ id, name }) => ({ id, name }))).toEqual([{ id: created.id, name: "kept" }])
  })

  it("finds what was stored when the process was killed before a checkpoint", async () => {
    const filename = newFile()
    const copy = newFile()
    await Effect.runPromise(
      Effect.gen(function* () {
        yield* Campaigns.create({ workspaceId: "w", name: "kept" })
        for (const end of ["", "-wal"]) writeFileSync(copy + end, readFileSync(filename + end))
      }).pipe(Effect.provide(SqliteRepository.layer({ filename })))
    )
    const { items } = await Effect.runPromise(
      Effect.provide(Campaigns.list({ workspaceId: "w" }), SqliteRepository.layer({ filename: copy }))
    )
    expect(items).toHaveLength(1)
  })

  it("keeps a store in memory apart from every other", async () => {
    const layer = SqliteRepository.layer({ filename: ":memory:" })
    await Effect.runPromise(Effect.provide(Campaigns.create({ workspaceId: "w", name: "gone" }), layer))
    const { items } = await Effect.runPromise(Effect.provide(Campaigns.list({ workspaceId: "w" }), layer))
    expect(items).toEqual([])
  })

  it.each([
    [{}, { synchronous: 1, busy_timeout: 5_000, wal_autocheckpoint: 64_000 }],
    [{ checkpointThread: false }, { wal_autocheckpoint: 16_000 }],
    [{ walAutocheckpoint: 0 }, { wal_autocheckpoint: 0 }],
    [{ synchronous: "normal" }, { synchronous: 1 }],
    [{ synchronous: "full" }, { synchronous: 2 }],
    [
      { busyTimeoutMillis: 70, walAutocheckpoint: 300, checkpointThread: false },
      { busy_timeout: 70, wal_autocheckpoint: 300 }
    ]
  ] as const)("opens by the options %j with the settings %j", (options, settings) => {
    const { db } = openDatabase({ filename: newFile(), ...options })
    for (const [name, value] of Object.entries({ foreign_keys: 1, journal_mode: "wal", ...settings })) {
      expect(db.pragma(name, { simple: true }), name).toBe(value)
    }
    db.close()
  })

  it("lets several threads open a new file at once", async () => {
    const filename = newFile()
    const script = fileURLToPath(new URL("./openWorker.ts", import.meta.url))
    const outcomes = await Promise.all(
      Array.from(
        { length: 6 },
        () =>
          new Promise((resolve, reject) => {
            new Worker(script, { workerData: filename }).on("message", resolve).on("error", reject)
          })
      )
    )
    expect(outcomes).toEqual(Array.from({ length: 6 }, () => "opened"))
  })
})

describe("updating a file", () => {
  const next = [...migrations, "ALTER TABLE campaign ADD COLUMN note TEXT"]
  const failing = "CREATE TABLE more (id INTEGER); INSERT INTO more VALUES (no_such_column);"

  const withCampaign = async (): Promise<string> => {
    const filename = newFile()
    const layer = SqliteRepository.layer({ filename })
    await Effect.runPromise(Effect.provide(Campaigns.create({ workspaceId: "w", name: "kept" }), layer))
    return filename
  }

  it("applies each added migration once, keeps what the file holds, and is refused by the version before", async () => {
    const filename = await withCampaign()
    const found = inspect(filename, (db) => {
      migrate(db, next)
      migrate(db, next)
      return [
        db.pragma("user_version", { simple: true }),
        db.prepare("SELECT name, note FROM campaign").all()
      ]
    })
    expect(found).toEqual([schemaVersion + 1, [{ name: "kept", note: null }]])
    expect((await refusal({ filename })).message).toContain("newer version")
  })

  it("rolls back a migration that fails, and the file opens as before", async () => {
    const filename = await withCampaign()
    const before = hashOf(filename)
    inspect(filename, (db) =>
      expect(() => migrate(db, [...next, failing])).toThrow("no such column: no_such_column")
    )
    expect(hashOf(filename)).toBe(before)
    await open({ filename })
  })

  it("leaves a new file empty when its first migration fails, and the next opening makes it ours", async () => {
    const filename = newFile()
    inspect(filename, (db) => {
      expect(() => migrate(db, [`${migrations[0]} ${failing}`])).toThrow("no such column: no_such_column")
      expect(db.prepare("SELECT name FROM sqlite_schema").all()).toEqual([])
    })
    await open({ filename })
    expect(inspect(filename, (db) => db.pragma("user_version", { simple: true }))).toBe(schemaVersion)
  })
})

describe("refusing a file", () => {
  const foreign = (journal: "DELETE" | "WAL", setUp: string): string => {
    const filename = newFile()
    inspect(filename, (db) => {
      db.pragma(`journal_mode = ${journal}`)
      db.exec(setUp)
    })
    return filename
  }

  it.each([
    ["tables of its own", "DELETE", "CREATE TABLE lead (id)"],
    ["tables of its own in write-ahead mode", "WAL", "CREATE TABLE lead (id)"],
    ["an application id", "DELETE", "PRAGMA application_id = 77"],
    ["a user version", "DELETE", "PRAGMA user_version = 1"]
  ] as const)(
    "refuses a file of another program with %s, by name, and changes no byte of it",
    async (_, journal, sql) => {
      const filename = foreign(journal, sql)
      const before = hashOf(filename)
      const error = await refusal({ filename })
      expect(error.reason._tag).toBe("StoreRefused")
      expect(error.message).toContain("belongs to another program")
      expect(hashOf(filename)).toBe(before)
    }
  )

  it("leaves alone the write-ahead log that another program's crash has left", async () => {
    const filename = newFile()
    const crashed = newFile()
    inspect(filename, (db) => {
      db.pragma("journal_mode = WAL")
      db.exec("CREATE TABLE theirs (id)")
      for (const end of ["", "-wal"]) writeFileSync(crashed + end, readFileSync(filename + end))
    })
    const before = [hashOf(crashed), hashOf(`${crashed}-wal`)]
    expect((await refusal({ filename: crashed })).message).toContain("belongs to another program")
    expect([hashOf(crashed), hashOf(`${crashed}-wal`)]).toEqual(before)
  })

  it("refuses a file of a newer version, by name, and changes no byte of it", async () => {
    const filename = newFile()
    await open({ filename })
    inspect(filename, (db) => db.pragma(`user_version = ${schemaVersion + 1}`))
    const before = hashOf(filename)
    const error = await refusal({ filename })
    expect(error.reason._tag).toBe("StoreRefused")
    expect(error.message).toContain("newer version")
    expect(hashOf(filename)).toBe(before)
  })

  it.each([1, 9, 99])(
    "refuses a file of schema %i, from before the first release, by name, and changes no byte of it",
    async (version) => {
      const setUp = `CREATE TABLE lead (id); PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}`
      const filename = foreign("WAL", setUp)
      const before = hashOf(filename)
      const error = await refusal({ filename })
      expect(error.reason._tag).toBe("StoreRefused")
      expect(error.message).toContain(`from before the first release (${version})`)
      expect(error.message).toContain("name a new file")
      expect(hashOf(filename)).toBe(before)
    }
  )

  it.each([
    ["a short text", "hello"],
    ["a long one", "no database ".repeat(1_000)]
  ])("refuses a file that is no database, %s, and changes no byte of it", async (_, text) => {
    const filename = newFile()
    writeFileSync(filename, text)
    const error = await refusal({ filename })
    expect(error.reason._tag).toBe("StoreRefused")
    expect(error.message).toContain("not a SQLite database")
    expect(readFileSync(filename, "utf8")).toBe(text)
  })

  it.each([
    ["in a folder that is missing", join(folder, "missing", "a.db")],
    ["that is a folder", folder],
    ["without a name", " "]
  ])("says that a file %s cannot be opened", async (_, filename) => {
    const error = await refusal({ filename })
    expect(error.reason._tag).toBe("StoreUnavailable")
    expect(error.isRetryable).toBe(false)
  })

  it("creates no file for a name that is no text", async () => {
    const before = process.cwd()
    const place = mkdtempSync(join(folder, "empty-"))
    process.chdir(place)
    onTestFinished(() => process.chdir(before))
    for (const filename of [{}, 5, ["a.db"]]) await refusal(Object({ filename }))
    expect(readdirSync(place)).toEqual([])
  })

  const loop = join(folder, "loop.db")
  symlinkSync(loop, loop)

  it.each([
    ["a path that is a loop of links", loop, /links of its path lead in a circle: name the file itself/],
    ["a folder that is a loop of links", join(loop, "a.db"), /links of its path lead in a circle/],
    ["a name of 5,000 characters", join(folder, "n".repeat(5_000)), /name is too long: give a shorter one/]
  ])("UP-6: says what to do about %s", async (_, filename, why) => {
    const { isRetryable, reason } = await refusal({ filename })
    expect(reason._tag).toBe("StoreUnavailable")
    expect(reason.advice).toMatch(why)
    expect(isRetryable).toBe(false)
  })
})
