/** FAULTS 47: the cost of a batch of long domains. */
import * as Result from "effect/Result"
import tr46 from "tr46"
import { afterEach, describe, expect, it, vi } from "vitest"
import { makeParser, parse } from "../src/model/EmailAddress.ts"
import { doubling, expectLinear } from "./growth.ts"

const keyOf = (text: string): string | undefined => Result.getOrUndefined(parse(text))?.key

describe("FAULTS 47: the cost of domains", () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  const han = (length: number, from = 0) =>
    Array.from({ length }, (_, index) => String.fromCodePoint(0x4e00 + ((index * 977 + from) % 0x5000))).join(
      ""
    )

  it("ID-3: a domain with a label that is too long is refused before UTS #46 reads it", () => {
    const toAscii = vi.spyOn(tr46, "toASCII")
    const toUnicode = vi.spyOn(tr46, "toUnicode")
    for (const domain of [`${han(240)}.com`, `${han(64)}.com`, `${"é".repeat(300)}.com`]) {
      expect(Result.isFailure(parse(`a@${domain}`))).toBe(true)
    }
    expect([toAscii.mock.calls, toUnicode.mock.calls]).toEqual([[], []])
    expect(keyOf(`a@${han(12)}.com`)).toBeDefined()
    expect([toAscii.mock.calls.length, toUnicode.mock.calls.length]).toEqual([1, 1])
  })

  it("ID-3: the parser of a batch has UTS #46 read each distinct domain once, and answers as parse does", () => {
    const domains = [`${han(12)}.com`, `${han(11, 7)}.com`, "straße.de", "xn--a.com"]
    const rows = Array.from({ length: 1_000 }, (_, index) => `ava${index}@${domains[index % 4]}`)
    const expected = rows.map((row) => parse(row))
    const toAscii = vi.spyOn(tr46, "toASCII")
    const parseRow = makeParser()
    expect(rows.map((row) => parseRow(row))).toEqual(expected)
    expect(toAscii.mock.calls).toHaveLength(domains.length)
  })

  it("ID-3: the time of a batch grows with its rows, whatever its domains", () => {
    const batches: Record<string, (rows: number) => ReadonlyArray<string>> = {
      "one long domain": (rows) => Array.from({ length: rows }, (_, n) => `a${n}@${han(14)}.${han(14)}.com`),
      "labels too long": (rows) => Array.from({ length: rows }, (_, n) => `a@${han(240, n)}.com`),
      "domains of their own": (rows) => Array.from({ length: rows }, (_, n) => `a@${han(14, n)}.com`),
      "domains with joiners": (rows) =>
        Array.from({ length: rows }, (_, n) => `a@${"\u0628\u200c".repeat(9)}\u0628.${han(3, n)}.com`)
    }
    for (const [name, make] of Object.entries(batches)) {
      expectLinear(name, doubling(800), make, (rows) => {
        const parseRow = makeParser()
        for (const row of rows) parseRow(row)
      })
    }
  })
})
