/**
 * For every operation and every N: the N-th statement fails, BEGIN and COMMIT among them. The operation then fails with the
 * port's error, has changed nothing, and when it is tried again gives the answer and the state of an undisturbed run.
 */
import { observe } from "@leadterra/conformance"
import { Delivery, type Repository } from "@leadterra/core"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { on } from "../../../test/on.ts"
import { migrations } from "../src/migrations.ts"
import { repositoryOn } from "../src/repositoryOn.ts"
import { operationsOn, reportsOn, scene, still, workspaceId } from "./operations.ts"

/** Opens a copy of a database, whose N-th statement from now on throws when `failAt` says so. */
const openCopy = (bytes: Buffer | undefined) => {
  let statements = 0
  let failing: { readonly at: number; readonly code: string } | undefined
  const db = new Database(bytes ?? ":memory:", {
    verbose: () => {
      statements += 1
      if (statements === failing?.at) throw new Database.SqliteError("injected", failing.code)
    }
  })
  if (bytes === undefined) for (const migration of migrations) db.exec(migration)
  const repository = repositoryOn(db)
  statements = 0
  return {
    db,
    count: () => statements,
    run: <A, E>(effect: Effect.Effect<A, E, Repository>) => on(repository, still(effect)),
    failAt: (n: number | undefined, code = "SQLITE_IOERR_WRITE") => {
      statements = 0
      failing = n === undefined ? undefined : { at: n, code }
    }
  }
}

const first = openCopy(undefined)
const refs = await first.run(scene)
const bytes = first.db.serialize()
first.db.close()

const operations = operationsOn(refs)
const reports = reportsOn(refs)

const failures = [
  ["SQLITE_BUSY", "StoreBusy"],
  ["SQLITE_IOERR_WRITE", "StoreUnavailable"],
  ["SQLITE_FULL", "StoreUnavailable"]
] as const

describe("an operation whose N-th statement fails, for every N", () => {
  it.each(operations)("UP-6: %s is rolled back, typed, and safe to try again", async (_, operation) => {
    const undisturbed = openCopy(bytes)
    const expected = await undisturbed.run(operation)
    const total = undisturbed.count()
    const state = await undisturbed.run(observe(workspaceId))
    undisturbed.db.close()
    expect(total).toBeGreaterThan(2)
    for (let n = 1; n <= total; n++) {
      for (const [code, tag] of failures) {
        const { db, failAt, run } = openCopy(bytes)
        failAt(n, code)
        const error = await run(Effect.flip(operation))
        expect(error, `statement ${n} of ${total}`).toMatchObject({
          _tag: "RepositoryError",
          reason: { _tag: tag },
          isRetryable: tag === "StoreBusy"
        })
        expect(db.inTransaction).toBe(false)
        expect(db.serialize().equals(bytes), `the bytes after statement ${n} of ${total}`).toBe(true)
        failAt(undefined)
        expect(await run(operation)).toEqual(expected)
        expect(await run(observe(workspaceId))).toEqual(state)
        db.close()
      }
    }
  })

  it("DE-3: Delivery.record makes it the outcome of each report, and is safe to try again", async () => {
    const undisturbed = openCopy(bytes)
    const expected = await undisturbed.run(Delivery.record({ reports }))
    expect(expected).toMatchObject({ recorded: 6, failed: 0 })
    const total = undisturbed.count()
    const state = await undisturbed.run(observe(workspaceId))
    undisturbed.db.close()
    for (let n = 1; n <= total; n++) {
      for (const [code, tag] of failures) {
        const { db, failAt, run } = openCopy(bytes)
        failAt(n, code)
        const { failed, outcomes } = await run(Delivery.record({ reports }))
        expect(failed, `statement ${n} of ${total}`).toBe(reports.length)
        for (const outcome of outcomes) {
          const retryable = tag === "StoreBusy"
          expect(outcome).toMatchObject({ outcome: "failed", retryable, issues: [{ reason: "NotStored" }] })
        }
        expect(db.serialize().equals(bytes), `the bytes after statement ${n} of ${total}`).toBe(true)
        failAt(undefined)
        expect(await run(Delivery.record({ reports }))).toEqual(expected)
        expect(await run(observe(workspaceId))).toEqual(state)
        db.close()
      }
    }
  })
})
