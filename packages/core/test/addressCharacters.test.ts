/** ID-3 for each code point of Unicode. */
import * as Result from "effect/Result"
import tr46 from "tr46"
import { describe, expect, it } from "vitest"
import { parse } from "../src/model/EmailAddress.ts"
import { keyByTheSpec } from "./addressOracle.ts"

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
