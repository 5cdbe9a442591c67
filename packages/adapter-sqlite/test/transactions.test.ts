/**
 * FAULTS 57: transactions that do not commit, and files that another version of the package has
 * updated meanwhile.
 */
import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { observe } from "@leadterra/conformance"
import { Campaigns, Ids, Leads, type Repository, type RepositoryError } from "@leadterra/core"
import { type Engine, open } from "@leadterra/core/promise"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { describe, expect, it, onTestFinished } from "vitest"
import { on } from "../../../test/on.ts"
import { SqliteRepository } from "../src/index.ts"
import { migrations } from "../src/migrations.ts"
import { repositoryOn } from "../src/repositoryOn.ts"
import { schemaVersion } from "../src/schemaVersion.ts"

const workspaceId = "w"
const leads = Array.from({ length: 10 }, (_, i) => ({ email: `lead${i}@example.com` }))

const storeOf = async () => {
  const db = new Database(":memory:")
  onTestFinished(() => void db.close())
  for (const migration of migrations) db.exec(migration)
  const store = repositoryOn(db)
  const use = <A, E>(effect: Effect.Effect<A, E, Repository>) => on(store, effect)
  const { id: campaignId } = await use(Campaigns.create({ workspaceId, name: "c" }))
  const upsert = Leads.bulkUpsert({ workspaceId, campaignId, leads })
  return { db, store, upsert, use }
}

/** Ends in an error of the port, changes nothing, and lands when the cause has gone. */
const expectRefused = async (
  { db, upsert, use }: Awaited<ReturnType<typeof storeOf>>,
  stop: () => void
): Promise<RepositoryError> => {
  const before = await use(observe(workspaceId))
  const error = await use(Effect.flip(upsert))
  expect(db.inTransaction).toBe(false)
  if (error._tag !== "RepositoryError") throw error
  expect(await use(observe(workspaceId))).toEqual(before)
  stop()
  expect(await use(upsert)).toMatchObject({ enrolled: leads.length })
  return error
}

describe("a transaction", () => {
  it("UP-6: that cannot commit is no answer, and changes nothing", async () => {
    const store = await storeOf()
    store.db.pragma("foreign_keys = ON")
    store.db.exec(`CREATE TABLE child (parent INTEGER REFERENCES campaign DEFERRABLE INITIALLY DEFERRED);
      CREATE TRIGGER orphan AFTER INSERT ON lead BEGIN INSERT INTO child VALUES (1000000); END`)
    const error = await expectRefused(store, () => store.db.exec("DROP TRIGGER orphan"))
    expect(error.reason._tag).toBe("ConstraintViolated")
  })

  it("UP-6: that SQLite rolls back by itself is no answer, and changes nothing", async () => {
    const store = await storeOf()
    store.db.exec(`CREATE TRIGGER full AFTER INSERT ON lead WHEN new.key LIKE 'lead5%'
      BEGIN SELECT RAISE(ROLLBACK, 'full'); END`)
    const error = await expectRefused(store, () => store.db.exec("DROP TRIGGER full"))
    expect(error.operation).toBe("decide")
  })

  it("UP-6: that is over before its commit is no answer", async () => {
    const { db, store, use } = await storeOf()
    const before = await use(observe(workspaceId))
    const over = store.decide({ workspaceId: Ids.WorkspaceId.make(workspaceId) }, () => {
      db.exec("ROLLBACK")
      return Result.succeed({ changes: [], answer: "landed" })
    })
    expect(await use(Effect.flip(over))).toMatchObject({
      _tag: "RepositoryError",
      reason: { _tag: "StoreUnavailable" }
    })
    expect(await use(observe(workspaceId))).toEqual(before)
  })
})

const newFile = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-transactions-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, "store.db")
}

const hashOf = (filename: string): string =>
  ["", "-wal"]
    .map((part) =>
      createHash("sha256")
        .update(readFileSync(filename + part))
        .digest("hex")
    )
    .join()

describe("a store whose file a newer version has updated meanwhile", () => {
  const calls: ReadonlyArray<readonly [string, (engine: Engine) => Promise<unknown>]> = [
    ["a decision", ({ campaigns }) => campaigns.create({ workspaceId, name: "new" })],
    ["an erasure", ({ leads }) => leads.erase({ workspaceId, emails: ["ava@example.com"] })],
    ["a read", ({ suppression }) => suppression.check({ workspaceId, emails: ["ava@example.com"] })],
    ["a list", ({ campaigns }) => campaigns.list({ workspaceId })]
  ]

  it.each(calls)("refuses %s by name, and leaves the file as it is", async (_, call) => {
    const filename = newFile()
    const engine = await open(SqliteRepository.layer({ filename }))
    onTestFinished(engine.close)
    await engine.campaigns.create({ workspaceId, name: "c" })
    const newer = new Database(filename)
    onTestFinished(() => void newer.close())
    newer.exec(`CREATE TABLE next (id INTEGER); PRAGMA user_version = ${schemaVersion + 1}`)
    const before = hashOf(filename)
    await expect(call(engine)).rejects.toMatchObject({
      _tag: "RepositoryError",
      isRetryable: false,
      reason: { _tag: "StoreRefused", why: expect.stringContaining("update @leadterra/adapter-sqlite") }
    })
    expect(hashOf(filename)).toBe(before)
    newer.pragma(`user_version = ${schemaVersion}`)
    await expect(call(engine)).resolves.toBeDefined()
  })
})
