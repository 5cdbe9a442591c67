/** ID-3 for each code point of Unicode, and FAULTS 47: the cost of a batch of long domains. */
import * as Result from "effect/Result"
import tr46 from "tr46"
import { afterEach, describe, expect, it, vi } from "vitest"
import { makeParser, parse } from "../src/model/EmailAddress.ts"
import { keyByTheSpec } from "./addressOracle.ts"
import { doubling, expectLinear } from "./growth.ts"

const keyOf = (text: string): string | undefined => Result.getOrUndefined(parse(text))?.key

const letterMarkOrDigit = /^[\p{L}\p{Mn}\p{Mc}\p{Nd}]$/u

/**
 * Characters that stand well in some places only, and four that are of no category of those above.
 */
const exceptional = /^(?:[\u00b7\u0375\u05f3\u05f4\u30fb\u06fd\u06fe\u0f0b\u3007]|\u200c|\u200d)$/u

function* codePoints(): Generator<string> {
  for (let point = 0x80; point <= 0x10ffff; point++) {
    if (point < 0xd800 || point > 0xdfff) yield String.fromCodePoint(point)
  }
}

/** Whether the character may be a part of an address, by its category alone. */
const isCandidate = (character: string): boolean =>
  letterMarkOrDigit.test(character) || exceptional.test(character)

/**
 * Addresses with the characters in the one part and in the other, there as they are and in
 * Punycode.
 */
const around = (characters: string): ReadonlyArray<string> => {
  // A mark stands behind a letter.
  const label = /^\p{M}/u.test(characters) ? `\u0915${characters}` : characters
  const ascii = tr46.toASCII(`${label}1.com`, {})
  return [
    `${label}1@acme.com`,
    `a@${label}1.com`,
    ...(ascii !== null && tr46.toUnicode(ascii, {}).domain === `${label}1.com` ? [`a@${ascii}`] : [])
  ]
}

/**
 * The tables of the runtime do not have the direction of the digits of Garay, which are those of
 * Unicode 16.
 */
const isUnknownToOracle = (text: string): boolean => /[\u{10d40}-\u{10d49}]/u.test(text)

/** Characters at a time: where an address with all of them is accepted, each of them is. */
const chunkLength = 12

function* chunks(): Generator<ReadonlyArray<string>> {
  let chunk: Array<string> = []
  for (const character of codePoints()) {
    if (!isCandidate(character)) continue
    chunk.push(character)
    if (chunk.length < chunkLength) continue
    yield chunk
    chunk = []
  }
  yield chunk
}

describe("characters of an address", () => {
  it("ID-3: a code point that is no letter, mark or digit is refused in both parts, spelled or in Punycode", () => {
    let count = 0
    for (const character of codePoints()) {
      if (isCandidate(character)) continue
      count++
      // UTS #46 gives no Punycode of unassigned and private code points.
      const more = /[\p{Cn}\p{Co}]/u.test(character) ? [] : around(character)
      const texts = [`${character}ava@acme.com`, `a@acme.com${character}`, ...more]
      for (const text of texts) {
        // Blank characters at the ends are trimmed.
        if (text.trim() === text && keyOf(text) !== undefined) expect.fail(`accepted: ${text}`)
      }
    }
    expect(count).toBeGreaterThan(900_000)
  }, 240_000)

  it("ID-3: a letter, mark or digit is judged as a second reading of the rules does, spelled or in Punycode", () => {
    const expectAgreement = (text: string) => {
      const [key, expected] = [keyOf(text), keyByTheSpec(text)]
      if (key !== expected) expect.fail(`${JSON.stringify(text)} is ${key}, not ${expected}`)
      return key !== undefined
    }
    let [count, accepted] = [0, 0]
    for (const chunk of chunks()) {
      count += chunk.length
      if (isUnknownToOracle(chunk.join(""))) continue
      const texts = around(chunk.join(""))
      // Letters that are fine alone may not stand beside each other, as in a word of two
      // directions.
      const isAccepted = (text: string) => keyOf(text) !== undefined && keyOf(text) === keyByTheSpec(text)
      if (texts.length === 3 && texts.every(isAccepted)) accepted += chunk.length
      else {
        for (const character of chunk) if (around(character).every(expectAgreement)) accepted++
      }
    }
    expect(count).toBeGreaterThan(140_000)
    expect(accepted).toBeGreaterThan(130_000)
  }, 240_000)
})

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
