/**
 * FAULTS 36: batches that are too large for one statement, and statements that the driver cannot
 * send.
 */
import { Campaigns, Leads, type Repository, type RepositoryError, StoreUnavailable } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { afterAll, describe, expect, it } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"
import { databasesOn, using } from "./databases.ts"
import { watchedPool } from "./hostPool.ts"

const server = await startPostgres()
afterAll(() => server.stop())
const newDatabase = databasesOn(server)

const megabyte = 2 ** 20

/** The values of a statement, where it has any. */
const valuesOf = (sent: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
  const [query] = sent
  const values: unknown = typeof query === "object" && query !== null ? Reflect.get(query, "values") : []
  return Array.isArray(values) ? values : []
}

/** Leads of some 60 KB each. */
const largeLeads = (count: number, mark: string) =>
  Array.from({ length: count }, (_, index) => ({
    email: `lead${index}@example.com`,
    ...Object.fromEntries(Array.from({ length: 12 }, (_, field) => [`f${field}`, mark.repeat(5_000)]))
  }))

it("UP-8: a batch of 60 MB is written and changed by statements of at most 16 MB each", async () => {
  let largest = 0
  const pool = watchedPool(await newDatabase(), true, (sent) => {
    const texts = valuesOf(sent)
      .flat()
      .filter((value) => typeof value === "string")
    let length = 0
    for (const text of texts) length += text.length
    largest = Math.max(largest, length)
    return sent
  })
  await using(
    { pool },
    Effect.gen(function* () {
      const workspaceId = "w"
      const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c" })
      for (const mark of ["a", "b"]) {
        const { outcomes } = yield* Leads.bulkUpsert({
          workspaceId,
          campaignId,
          leads: largeLeads(1_000, mark)
        })
        expect(new Set(outcomes.map(({ outcome }) => outcome)).size).toBe(1)
        const { customFields } = yield* Leads.get({ workspaceId, email: "lead999@example.com" })
        expect(customFields["f11"]).toBe(mark.repeat(5_000))
      }
    })
  )
  expect(largest).toBeGreaterThan(megabyte)
  expect(largest).toBeLessThan(16 * megabyte)
})

const reasonOf = (error: unknown): RepositoryError["reason"] | undefined =>
  (error as { readonly reason?: RepositoryError["reason"] }).reason

describe.each([
  ["waits for each statement", false],
  ["is pipelined", true]
])("a connection that %s", (_, pipeline) => {
  it("UP-6: a call whose statement the driver cannot send fails typed, and the calls of another workspace on the same pool do not", async () => {
    let left = Number.POSITIVE_INFINITY
    const pool = watchedPool(await newDatabase(), pipeline, (sent) => {
      const values = valuesOf(sent)
      if (values.length === 0 || --left !== 0) return sent
      // The driver asks a value for its text while it binds: as a text too long fails there, so
      // does this one.
      const tooLong = { toPostgres: () => "x".repeat(2 ** 30) }
      return [{ ...Object(sent[0]), values: [tooLong, ...values.slice(1)] }]
    })
    const use = (workspaceId: string): Effect.Effect<unknown, unknown, Repository> =>
      Effect.gen(function* () {
        const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c" })
        const leads = [{ email: "ann@example.com", company: "Acme" }]
        yield* Leads.bulkUpsert({ workspaceId, campaignId, leads, idempotencyKey: campaignId })
      })
    await using(
      { pool },
      Effect.gen(function* () {
        yield* use("b")
        let failed = 0
        for (let statement = 1; left > 0; statement++) {
          left = statement
          const tried = yield* Effect.result(use("a"))
          if (left <= 0) {
            expect(Result.isFailure(tried)).toBe(true)
            if (Result.isFailure(tried)) expect(reasonOf(tried.failure)).toBeInstanceOf(StoreUnavailable)
            failed += 1
            left = Number.POSITIVE_INFINITY
            yield* use("b")
          } else break
        }
        expect(failed).toBeGreaterThan(10)
      })
    )
  })

  it("a statement that the server has closed fails one call", async () => {
    let closes = false
    const pool = watchedPool(await newDatabase(), pipeline, (sent, client) => {
      if (closes) {
        closes = false
        // The host does so on a connection of its pool.
        void client.query("DEALLOCATE ALL")
      }
      return sent
    })
    await using(
      { pool },
      Effect.gen(function* () {
        const create = Campaigns.create({ workspaceId: "w", name: "c" })
        yield* create
        closes = true
        expect(reasonOf(yield* Effect.flip(create))?.advice).toMatch(/namedStatements: false/)
        yield* create
      })
    )
  })
})
