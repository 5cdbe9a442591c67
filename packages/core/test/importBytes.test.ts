/**
 * FAULTS 39: a batch and the kept rows of an import are bounded in bytes, whatever the rows are.
 */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { Campaigns, Leads, Limits, type Repository, SourceRow } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { bytesOf, takeRow } from "../src/takeRow.ts"
import { doubling, expectLinear } from "./growth.ts"

const workspaceId = "w"

const run = <A, E>(program: Effect.Effect<A, E, Repository>) =>
  Effect.runPromise(Effect.provide(program, MemoryRepository.layer))

/**
 * Imports rows, and gives the summary, how many rows each batch had, and how many failed rows were
 * told of.
 */
const imported = (leads: Leads.ImportInput["leads"]) =>
  run(
    Effect.gen(function* () {
      const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c" })
      const batches: Array<number> = []
      let told = 0
      const summary = yield* Leads.importAll({
        workspaceId,
        campaignId,
        leads,
        onProgress: ({ batch }) => {
          if (batch === null) return
          batches.push(batch.rows)
          told += batch.failedRows.length
        }
      })
      return { summary, batches, told }
    })
  )

async function* slowly(rows: Iterable<unknown>) {
  for (const row of rows) yield row
}

class Line extends SourceRow {
  readonly cells: ReadonlyArray<string>
  constructor(row: unknown, line: number, cells: ReadonlyArray<string>) {
    super(row, line)
    this.cells = cells
  }
}

const megabyte = "x".repeat(1_000_000)
const email = "ava@example.com"

describe("a batch", () => {
  const large = Array.from({ length: 20 }, () => ({ email, notes: megabyte }))

  it.each([
    ["an array", () => large],
    ["an iterable", () => new Set(large)],
    ["an async iterable", () => slowly(large)],
    ["an Effect stream", () => Stream.fromIterable(large)],
    [
      "rows of a file, by the cells beside them",
      () => large.map((_, line) => new Line({ email }, line, [megabyte]))
    ],
    [
      "rows that could not be read",
      () => large.map((row, line) => new SourceRow(row, line, [{ path: "", reason: "r", message: "m" }]))
    ],
    ["what is no lead", () => large.map(({ notes }) => [notes])]
  ])("IM-2: closes at 8 MB of %s", async (_, rows) => {
    const { batches, summary } = await imported(rows())
    expect([batches, summary.rows]).toEqual([[8, 8, 4], 20])
  })

  it("IM-2: of ordinary rows closes by their number", async () => {
    const rows = Array.from({ length: 2_500 }, (_, index) => ({
      email: `lead${index}@example.com`,
      plan: "pro"
    }))
    expect((await imported(rows)).batches).toEqual([1_000, 1_000, 500])
  })

  it("IM-1: lands what it would land whole, and the rows before a source that fails", async () => {
    const failing = function* () {
      yield* large.slice(0, 11)
      throw new Error("gone")
    }
    for (const leads of [
      { [Symbol.iterator]: failing },
      slowly({ [Symbol.iterator]: failing }),
      Stream.concat(Stream.fromIterable(large.slice(0, 11)), Stream.fail(new Error("gone")))
    ]) {
      const error = await imported(leads).catch((error: unknown) => error)
      expect(error).toMatchObject({ _tag: "ImportStopped", landed: { rows: 11 }, next: 11 })
    }
  })
})

describe("the measure of a row", () => {
  it("IM-2: counts texts, names and values, wherever they are, and each object once", () => {
    expect(bytesOf("x".repeat(10))).toBe(10)
    expect(bytesOf({ ab: "xyz", c: 1 })).toBe(16 + 2 + 3 + 16 + 1)
    expect(bytesOf([["x"], null])).toBe(16 + 48 + 16 + 1 + 16)
    const shared = { text: megabyte }
    expect(bytesOf([shared, shared])).toBeLessThan(1_000_200)
    expect(takeRow({ email, customFields: { notes: megabyte } }).bytes).toBeGreaterThan(1_000_000)
    expect(takeRow({ email, deep: { deeper: [megabyte] } }).bytes).toBeGreaterThan(1_000_000)
    expect(takeRow({ email, blob: new Uint8Array(3_000_000) }).bytes).toBeGreaterThan(3_000_000)
    expect(takeRow(megabyte).bytes).toBe(1_000_000)
  })

  it("IM-2: ends at the size of a batch, for cycles, depths, sparse lists and proxies without an end", () => {
    const cyclic: Record<string, unknown> = { email }
    cyclic["self"] = [cyclic]
    let deep: unknown = null
    for (let level = 0; level < 1_000_000; level++) deep = [deep]
    const sparse: Array<unknown> = []
    sparse.length = 4_000_000_000
    const endless = (): object =>
      new Proxy(
        {},
        {
          ownKeys: () => ["again"],
          getOwnPropertyDescriptor: () => ({ value: endless(), enumerable: true, configurable: true })
        }
      )
    expect(takeRow(cyclic).bytes).toBeLessThan(1_000)
    for (const value of [
      deep,
      sparse,
      endless(),
      new Uint8Array(100_000_000),
      new String("x".repeat(100_000_000))
    ]) {
      const { bytes } = takeRow({ email, value })
      expect(bytes).toBeGreaterThanOrEqual(Limits.maxImportBatchBytes)
      expect(bytesOf(value)).toBe(Limits.maxImportBatchBytes)
    }
  })

  it("IM-2, UP-8: reads each property of a row once, calls no getter below, and throws nothing", async () => {
    let reads = 0
    const counting = {
      get email() {
        reads++
        return email
      },
      customFields: {
        get plan() {
          reads++
          return "pro"
        },
        deep: {
          get deeper() {
            reads++
            return 1
          }
        }
      }
    }
    const { lead } = takeRow(counting)
    expect([lead, reads]).toMatchObject([{ email, customFields: { plan: "pro" } }, 2])
    const thrower = () => {
      throw new Error("no")
    }
    const hostile = ["ownKeys", "get", "getOwnPropertyDescriptor", "getPrototypeOf"].map(
      (trap) => new Proxy({ email: "bo@example.com" }, { [trap]: thrower })
    )
    const { summary } = await imported([
      ...hostile,
      ...hostile.map((proxy) => ({ email: "cy@example.com", proxy })),
      ...hostile.map((proxy) => new SourceRow(proxy, 1, [{ path: "", reason: "r", message: "m" }]))
    ])
    // A proxy that hides nothing but its prototype is a row as any other.
    expect(summary).toMatchObject({ rows: 12, enrolled: 1, failed: 11 })
  })

  it("IM-1: a row is parsed as Leads.bulkUpsert parses it, own fields with any name among them", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.object({ withNullPrototype: true }), fc.anything()), { maxLength: 5 }),
        async (rows) => {
          const leads = rows.map((row) =>
            typeof row === "object" && row !== null ? Object.assign(row, { email }) : row
          )
          const [whole, parts] = await run(
            Effect.gen(function* () {
              const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c" })
              const preview = yield* Leads.preview({ workspaceId, campaignId, leads })
              return [preview, yield* Leads.importAll({ workspaceId, campaignId, leads })] as const
            })
          )
          const failed = whole.outcomes.flatMap((row) => (row.outcome === "failed" ? [row.issues] : []))
          expect(parts.failedRows.map(({ issues }) => issues)).toEqual(failed)
          expect([parts.enrolled, parts.updated]).toEqual([whole.enrolled, whole.updated])
        }
      )
    ))

  it("IM-2: grows with the size of a row, not with its square", () => {
    const fields = (size: number) =>
      Object.fromEntries(Array.from({ length: size }, (_, i) => [`f${i}`, "x"]))
    expectLinear("fields", doubling(40_000), fields, takeRow)
    expectLinear("lists", doubling(400_000), (size) => ({ list: Array(size).fill("x") }), takeRow)
    expectLinear("objects", doubling(40_000), (size) => Array.from({ length: size }, () => ({})), bytesOf)
  })
})

describe("failed rows", () => {
  it("IM-4: are kept up to 16 MB, and told of beyond that", async () => {
    const half = "x".repeat(500_000)
    const { summary, told } = await imported(Array.from({ length: 100 }, () => ({ email, notes: half })))
    expect([summary.failed, told]).toEqual([100, 100])
    expect(summary.failedRows.map(({ index }) => index)).toEqual([...Array(31).keys()])
  })

  it("IM-4: of a row above 1 MB only its batch tells, and those after it are kept", async () => {
    const rows = [{ email: "nobody" }, { email, notes: megabyte }, { email: "no.one" }]
    const { summary, told } = await imported(rows)
    expect([summary.failed, told]).toEqual([3, 3])
    expect(summary.failedRows.map(({ index }) => index)).toEqual([0, 2])
  })
})
