import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Campaigns, Ids, Leads, Repository, Suppression } from "@leadterra/core"
import Database from "better-sqlite3"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { on } from "../../../test/on.ts"
import { SqliteRepository } from "../src/index.ts"
import { migrations } from "../src/migrations.ts"
import { repositoryOn } from "../src/repositoryOn.ts"

const workspaceId = Ids.WorkspaceId.make("w")
const otherWorkspaceId = Ids.WorkspaceId.make("other")

let folder: string
let filename: string
let other: Database.Database

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "leadterra-sqlite-"))
  filename = join(folder, "store.db")
  await run(Campaigns.create({ workspaceId, name: "first" }))
  other = new Database(filename)
})

afterEach(() => {
  other.close()
  rmSync(folder, { recursive: true, force: true })
})

const run = <A, E>(effect: Effect.Effect<A, E, Repository>): Promise<A> =>
  Effect.runPromise(Effect.provide(effect, SqliteRepository.layer({ filename, busyTimeoutMillis: 0 })))

const contents = (): Buffer => other.serialize()

describe("while another connection holds the write lock", () => {
  beforeEach(() => {
    other.exec("BEGIN IMMEDIATE")
  })

  it("a decision fails with StoreBusy, may be tried again, and then succeeds", async () => {
    const create = Campaigns.create({ workspaceId, name: "second" })
    const [error, created] = await run(
      Effect.gen(function* () {
        const error = yield* Effect.flip(create)
        other.exec("COMMIT")
        return [error, yield* create] as const
      })
    )
    expect(error).toMatchObject({ _tag: "RepositoryError", isRetryable: true, reason: { _tag: "StoreBusy" } })
    expect(created.name).toBe("second")
  })

  it("reads and lists answer what was committed last", async () => {
    other.exec("UPDATE campaign SET name = 'uncommitted'")
    const { items } = await run(Campaigns.list({ workspaceId }))
    expect(items.map(({ name }) => name)).toEqual(["first"])
  })
})

describe("a rule", () => {
  it("that fails changes nothing, and its error comes out as it is", async () => {
    const before = contents()
    const failure = { _tag: "Refused" as const }
    const error = await run(
      Effect.flip(
        Repository.use((repository) => repository.decide({ workspaceId }, () => Result.fail(failure)))
      )
    )
    expect(error).toBe(failure)
    expect(contents().equals(before)).toBe(true)
  })

  it("that throws changes nothing, is a defect, and leaves the store usable", async () => {
    const before = contents()
    const bug = new Error("a bug")
    const [exit, { items }] = await run(
      Effect.gen(function* () {
        const repository = yield* Repository
        const exit = yield* Effect.exit(
          repository.decide({ workspaceId }, () => {
            throw bug
          })
        )
        return [exit, yield* Campaigns.list({ workspaceId })] as const
      })
    )
    expect(Exit.isFailure(exit) && Cause.squash(exit.cause)).toBe(bug)
    expect(items).toHaveLength(1)
    expect(contents().equals(before)).toBe(true)
  })

  it("that changes nothing writes nothing, also in a workspace that is not there yet", async () => {
    const before = contents()
    await run(
      Repository.use((repository) =>
        repository.decide({ workspaceId: otherWorkspaceId }, () =>
          Result.succeed({ changes: [], answer: null })
        )
      )
    )
    expect(contents().equals(before)).toBe(true)
  })
})

describe("a disk that is full", () => {
  it("fails a batch with StoreUnavailable, whole, and says what to do", async () => {
    const db = new Database(":memory:")
    for (const migration of migrations) db.exec(migration)
    const repository = repositoryOn(db)
    const { id } = await on(repository, Campaigns.create({ workspaceId, name: "c" }))
    db.pragma(`max_page_count = ${db.pragma("page_count", { simple: true })}`)
    const before = db.serialize()
    const leads = Array.from({ length: 1_000 }, (_, i) => ({ email: `secret${i}@example.com` }))
    const error = await on(repository, Effect.flip(Leads.bulkUpsert({ workspaceId, campaignId: id, leads })))
    expect(error).toMatchObject({ _tag: "RepositoryError", reason: { _tag: "StoreUnavailable" } })
    expect(error.message).toContain("free some space")
    expect(error.message).not.toContain("secret")
    expect(db.serialize().equals(before)).toBe(true)
  })
})

describe("two workspaces", () => {
  it("hold the same address apart, and neither sees the other's rows", async () => {
    const enroll = Effect.fnUntraced(function* (workspace: string) {
      const { id } = yield* Campaigns.create({ workspaceId: workspace, name: workspace })
      yield* Leads.bulkUpsert({
        workspaceId: workspace,
        campaignId: id,
        leads: [{ email: "ava@example.com" }]
      })
      return id
    })
    const { there, here, suppressed, foreign, page } = await run(
      Effect.gen(function* () {
        const repository = yield* Repository
        const mine = yield* enroll(workspaceId)
        const theirs = yield* enroll(otherWorkspaceId)
        yield* Suppression.add({ workspaceId, entries: ["@example.com"] })
        const lead = yield* Leads.get({ workspaceId, email: "ava@example.com" })
        return {
          here: (yield* repository.read({ workspaceId, campaignId: mine })).counters,
          there: (yield* repository.read({ workspaceId: otherWorkspaceId, campaignId: theirs })).counters,
          suppressed: yield* Suppression.list({ workspaceId: otherWorkspaceId }),
          foreign: (yield* repository.read({ workspaceId, campaignId: theirs })).campaign,
          page: yield* Leads.list({ workspaceId: otherWorkspaceId, after: lead.id })
        }
      })
    )
    expect(here).toMatchObject({ enrolled: 1, active: 0, pending: 0 })
    expect(there).toMatchObject({ enrolled: 1, active: 1, pending: 0 })
    expect(suppressed.items).toEqual([])
    expect(foreign).toBeNull()
    expect(page).toEqual({ items: [], next: null })
  })
})
