/** The contract of `ServerStore`, held by each adapter, and what a store on disk or on a server must survive besides. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { open } from "@leadterra/core/promise"
import Database from "better-sqlite3"
import { Pool } from "pg"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { asNobody } from "../../../test/asNobody.ts"
import { startPostgres } from "../../../test/postgres.ts"
import {
  type KeyMode,
  type KeyRecord,
  MemoryServerStore,
  type ServerStore,
  ServerStoreError,
  WorkspaceModeConflict
} from "../src/index.ts"
import { TooManySecrets } from "../src/secrets/SecretStore.ts"
import * as PostgresServerStore from "../src/stores/postgres.ts"
import * as SqliteServerStore from "../src/stores/sqlite.ts"
import { importsLaws, jobOf } from "./laws/imports.ts"
import { type Opener, webhookLaws } from "./webhookLaws.ts"

const folder = mkdtempSync(join(tmpdir(), "leadterra-server-store-"))
const server = await startPostgres()
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await server.stop()
})

let made = 0
const now = Date.UTC(2026, 4, 1)

const recordOf = (number: number, more: Partial<KeyRecord> = {}): KeyRecord => ({
  id: `key_${String(number).padStart(26, "0")}`,
  workspaceId: "acme",
  mode: "live",
  hash: String(number).padStart(64, "a"),
  hint: "wXyZ",
  createdAt: now + number,
  revokedAt: null,
  ...more
})

/** Options as a caller without types may give them. */
const untyped = (options: unknown) =>
  options === undefined ? undefined : JSON.parse(JSON.stringify(options))

/** Makes a file with the tables of the leads. */
const newFile = async (): Promise<string> => {
  const filename = join(folder, `${made++}.db`)
  await (await open(SqliteRepository.layer({ filename }))).close()
  return filename
}

const newDatabase = async (): Promise<string> => {
  const name = `server_store_${process.pid}_${made++}`
  await server.run(`CREATE DATABASE ${name}`)
  return server.url(name)
}

const poolOn = (url: string): Pool => {
  // A law opens a store for each of its runs: a server has no room for all of their connections.
  const pool = new Pool({ connectionString: url, max: 3, idleTimeoutMillis: 500 })
  pool.on("error", () => {})
  onTestFinished(() => pool.end())
  return pool
}

const closing = async (store: ServerStore): Promise<ServerStore> => {
  onTestFinished(() => store.close())
  return store
}

const stores: ReadonlyArray<readonly [name: string, newStore: () => Promise<Opener>]> = [
  [
    "memory",
    async () => {
      const store = MemoryServerStore.make()
      return async () => store
    }
  ],
  [
    "SQLite",
    async () => {
      const filename = await newFile()
      return async () => closing(await SqliteServerStore.make({ filename }))
    }
  ],
  [
    "PostgreSQL",
    async () => {
      const url = await newDatabase()
      return async () => closing(await PostgresServerStore.make({ pool: poolOn(url) }))
    }
  ]
]

describe.each(stores)("a store in %s", (_, newStore) => {
  importsLaws(newStore)
  webhookLaws(newStore)

  it("gives the keys back, by their hash and in the order of their time", async () => {
    const { keys } = await (await newStore())()
    expect(await keys.isEmpty()).toBe(true)
    const records = [
      recordOf(3),
      recordOf(1, { createdAt: now + 0.5 }),
      recordOf(2, { workspaceId: "oak", mode: "test", createdAt: now + 3 })
    ]
    for (const record of records) await keys.add(record)
    expect(await keys.isEmpty()).toBe(false)
    const [third, first, second] = records
    expect(await keys.list()).toEqual([first, second, third])
    expect(await keys.list({ workspaceId: "oak" })).toEqual([second])
    expect(await keys.list({ workspaceId: "nobody" })).toEqual([])
    expect(await keys.byHash(recordOf(3).hash)).toEqual(third)
    expect(await keys.byHash(recordOf(9).hash)).toBeUndefined()
  })

  it("revokes a key once, and keeps it", async () => {
    const { keys } = await (await newStore())()
    await keys.add(recordOf(1))
    await keys.add(recordOf(2))
    expect(await keys.revoke(recordOf(1).id, now + 7)).toBe(true)
    expect(await keys.revoke(recordOf(1).id, now + 8)).toBe(true)
    expect(await keys.revoke("key_unknown", now)).toBe(false)
    const revoked = recordOf(1, { revokedAt: now + 7 })
    expect(await keys.byHash(revoked.hash)).toEqual(revoked)
    expect(await keys.list()).toEqual([revoked, recordOf(2)])
  })

  it("refuses a key of the other mode for ever, and adds nothing", async () => {
    const { keys } = await (await newStore())()
    await keys.add(recordOf(1))
    await keys.revoke(recordOf(1).id, now)
    const added = keys.add(recordOf(2, { mode: "test" }))
    await expect(added).rejects.toBeInstanceOf(WorkspaceModeConflict)
    await expect(added).rejects.toMatchObject({ workspaceId: "acme", mode: "live" })
    expect(await keys.list()).toHaveLength(1)
    await keys.add(recordOf(2))
    await keys.add(recordOf(3, { workspaceId: "acme-test", mode: "test" }))
    expect(await keys.list()).toHaveLength(3)
  })

  it("refuses a key that it has, by id and by hash, and leaves the workspace of the other without a mode", async () => {
    const { keys } = await (await newStore())()
    await keys.add(recordOf(1))
    for (const same of [{ hash: recordOf(1).hash }, { id: recordOf(1).id }]) {
      const added = keys.add(recordOf(2, { ...same, workspaceId: "oak", mode: "test" }))
      await expect(added).rejects.toBeInstanceOf(ServerStoreError)
      await expect(added).rejects.toThrow("added before: make another one")
    }
    await keys.add(recordOf(2, { workspaceId: "oak", mode: "live" }))
  })

  it("draws 32 random bytes for each name, once for all", async () => {
    const opener = await newStore()
    const [a, b] = [await opener(), await opener()]
    const drawn = await Promise.all([a.secret("cursors"), b.secret("cursors"), a.secret("cursors")])
    for (const secret of drawn) expect(secret).toEqual(drawn[0])
    expect(drawn[0]).toBeInstanceOf(Uint8Array)
    expect(drawn[0]).toHaveLength(32)
    expect(new Set(drawn[0]).size).toBeGreaterThan(8)
    drawn[0]?.fill(0)
    expect(await a.secret("cursors")).toEqual(drawn[1])
    expect(await a.secret("webhooks")).not.toEqual(drawn[1])
  })

  it("replaces a secret, and keeps those before it for as long as it is told", async () => {
    const opener = await newStore()
    const [a, b] = [await opener(), await opener()]
    const first = await a.secret("links")
    expect(await b.secrets.all("links")).toEqual([{ secret: first, replacedAt: null }])
    await b.secrets.rotate("links", { at: now, keepSince: 0 })
    const second = await a.secret("links")
    expect(second).toHaveLength(32)
    expect(second).not.toEqual(first)
    await a.secrets.rotate("links", { at: now + 5, keepSince: now })
    const third = await b.secret("links")
    expect(await b.secrets.all("links")).toEqual([
      { secret: third, replacedAt: null },
      { secret: second, replacedAt: now + 5 },
      { secret: first, replacedAt: now }
    ])
    await b.secrets.rotate("links", { at: now + 5, keepSince: now + 1 })
    const fourth = await a.secret("links")
    expect((await a.secrets.all("links")).map(({ secret }) => secret)).toEqual([fourth, third, second])
    expect(await a.secrets.all("cursors")).toHaveLength(1)
    await a.secrets.rotate("links", { at: now + 6, keepSince: Number.POSITIVE_INFINITY })
    const [last, ...none] = await b.secrets.all("links")
    expect([last?.replacedAt, none]).toEqual([null, []])
    expect([first, second, third, fourth]).not.toContainEqual(last?.secret)
  })

  it("replaces the first secret of a name that has none yet", async () => {
    const { secrets } = await (await newStore())()
    await secrets.rotate("links", { at: now, keepSince: 0 })
    expect(await secrets.all("links")).toEqual([
      { secret: expect.any(Uint8Array), replacedAt: null },
      { secret: expect.any(Uint8Array), replacedAt: now }
    ])
  })

  it("refuses to keep more than nine secrets that were replaced, and changes nothing", async () => {
    const { secrets } = await (await newStore())()
    for (let round = 0; round < 9; round++) await secrets.rotate("links", { at: now + round, keepSince: now })
    const before = await secrets.all("links")
    expect(before).toHaveLength(10)
    const tenth = secrets.rotate("links", { at: now + 9, keepSince: now })
    await expect(tenth).rejects.toBeInstanceOf(TooManySecrets)
    expect(await secrets.all("links")).toEqual(before)
    await secrets.rotate("links", { at: now + 9, keepSince: now + 1 })
    expect((await secrets.all("links")).map(({ replacedAt }) => replacedAt)).toEqual([
      null,
      ...[9, 8, 7, 6, 5, 4, 3, 2, 1].map((round) => now + round)
    ])
  })

  it("loses no secret when two replace it at once", async () => {
    const opener = await newStore()
    const openers = await Promise.all([opener(), opener(), opener()])
    const first = await openers[0]?.secret("links")
    await Promise.all(openers.map(({ secrets }) => secrets.rotate("links", { at: now, keepSince: 0 })))
    const all = (await openers[0]?.secrets.all("links")) ?? []
    expect(all.map(({ replacedAt }) => replacedAt)).toEqual([null, now, now, now])
    expect(new Set(all.map(({ secret }) => Buffer.from(secret).toString("hex"))).size).toBe(4)
    expect(all.at(-1)?.secret).toEqual(first)
  })

  it("ER-1: keeps keys and secrets when people are erased", async () => {
    const { erased, keys, secret } = await (await newStore())()
    await keys.add(recordOf(1))
    const drawn = await secret("cursors")
    await erased({ workspaceId: "acme", emails: ["ava@acmecorp.com"] })
    expect([await keys.list(), await secret("cursors")]).toEqual([[recordOf(1)], drawn])
  })

  it("is one store to all who open it at once", async () => {
    const opener = await newStore()
    const [a, b] = await Promise.all([opener(), opener()])
    await a.keys.add(recordOf(1))
    expect(await b.keys.byHash(recordOf(1).hash)).toEqual(recordOf(1))
    await b.keys.revoke(recordOf(1).id, now)
    expect(await a.keys.byHash(recordOf(1).hash)).toEqual(recordOf(1, { revokedAt: now }))
  })

  it("gives a workspace one mode, whoever comes first", async () => {
    const opener = await newStore()
    const openers = await Promise.all([opener(), opener(), opener()])
    for (let round = 0; round < 10; round++) {
      const modes: ReadonlyArray<KeyMode> = ["live", "test", round % 2 === 0 ? "live" : "test"]
      const workspaceId = `w${round}`
      const records = modes.map((mode, index) => recordOf(10 * round + index, { workspaceId, mode }))
      const settled = await Promise.allSettled(
        records.map((record, index) => openers[index]?.keys.add(record))
      )
      const refused = settled.flatMap((each) => (each.status === "rejected" ? [each.reason] : []))
      for (const reason of refused) expect(reason).toBeInstanceOf(WorkspaceModeConflict)
      const kept = (await openers[0]?.keys.list({ workspaceId })) ?? []
      expect(kept).toEqual(records.filter(({ mode }) => mode === kept[0]?.mode))
      expect(kept.length + refused.length).toBe(3)
    }
  })
})

describe("a store in SQLite", () => {
  it("keeps keys, modes and secrets in the file of the leads, which the leads' store still opens", async () => {
    const filename = await newFile()
    const store = await SqliteServerStore.make({ filename })
    await store.keys.add(recordOf(1))
    const secret = await store.secret("cursors")
    await store.close()
    const engine = await open(SqliteRepository.layer({ filename }))
    await engine.campaigns.create({ workspaceId: "acme", name: "Spring" })
    const again = await closing(await SqliteServerStore.make({ filename }))
    expect(await again.keys.list()).toEqual([recordOf(1)])
    expect(await again.secret("cursors")).toEqual(secret)
    await expect(again.keys.add(recordOf(2, { mode: "test" }))).rejects.toThrow("a live workspace")
    // An erasure rewrites the file while the store has it open.
    await engine.leads.erase({ workspaceId: "acme", emails: ["ava@acmecorp.com"] })
    expect(await again.keys.list()).toEqual([recordOf(1)])
    await engine.close()
  })

  it("gives a workspace one mode, whichever of two processes comes first", async () => {
    const filename = await newFile()
    const program = `
      import * as SqliteServerStore from ${JSON.stringify(join(import.meta.dirname, "..", "src", "stores", "sqlite.ts"))}
      const [filename, mode] = process.argv.slice(-2)
      const store = await SqliteServerStore.make({ filename })
      let kept = 0
      for (let i = 0; i < 50; i++) {
        const record = { id: mode + i, workspaceId: "w" + i, mode, hash: (mode + i).padStart(64, "0"), hint: "", createdAt: 0, revokedAt: null }
        await store.keys.add(record).then(() => kept++, (error) => {
          if (error._tag !== "WorkspaceModeConflict") throw error
        })
      }
      await store.close()
      console.log(kept)`
    const kept = await Promise.all(
      ["live", "test"].map(async (mode) => {
        const child = spawn(process.execPath, ["--input-type=module", "--eval", program, filename, mode], {
          stdio: ["ignore", "pipe", "inherit"]
        })
        let out = ""
        child.stdout.on("data", (text) => {
          out += String(text)
        })
        const [code] = await once(child, "close")
        expect(code).toBe(0)
        return Number(out)
      })
    )
    expect((kept[0] ?? 0) + (kept[1] ?? 0)).toBe(50)
  })

  it("refuses a file that is missing or holds no leads, and leaves it as it is", async () => {
    const missing = SqliteServerStore.make({ filename: join(folder, "missing.db") })
    await expect(missing).rejects.toThrow("the file cannot be opened: check that it exists and is writable")
    const nowhere = SqliteServerStore.make({ filename: join(folder, "missing", "x.db") })
    await expect(nowhere).rejects.toBeInstanceOf(ServerStoreError)
    const filename = join(folder, "other.db")
    const db = new Database(filename)
    db.exec("CREATE TABLE other (x)")
    db.close()
    const before = readFileSync(filename)
    await expect(SqliteServerStore.make({ filename })).rejects.toThrow("open it by SqliteRepository first")
    expect(readFileSync(filename)).toEqual(before)
  })

  it.each([
    [undefined, "the options are missing: give a filename"],
    [null, "the options are missing: give a filename"],
    [{}, "filename must be a text: name the file of the leads"],
    [{ filename: {} }, "filename must be a text: name the file of the leads"],
    [{ filename: 5 }, "filename must be a text: name the file of the leads"],
    [{ filename: " " }, "filename must name the file of the leads"],
    [{ filename: "a\0b" }, "filename must name the file of the leads"],
    [{ filename: ":memory:" }, "filename must name the file of the leads"],
    [
      { filename: "a.db", busyTimeoutMillis: "1" },
      "busyTimeoutMillis must be an integer from 0 to 2147483647"
    ],
    [{ filename: "a.db", busyTimeoutMillis: -1 }, "busyTimeoutMillis must be an integer from 0 to 2147483647"]
  ])("refuses the invalid options %j", async (options, why) => {
    const made = SqliteServerStore.make(untyped(options))
    await expect(made).rejects.toBeInstanceOf(ServerStoreError)
    await expect(made).rejects.toThrow(why)
  })

  it.each([
    ["a loop of links", "loop.db"],
    ["a folder that is a loop of links", join("loop.db", "a.db")],
    ["a name of 5,000 characters", "n".repeat(5_000)]
  ])("says that %s cannot be opened", async (_, name) => {
    const place = mkdtempSync(join(folder, "links-"))
    symlinkSync(join(place, "loop.db"), join(place, "loop.db"))
    const made = SqliteServerStore.make({ filename: join(place, name) })
    await expect(made).rejects.toBeInstanceOf(ServerStoreError)
    await expect(made).rejects.toThrow("the file cannot be opened: check that")
  })

  it("says that a file in a folder which the process may not search cannot be opened", async () => {
    const filename = await newFile()
    const place = mkdtempSync(join(tmpdir(), "leadterra-shut-"))
    onTestFinished(() => rmSync(place, { recursive: true }))
    copyFileSync(filename, join(place, "a.db"))
    chmodSync(place, 0o600)
    const made = await asNobody(() =>
      SqliteServerStore.make({ filename: join(place, "a.db") }).catch((error: unknown) => error)
    )
    expect(made).toBeInstanceOf(ServerStoreError)
    expect(made).toHaveProperty("message", expect.stringContaining("its folder can be searched"))
  })

  it("refuses tables of a newer version by its number", async () => {
    const filename = await newFile()
    await (await SqliteServerStore.make({ filename })).close()
    const db = new Database(filename)
    db.exec("UPDATE server_schema SET version = 9")
    db.close()
    await expect(SqliteServerStore.make({ filename })).rejects.toThrow(/newer version \(9, .*: update/)
  })

  it("tells that another process holds the file, and that the store is closed", async () => {
    const filename = await newFile()
    const store = await SqliteServerStore.make({ filename, busyTimeoutMillis: 1 })
    const db = new Database(filename)
    db.exec("BEGIN IMMEDIATE")
    await expect(store.keys.add(recordOf(1))).rejects.toMatchObject({ isRetryable: true })
    db.close()
    await store.keys.add(recordOf(1))
    await store.close()
    await expect(store.keys.list()).rejects.toThrow("the store is closed: open another one")
  })
})

describe("a store in PostgreSQL", () => {
  it.each([
    [undefined, "the options are missing: give a pool"],
    [{}, "pool must be a pool of pg: give one"],
    [{ pool: null }, "pool must be a pool of pg: give one"],
    [{ pool: "postgres://ann:hunter2@127.0.0.1/db" }, "pool must be a pool of pg: give one"],
    [{ pool: {} }, "pool must be a pool of pg: give one"]
  ])("refuses the invalid options %j", async (options, why) => {
    const made = PostgresServerStore.make(untyped(options))
    await expect(made).rejects.toBeInstanceOf(ServerStoreError)
    await expect(made).rejects.toThrow(why)
  })

  it("keeps keys and secrets for those who open it later", async () => {
    const url = await newDatabase()
    const store = await PostgresServerStore.make({ pool: poolOn(url) })
    await store.keys.add(recordOf(1))
    const secret = await store.secret("cursors")
    await store.close()
    const again = await PostgresServerStore.make({ pool: poolOn(url) })
    expect(await again.keys.list()).toEqual([recordOf(1)])
    expect(await again.secret("cursors")).toEqual(secret)
  })

  it("makes its tables once, however many open it at the same time", async () => {
    const url = await newDatabase()
    const opened = await Promise.all(
      Array.from({ length: 6 }, () => PostgresServerStore.make({ pool: poolOn(url) }))
    )
    for (const { keys } of opened) expect(await keys.isEmpty()).toBe(true)
  })

  it("works for a role with no more than the grants that are documented", async () => {
    const url = await newDatabase()
    const role = `server_role_${process.pid}`
    const owner = poolOn(url)
    await PostgresServerStore.make({ pool: owner })
    await owner.query(`CREATE ROLE ${role} LOGIN`)
    await owner.query(`GRANT SELECT ON server_schema, server_workspace, server_key, server_secret,
        server_former_secret, server_import, server_webhook, server_delivery TO ${role};
      GRANT INSERT ON server_workspace, server_key, server_secret, server_import, server_webhook,
        server_delivery TO ${role};
      GRANT UPDATE ON server_key, server_import, server_webhook, server_delivery TO ${role};
      GRANT DELETE ON server_import, server_webhook, server_delivery TO ${role}`)
    const named = new URL(url)
    named.username = role
    const { imports, keys, secret, secrets } = await PostgresServerStore.make({ pool: poolOn(named.href) })
    const job = jobOf(1)
    await imports.add(job, { maxOpen: 1, maxKept: 1 })
    await imports.change(job, ({ next, ...rest }) => ({ ...rest, next: next + 1 }))
    await imports.remove(job, () => true)
    expect(await imports.due({ at: job.dueAt, limit: 1 })).toEqual([])
    await keys.add(recordOf(1))
    await keys.revoke(recordOf(1).id, now)
    expect(await keys.list()).toEqual([recordOf(1, { revokedAt: now })])
    expect(await secret("cursors")).toHaveLength(32)
    expect(await secrets.all("links")).toHaveLength(1)
    const rotate = () => secrets.rotate("links", { at: now, keepSince: 0 })
    await expect(rotate()).rejects.toThrow("grant the tables server_*")
    await owner.query(`GRANT UPDATE ON server_secret TO ${role};
      GRANT INSERT, DELETE ON server_former_secret TO ${role}`)
    await rotate()
    expect(await secrets.all("links")).toHaveLength(2)
  })

  it("refuses tables of a newer version by its number", async () => {
    const url = await newDatabase()
    const pool = poolOn(url)
    await PostgresServerStore.make({ pool })
    await pool.query("UPDATE server_schema SET version = 9")
    await expect(PostgresServerStore.make({ pool })).rejects.toThrow(/newer version \(9, .*: update/)
  })

  it("tells of a server that cannot be reached, and no password", async () => {
    const pool = poolOn("postgres://ann:hunter2@127.0.0.1:1/db")
    const opened = PostgresServerStore.make({ pool })
    await expect(opened).rejects.toMatchObject({ _tag: "ServerStoreError", isRetryable: true })
    await expect(opened).rejects.not.toThrow("hunter2")
  })
})
