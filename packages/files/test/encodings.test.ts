/** Lists in the encodings that spreadsheets save, and bytes that do not belong to them. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Encoding, encodings } from "../src/encodings.ts"
import { cut, readAll } from "./read.ts"

const legacy = encodings.filter((name) => !name.startsWith("utf-"))

/** Characters beyond ASCII with their bytes, by decoding every pair of bytes. */
const charactersOf = (encoding: Encoding): ReadonlyArray<readonly [string, Buffer]> => {
  const decoder = new TextDecoder(encoding === "latin1" ? "windows-1252" : encoding, { fatal: true })
  const found = new Map<string, Buffer>()
  const add = (bytes: Buffer) => {
    try {
      const text = decoder.decode(bytes)
      if ([...text].length === 1 && /^[\p{L}€]$/u.test(text)) found.set(text, bytes)
    } catch {
      // These bytes are no character.
    }
  }
  for (let first = 0x80; first <= 0xff; first++) {
    add(Buffer.from([first]))
    for (let second = 0x30; second <= 0xff; second++) add(Buffer.from([first, second]))
  }
  if (encoding === "gb18030") add(Buffer.from([0x95, 0x32, 0x82, 0x36]))
  return [...found]
}

const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 })

describe.each(legacy)("%s", (encoding) => {
  const characters = charactersOf(encoding)
  const word = fc.array(fc.constantFrom(...characters), { minLength: 1, maxLength: 20 })

  it("LF-1: is read when the caller names it, however its bytes are cut", () =>
    fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 5 }), cuts, async (words, sizes) => {
        const lines = words.map((pairs) =>
          Buffer.concat([Buffer.from("a@b.de,"), ...pairs.map(([, bytes]) => bytes), Buffer.from("\n")])
        )
        const bytes = Buffer.concat([Buffer.from("email,company\n"), ...lines])
        const { error, rows } = await readAll(cut(bytes, sizes), { encoding })
        expect(error).toBeUndefined()
        expect(rows.map(({ row }) => row)).toEqual(
          words.map((pairs) => ({ email: "a@b.de", company: pairs.map(([text]) => text).join("") }))
        )
      }),
      { numRuns: 25 }
    ))
})

it.each([
  ["latin1", [0x81]],
  ["windows-1250", [0x90]],
  ["windows-1253", [0xff]],
  ["shift_jis", [0x82, 0x20]],
  ["shift_jis", [0xff]],
  ["gb18030", [0x81, 0x30, 0x20]],
  ["euc-kr", [0xff, 0xff]]
] as const)(
  "LF-4: bytes without a character in %s end the reading after the rows before: %j",
  (encoding, bad) =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 5 }), cuts, async (count, sizes) => {
        const before = `email,company\n${"a@b.de,x\n".repeat(count)}`
        const bytes = Buffer.concat([Buffer.from(`${before}c@d.de,`), Buffer.from(bad), Buffer.from(",y\n")])
        const { error, rows } = await readAll(cut(bytes, sizes), { encoding })
        expect([rows.length, error?.reason, error?.line]).toEqual([count, "BadText", count + 2])
      }),
      { numRuns: 25 }
    )
)

it("LF-4: a list that is not UTF-8 is not told to be one encoding, since a wrong one damages names", async () => {
  const polish = Buffer.from("email,company\na@b.de,\xa3\xf3d\x9f\n", "latin1")
  const { error } = await readAll(cut(polish, [5]))
  expect(error?.hints).toEqual([{ kind: "option", option: "encoding", value: null }])
  expect(error?.message).toMatch(/save the file as UTF-8.*"latin1" is for Western European text alone/)
  const { rows } = await readAll(cut(polish, [5]), { encoding: "windows-1250" })
  expect(rows[0]?.row).toEqual({ email: "a@b.de", company: "Łódź" })
})
