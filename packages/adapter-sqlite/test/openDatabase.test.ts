import { createHash } from "node:crypto"
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import { Campaigns, Delivery, Events, Leads, type RepositoryError } from "@leadterra/core"
import { open as openEngine } from "@leadterra/core/promise"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { SqliteRepository } from "../src/index.ts"
import { applicationId, migrations } from "../src/migrations.ts"
import { openDatabase } from "../src/openDatabase.ts"
import type { SqliteOptions } from "../src/SqliteOptions.ts"

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
  it("ID-1, SQ-3: a file of the first schema is brought up to date, and keeps its leads, places and messages", async () => {
    const filename = newFile()
    inspect(filename, (db) => {
      db.exec(migrations[0] ?? "")
      db.pragma(`application_id = ${applicationId}`)
      db.pragma("user_version = 1")
      const campaign = "01JXCQ00000000000000000000"
      db.exec(`
        INSERT INTO workspace (id, name) VALUES (1, 'w');
        INSERT INTO campaign (id, workspace, public_id, name, status, steps, created_at, started_at, enrolled, active, pending)
          VALUES (1, 1, 'camp_${campaign}', 'c', 'running', '[{"subject":"s","bodyHtml":"b","delayDays":0}]', 1, 2, 2, 1, 1);
        INSERT INTO lead (id, workspace, key, public_id, created_at, updated_at)
          VALUES (1, 1, 'a@x.com', '${"A".repeat(26)}', 1, 1), (2, 1, 'b@x.com', '${"B".repeat(26)}', 1, 1);
        INSERT INTO enrollment VALUES (1, 1, 0, 'active', NULL, 1, NULL), (1, 2, 0, 'ended', 'suppressed', 1, 3);
        INSERT INTO message VALUES (1, 1, 0, 'queued', 2), (1, 2, 0, 'cancelled', 2);
      `)
    })
    const program = Effect.gen(function* () {
      const [message, ...more] = yield* Delivery.claim({ workspaceId: "w" })
      const { recorded } = yield* Delivery.record({
        reports: [{ messageId: message?.messageId ?? "", type: "opened" }]
      })
      const [campaign] = (yield* Campaigns.list({ workspaceId: "w" })).items
      const ref = { workspaceId: "w", campaignId: campaign?.id ?? "" }
      return {
        to: message?.to,
        more,
        recorded,
        stats: yield* Campaigns.stats(ref),
        ended: yield* Leads.enrollment({ ...ref, email: "b@x.com" })
      }
    })
    const found = await Effect.runPromise(Effect.provide(program, SqliteRepository.layer({ filename })))
    expect(found).toMatchObject({
      to: "a@x.com",
      more: [],
      recorded: 1,
      stats: { totalEnrolled: 2, sent: 1, delivered: 1, queued: 0, openRate: 1 },
      ended: { state: "ended", endReason: "suppressed", endedAt: 3, pending: null }
    })
    inspect(filename, (db) => {
      expect(db.pragma("user_version", { simple: true })).toBe(migrations.length)
      expect(db.pragma("foreign_key_check")).toEqual([])
      expect(db.pragma("integrity_check", { simple: true })).toBe("ok")
    })
  })

  it("DE-5, EV-1: a file that kept hard bounces alone, and counted replies, is counted anew", async () => {
    const filename = newFile()
    const campaignId = `camp_${"0".repeat(26)}`
    inspect(filename, (db) => {
      for (const migration of migrations.slice(0, 5)) db.exec(migration)
      db.pragma(`application_id = ${applicationId}`)
      db.pragma("user_version = 5")
      db.exec(`
        INSERT INTO workspace (id, name) VALUES (1, 'w');
        INSERT INTO campaign (id, workspace, public_id, name, status, steps, created_at, started_at, enrolled, active,
            pending, sent, delivered, bounced, replied)
          VALUES (1, 1, '${campaignId}', 'c', 'running', '[]', 1, 2, 2, 0, 0, 3, 2, 1, 2);
        INSERT INTO lead_batch (id, workspace, ulid) VALUES (1, 1, '${"A".repeat(23)}');
        INSERT INTO lead (id, workspace, key, created_at, updated_at)
          VALUES (32768, 1, 'a@x.com', 1, 1), (32769, 1, 'b@x.com', 1, 1);
        INSERT INTO enrollment VALUES (1, 32768, 2, 'ended', 'replied', 1, 9), (1, 32769, 1, 'ended', 'bounced', 1, 9);
        INSERT INTO message (campaign, lead, step, state, due_at, sent_at, delivered_at, bounced_at, replied_at)
          VALUES (1, 32768, 0, 'sent', 1, 2, 3, NULL, 8), (1, 32768, 1, 'sent', 1, 2, 3, NULL, 7),
            (1, 32769, 0, 'sent', 1, 2, NULL, 6, NULL);
        INSERT INTO event (workspace, sequence, at, event) VALUES (1, 1, 6,
          '{"kind":"message.bounced","messages":[["${campaignId}",0,32769,1]]}');
      `)
    })
    const ref = { workspaceId: "w", campaignId }
    const program = Effect.gen(function* () {
      return {
        stats: yield* Campaigns.stats(ref),
        replied: yield* Leads.enrollment({ ...ref, email: "a@x.com" }),
        bounced: yield* Leads.explain({ ...ref, email: "b@x.com" }),
        events: yield* Events.read({ workspaceId: "w" })
      }
    })
    const found = await Effect.runPromise(Effect.provide(program, SqliteRepository.layer({ filename })))
    expect(found).toMatchObject({
      stats: { sent: 3, bounced: 1, hardBounced: 1, replied: 1, replyRate: 0.5 },
      replied: { repliedAt: 7 },
      bounced: { messages: [{ bouncedAt: 6, hardBouncedAt: 6 }] },
      events: { items: [{ kind: "message.bounced", bounceType: "hard" }] }
    })
  })

  it("ID-1, EV-1: a file whose leads had an index of ids keeps ids, order, places, messages and events", async () => {
    const filename = newFile()
    const campaign = "01JXCQ00000000000000000000"
    const ids = ["B", "A"].flatMap((batch) =>
      ["000", "00Z", "ZZZ"].map((end) => `01JXCQ0000000000000000${batch}${end}`)
    )
    inspect(filename, (db) => {
      for (const migration of migrations.slice(0, 4)) db.exec(migration)
      db.pragma(`application_id = ${applicationId}`)
      db.pragma("user_version = 4")
      db.exec(`
        INSERT INTO workspace (id, name) VALUES (1, 'w'), (2, 'v');
        INSERT INTO campaign (id, workspace, public_id, name, status, steps, created_at, started_at, enrolled, active, pending)
          VALUES (1, 1, 'camp_${campaign}', 'c', 'running', '[{"subject":"{{firstName}}","bodyHtml":"b","delayDays":0}]', 1, 2, 6, 6, 6);
        INSERT INTO event (workspace, sequence, at, event)
          VALUES (1, 1, 3, '{"kind":"lead.enrolled","campaignId":"camp_${campaign}","leadIds":["lead_${ids[1]}","lead_${ids[0]}"]}');
      `)
      const lead = db.prepare(
        "INSERT INTO lead (id, workspace, key, public_id, first_name, created_at, updated_at) VALUES (?, ?, ?, ?, ?, 1, 1)"
      )
      const enroll = db.prepare("INSERT INTO enrollment (campaign, lead, enrolled_at) VALUES (1, ?, 1)")
      const queue = db.prepare("INSERT INTO message (campaign, lead, step, due_at) VALUES (1, ?, 0, 2)")
      for (const [index, id] of ids.entries()) {
        // Two workspaces take turns, with the same ids.
        lead.run(2 * index + 1, 1, `lead${index}@x.com`, id, `n${index}`)
        lead.run(2 * index + 2, 2, `lead${index}@x.com`, id, `other${index}`)
        enroll.run(2 * index + 1)
        queue.run(2 * index + 1)
      }
    })
    const program = Effect.gen(function* () {
      const [first, second] = yield* Effect.all(
        ["w", "v"].map((workspaceId) => Leads.list({ workspaceId, limit: 4 }))
      )
      const rest = yield* Leads.list({ workspaceId: "w", after: first?.next })
      const claimed = yield* Delivery.claim({ workspaceId: "w" })
      const events = yield* Events.read({ workspaceId: "w" })
      return { first, second, rest, claimed, events }
    })
    const found = await Effect.runPromise(Effect.provide(program, SqliteRepository.layer({ filename })))
    const all = [...(found.first?.items ?? []), ...found.rest.items]
    expect(all.map(({ email, id }) => [id, email])).toEqual(
      ids.map((id, index) => [`lead_${id}`, `lead${index}@x.com`])
    )
    expect(found.second?.items.map(({ firstName }) => firstName)).toEqual([
      "other0",
      "other1",
      "other2",
      "other3"
    ])
    expect(found.claimed.map(({ messageId, subject }) => [messageId, subject])).toEqual(
      ids.map((id, index) => [`msg_w_${campaign}_${id}_0`, `n${index}`])
    )
    expect(found.events.items[0]).toMatchObject({ leadIds: [`lead_${ids[1]}`, `lead_${ids[0]}`] })
    inspect(filename, (db) => {
      expect(db.pragma("foreign_key_check")).toEqual([])
      expect(db.pragma("integrity_check", { simple: true })).toBe("ok")
    })
  })

  it.each<readonly [object, string]>([
    [{ filename: "" }, "filename must name a file, or be :memory:"],
    [{ filename: "a\0b" }, "filename must name a file, or be :memory:"],
    [{}, "filename must name a file, or be :memory:"],
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
    ).toEqual([applicationId, migrations.length, "wal"])
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
    inspect(filename, (db) => db.pragma(`user_version = ${migrations.length + 1}`))
    const before = hashOf(filename)
    const error = await refusal({ filename })
    expect(error.reason._tag).toBe("StoreRefused")
    expect(error.message).toContain("newer version")
    expect(hashOf(filename)).toBe(before)
  })

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
})
