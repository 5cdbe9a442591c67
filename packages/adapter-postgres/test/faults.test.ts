import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { observe } from "@leadterra/conformance"
import {
  Campaigns,
  Delivery,
  Leads,
  Repository,
  type RepositoryError,
  StoreBusy,
  StoreDisconnected,
  StoreUnavailable,
  Suppression
} from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import { Client, Pool } from "pg"
import { afterAll, expect, it, onTestFinished } from "vitest"
import { startOwn, startPostgres, unprivileged } from "../../../test/postgres.ts"
import { databasesOn, using } from "./databases.ts"
import { startProxy } from "./proxy.ts"

const server = await startPostgres()
afterAll(() => server.stop())

const workspaceId = "w"
const steps = Array(2).fill({ subject: "Hi {{firstName}}", bodyHtml: "<p>{{company}}</p>" })
const rows = (count: number, company: string) =>
  Array.from({ length: count }, (_, index) => ({ email: `lead${index}@example.com`, company }))

const newDatabase = databasesOn(server)

const reasonOf = (error: unknown): RepositoryError["reason"] | undefined =>
  (error as { readonly reason?: RepositoryError["reason"] }).reason

const opening = Effect.gen(function* () {
  const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c", steps })
  const ref = { workspaceId, campaignId }
  yield* Leads.bulkUpsert({ ...ref, leads: rows(20, "Acme") })
  yield* Campaigns.start(ref)
  return ref
})

interface Ref {
  readonly workspaceId: string
  readonly campaignId: string
}

/** Each changes something the first time, and nothing that was done already when it is made again. */
const operations: Readonly<Record<string, (ref: Ref) => Effect.Effect<unknown, unknown, Repository>>> = {
  "an upsert": (ref) => Leads.bulkUpsert({ ...ref, leads: rows(30, "Buildfast") }),
  "a suppression": () => Suppression.add({ workspaceId, entries: ["lead1@example.com", "@gone.com"] }),
  "an erasure": () => Leads.erase({ workspaceId, emails: ["lead2@example.com"] }),
  "a record": () =>
    Effect.gen(function* () {
      const claimed = yield* Delivery.claim({ workspaceId, limit: 3 })
      const reports = claimed.map(({ messageId }): Delivery.Report => ({ messageId, type: "sent" }))
      return yield* Delivery.record({ reports, workspaceId })
    })
}

it.each([
  ["the store's own", undefined],
  ["a pool's", { pipeline: false }],
  ["a pipelined pool's", { pipeline: true }]
])(
  "%s connection that the server ends as it is handed out fails one call, and the store goes on",
  async (_, options) => {
    const url = new URL(await newDatabase())
    await using({ url: url.href }, Effect.void)
    const proxy = await startProxy(Number(url.port))
    onTestFinished(proxy.close)
    url.port = String(proxy.port)
    const pool = options && new Pool({ ...options, connectionString: url.href })
    pool?.on("error", () => {})
    onTestFinished(() => pool?.end())
    await using(
      pool === undefined ? { url: url.href } : { pool },
      Effect.gen(function* () {
        const create = Campaigns.create({ workspaceId, name: "c" })
        yield* create
        // One connection is free: those that are asked for beside it are new.
        proxy.endNext()
        const created = yield* Effect.forEach([1, 2, 3, 4], () => Effect.result(create), { concurrency: 4 })
        expect(proxy.hasCut()).toBe(true)
        const errors = created.filter(Result.isFailure).map(({ failure }) => reasonOf(failure))
        expect(errors.length).toBeGreaterThan(0)
        for (const reason of errors) expect(reason).toBeInstanceOf(StoreDisconnected)
        yield* create
      })
    )
  }
)

it.each(Object.entries(operations))(
  "UP-6: %s whose connection is cut at any statement lands whole or not at all, says that it may be tried again, and the store goes on",
  async (name, operation) => {
    const url = new URL(await newDatabase())
    const proxy = await startProxy(Number(url.port))
    onTestFinished(proxy.close)
    const direct = url.href
    url.port = String(proxy.port)
    let cuts = 0
    for (let messages = 1; ; messages++) {
      const workspaces = await using(
        { url: direct },
        Effect.map(Repository, () => null)
      ).then(() => messages)
      expect(workspaces).toBe(messages)
      // Before and after the server has it, in turns.
      const reaches = messages % 2 === 0
      {
        await using(
          { url: direct },
          Effect.gen(function* () {
            yield* Effect.promise(() => emptied(direct))
            yield* opening
          })
        )
        const before = await using({ url: direct }, observe(workspaceId))
        const ended = await using(
          { url: url.href, connections: 1 },
          Effect.gen(function* () {
            const { items } = yield* Campaigns.list({ workspaceId })
            const campaignId = items[0]?.id ?? ""
            proxy.cutAfter(messages, reaches)
            const first = yield* Effect.result(operation({ workspaceId, campaignId }))
            proxy.mend()
            // On the same store, which has lost its only connection.
            const again = yield* Effect.result(operation({ workspaceId, campaignId }))
            return { first, again }
          })
        )
        expect(Result.isSuccess(ended.again)).toBe(true)
        if (!proxy.hasCut()) return expect(cuts).toBeGreaterThan(8)
        cuts += 1
        if (Result.isFailure(ended.first)) {
          expect(reasonOf(ended.first.failure)).toBeInstanceOf(StoreDisconnected)
          expect(ended.first.failure).toMatchObject({ isRetryable: true })
        }
        const after = await using({ url: direct }, observe(workspaceId))
        if (name !== "a record") {
          // Made again it is made once: as on a store that nobody has cut off.
          await emptied(direct)
          const undisturbed = await using(
            { url: direct },
            Effect.gen(function* () {
              const ref = yield* opening
              yield* operation(ref)
              return yield* observe(workspaceId)
            })
          )
          expect(timesAside(after)).toEqual(timesAside(undisturbed))
        } else {
          const sent = after.campaigns.map(({ counters }) => counters.sent)
          expect([3, 6]).toContain(sent[0])
          expect(before.campaigns[0]?.counters.sent).toBe(0)
        }
      }
    }
  }
)

const timesAside = (state: unknown): unknown =>
  JSON.parse(
    JSON.stringify(state, (name, value) =>
      /(?:At|Until)$/.test(name) && typeof value === "number" ? 0 : value
    )
  )

const emptied = async (url: string): Promise<void> => {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(
    "TRUNCATE message, enrollment, lead, lead_batch, campaign, suppression, erasure, answer, event, workspace"
  )
  await client.end()
}

it("waits for a free connection no longer than it is told to, and says that it may be tried again", async () => {
  const url = await newDatabase()
  const pool = new Pool({ connectionString: url, max: 1 })
  onTestFinished(() => pool.end())
  await using(
    { pool, acquireTimeoutMillis: 100 },
    Effect.gen(function* () {
      const { campaignId } = yield* opening
      const taken = yield* Effect.promise(() => pool.connect())
      const error = yield* Effect.flip(Leads.bulkUpsert({ workspaceId, campaignId, leads: rows(1, "x") }))
      expect(reasonOf(error)).toBeInstanceOf(StoreBusy)
      taken.release()
      yield* Leads.bulkUpsert({ workspaceId, campaignId, leads: rows(1, "x") })
    })
  )
  expect(pool.waitingCount).toBe(0)
})

it("gives up a statement that takes longer than it is told to, and leaves nothing of it", async () => {
  const url = await newDatabase()
  const holder = new Client({ connectionString: url })
  await holder.connect()
  onTestFinished(() => holder.end())
  await using(
    { url, statementTimeoutMillis: 200 },
    Effect.gen(function* () {
      const { campaignId } = yield* opening
      const before = yield* observe(workspaceId)
      yield* Effect.promise(() => holder.query("BEGIN; SELECT 1 FROM workspace FOR UPDATE"))
      const error = yield* Effect.flip(Leads.bulkUpsert({ workspaceId, campaignId, leads: rows(40, "x") }))
      expect(reasonOf(error)).toBeInstanceOf(StoreBusy)
      // Another workspace waits for nobody.
      yield* Campaigns.create({ workspaceId: "other", name: "c" })
      yield* Effect.promise(() => holder.query("ROLLBACK"))
      expect(yield* observe(workspaceId)).toEqual(before)
      yield* Leads.bulkUpsert({ workspaceId, campaignId, leads: rows(40, "x") })
    })
  )
})

it("UP-6: an interruption lands all of a call or none, and gives its connection back", async () => {
  const url = await newDatabase()
  const pool = new Pool({ connectionString: url, max: 2 })
  onTestFinished(() => pool.end())
  await using(
    { pool },
    Effect.gen(function* () {
      const { campaignId } = yield* opening
      for (let millis = 0; millis < 30; millis++) {
        const leads = rows(20, `company ${millis}`)
        const call = yield* Effect.forkChild(Leads.bulkUpsert({ workspaceId, campaignId, leads }))
        yield* Effect.sleep(`${millis / 4} millis`)
        yield* Fiber.interrupt(call)
        const { items } = yield* Leads.list({ workspaceId, limit: 1_000 })
        expect(new Set(items.map(({ company }) => company)).size).toBe(1)
      }
    })
  )
  expect(pool.idleCount).toBe(pool.totalCount)
})

/** Only root can make a small disk. */
if (process.getuid?.() === 0)
  it("a full disk is told as one, nothing of the call is stored, and with room again the store goes on", async () => {
    const own = (await startOwn("found")) ?? (await startOwn("shipped"))
    if (own === undefined) throw new Error("no PostgreSQL to fill the disk of")
    const disk = mkdtempSync(join(tmpdir(), "leadterra-disk-"))
    const { gid, uid } = await unprivileged()
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=24m,uid=${uid},gid=${gid}`, "tmpfs", disk])
    onTestFinished(async () => {
      await own.stop()
      execFileSync("umount", [disk])
      rmSync(disk, { recursive: true, force: true })
    })
    await own.run(`CREATE TABLESPACE small LOCATION '${disk}'`)
    await own.run("CREATE DATABASE small TABLESPACE small")
    await own.run(
      "CREATE TABLE filler AS SELECT repeat(md5(i::text), 100) FROM generate_series(1, 800) AS i",
      "small"
    )
    await using(
      { url: own.url("small") },
      Effect.gen(function* () {
        yield* opening
        const before = yield* observe(workspaceId)
        const { id: campaignId } = yield* Campaigns.create({ workspaceId: "full", name: "c" })
        let error: unknown
        for (let batch = 0; error === undefined && batch < 100; batch++) {
          const leads = Array.from({ length: 1_000 }, (_, index) => ({
            email: `new${index}@example${batch}.com`,
            jobTitle: `${index} `.repeat(100)
          }))
          const result = yield* Effect.result(Leads.bulkUpsert({ workspaceId: "full", campaignId, leads }))
          if (Result.isFailure(result)) error = result.failure
        }
        expect(reasonOf(error)).toBeInstanceOf(StoreUnavailable)
        expect(reasonOf(error)?.advice).toMatch(/disk is full/)
        yield* Effect.promise(() => own.run("DROP TABLE filler", "small"))
        expect(yield* observe(workspaceId)).toEqual(before)
        const { totalEnrolled } = yield* Campaigns.stats({ workspaceId: "full", campaignId })
        expect(totalEnrolled % 1_000).toBe(0)
        yield* Suppression.add({ workspaceId, entries: ["lead1@example.com"] })
      })
    )
  })
