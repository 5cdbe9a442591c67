/** Packed lists: zeros behind their end, parts that are joined, and reading that stops. */
import { Gunzip, gzipSync } from "node:zlib"
import { openLeads } from "@leadterra/files"
import fc from "fast-check"
import { afterEach, describe, expect, it, vi } from "vitest"
import { cut, faultOf, readAll } from "./read.ts"

const people = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => `p${from + index}@acme.com\n`).join("")

const list = gzipSync(`email\n${people(2_500)}`)

/** Whole, the zeros apart, and in pieces of one size. */
const cuts = (length: number, zeros: number): ReadonlyArray<ReadonlyArray<number>> => [
  [length + zeros],
  [length, zeros],
  [length + 1, zeros],
  [length - 1, zeros + 1],
  [length - 8, zeros + 8],
  [16_384],
  ...(zeros < 1_000 ? [[1], [length, 1, ...Array.from({ length: zeros }, () => 1)]] : [])
]

describe("zero bytes behind a gzip file", () => {
  it.each([1, 4, 512, 40_000])("LF-1: are no part of it, however they are cut: %i", async (zeros) => {
    const padded = Buffer.concat([list, Buffer.alloc(zeros)])
    for (const sizes of cuts(list.length, zeros)) {
      const { error, rows } = await readAll(cut(padded, sizes))
      expect([sizes.slice(0, 2), error, rows.length]).toEqual([sizes.slice(0, 2), undefined, 2_500])
    }
  })

  it("LF-1: are no part of it, whatever their number, the parts of it and the chunks", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 2_000 }), { minLength: 1, maxLength: 3 }),
        fc.nat({ max: 100 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 }),
        async (counts, zeros, sizes) => {
          const parts = counts.map((count, index) => gzipSync(people(count, index * 10_000)))
          const bytes = Buffer.concat([gzipSync("email\na@b.de\n"), ...parts, Buffer.alloc(zeros)])
          const { error, rows } = await readAll(cut(bytes, sizes))
          const expected = counts.reduce((sum, count) => sum + count, 1)
          expect([error, rows.length]).toEqual([undefined, expected])
        }
      )
    ))

  it.each([
    ["another part", gzipSync(people(10))],
    ["text", Buffer.from("more")]
  ])("LF-4: with %s behind them end the reading, and hide no rows", async (_, more) => {
    const bytes = Buffer.concat([list, Buffer.alloc(10), more])
    for (const sizes of [[bytes.length], [list.length, 10, 1_000], [1], [7]]) {
      const { error, rows } = await readAll(cut(bytes, sizes))
      expect([rows.length, error?.reason]).toEqual([2_500, "BadGzip"])
      expect(error?.message).toContain("zero bytes")
    }
  })

  it("LF-4: other bytes behind it end the reading, and so does a part that breaks off", async () => {
    const part = gzipSync(people(10))
    for (const more of [
      Buffer.from("more"),
      part.subarray(0, 1),
      part.subarray(0, 12),
      part.subarray(0, -1)
    ]) {
      for (const sizes of [[100_000], [list.length, 100], [1]]) {
        expect(await faultOf(cut(Buffer.concat([list, more]), sizes))).toMatchObject({ reason: "BadGzip" })
      }
    }
  })
})

describe("a gzip file whose reading stops", () => {
  afterEach(() => vi.restoreAllMocks())

  /** A chunk of a quarter of a megabyte, which unpacks to 250 megabytes. */
  const bomb = gzipSync(Buffer.alloc(250_000_000, "\n"), { level: 9 })

  /** Counts what is unpacked, after its stop too. */
  const counting = () => {
    let bytes = 0
    const { push } = Gunzip.prototype
    vi.spyOn(Gunzip.prototype, "push").mockImplementation(function (this: Gunzip, chunk, ...rest) {
      bytes += chunk === null ? 0 : chunk.length
      return push.call(this, chunk, ...rest)
    })
    return () => bytes
  }

  it.each([
    ["the list is closed", async (file: Awaited<ReturnType<typeof openLeads>>) => file.close()],
    ["the loop is left", undefined]
  ])("LF-1: unpacks no more once %s while a row is waited for", async (_, close) => {
    const unpacked = counting()
    async function* chunks() {
      yield gzipSync("email\na@b.de\n")
      yield bomb
      yield bomb
    }
    const file = await openLeads(chunks())
    const rows = file[Symbol.asyncIterator]()
    await rows.next()
    const waiting = rows.next()
    while (unpacked() < 1_000_000) await new Promise((resolve) => setImmediate(resolve))
    const before = unpacked()
    await (close === undefined ? rows.return?.() : close(file))
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(unpacked() - before).toBeLessThan(200_000)
    // Nothing goes on in the background either.
    for (let turn = 0; turn < 1_000; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(unpacked() - before).toBeLessThan(200_000)
  })
})
