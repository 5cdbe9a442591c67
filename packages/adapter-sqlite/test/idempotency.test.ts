import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { at, noon } from "@leadterra/conformance"
import { Campaigns, Leads, type Repository } from "@leadterra/core"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import { expect, it, onTestFinished } from "vitest"
import { notedDigests } from "../../../test/digests.ts"
import { on } from "../../../test/on.ts"
import { SqliteRepository } from "../src/index.ts"
import { migrations } from "../src/migrations.ts"
import { repositoryOn } from "../src/repositoryOn.ts"

const workspaceId = "w"
const day = 86_400_000
const leads = [{ email: "ava@example.com" }]

it("UP-10: a key is good for a week, then swept by later batches, a hundred at a time", async () => {
  const db = new Database(":memory:")
  onTestFinished(() => void db.close())
  for (const migration of migrations) db.exec(migration)
  const kept = db.prepare<[], number>("SELECT count(*) FROM answer").pluck()
  const store = repositoryOn(db)
  const { id: campaignId } = await on(store, Campaigns.create({ workspaceId, name: "c" }))
  const batch = (idempotencyKey: string, days: number) =>
    on(
      store,
      Leads.bulkUpsert({ workspaceId, campaignId, leads, idempotencyKey }).pipe(at(noon + days * day))
    )
  for (let i = 0; i < 150; i++) await batch(`key ${i}`, 0)
  await batch("a day later", 1)
  expect(kept.get()).toBe(151)
  expect((await batch("key 1", 6.99)).enrolled).toBe(0)
  expect(kept.get()).toBe(151)
  await batch("a week later", 7)
  expect(kept.get()).toBe(52)
  await batch("soon after", 7)
  expect(kept.get()).toBe(3)
  await batch("key 1", 7)
  expect(kept.get()).toBe(4)
})

// FAULTS 45
it("UP-10: no file holds the key, an address, a field or an unkeyed hash of them, and the key is known after a reopen", async () => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-idempotency-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const filename = join(folder, "leads.db")
  const reopened = <A, E>(effect: Effect.Effect<A, E, Repository>): Promise<A> =>
    Effect.runPromise(Effect.provide(effect, SqliteRepository.layer({ filename })))
  const bytes = () =>
    Buffer.concat(
      ["", "-wal"].filter((part) => existsSync(filename + part)).map((part) => readFileSync(filename + part))
    )
  const digestsOf = notedDigests()
  const { id: campaignId } = await reopened(Campaigns.create({ workspaceId, name: "c" }))
  const gone = { email: "zoe@example.net", company: "Zoe's own" }
  const idempotencyKey = "enrol zoe@example.net"
  const batch = { workspaceId, campaignId, leads: [gone], idempotencyKey }
  const first = await reopened(Leads.bulkUpsert(batch))
  const found = digestsOf(idempotencyKey).filter((digest) => bytes().includes(digest))
  expect(found).toEqual([])
  await reopened(Leads.erase({ workspaceId, emails: [gone.email] }))
  expect(bytes().toString("latin1")).not.toMatch(/zoe/i)
  expect(await reopened(Leads.bulkUpsert(batch))).toEqual({ ...first, replayed: true })
})
