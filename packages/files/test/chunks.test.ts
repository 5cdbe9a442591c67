/**
 * A list reads the same however its bytes come: in one piece, byte by byte, or in chunks of any
 * sizes, with lines that are skipped, titles above the header, and all line ends mixed.
 */
import { FileError, type ReadOptions } from "@leadterra/files"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { comes, cut, encoded, faultOf, readAll, type Way, ways } from "./read.ts"

/** All that a caller sees of a list: columns, rows, and the fault that ended it. */
const seen = async (source: AsyncIterable<Uint8Array>, options: ReadOptions) => {
  try {
    const { error, file, rows } = await readAll(source, options)
    const told = rows.map(({ issues, line, retry, row }) => ({ issues, line, retry, row }))
    return { format: file.format, columns: file.columns, rows: told, error: error?.message }
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    return { error: error.message, hints: error.hints }
  }
}

const units = [
  ...['"', '""', ",", ";", "|", "\t", " ", "b", "é", "=", "'", "\ufeff", "Email", "a@x.com"],
  ...["\n", "\r", "\r\n", "\n\r"]
]
const bodies = fc.string({ unit: fc.constantFrom(...units), maxLength: 24 })

const jsonBodies = fc.string({
  unit: fc.constantFrom(
    ...["{", "}", '"', ":", ",", "[", "]", "\\", "\\u0065", "null", "1", " ", "\ufeff", "\n", "\r", "\r\n"],
    ...['"email":"a@x.com"', '{"email":"b@x.com"}', '{"a":1,"email":"c@x.com"}', '"Email"', '"é"']
  ),
  maxLength: 16
})

/** Lines above the list, some with quotes that no reader of CSV could follow. */
const titles = fc.array(
  fc.tuple(
    fc.constantFrom("", "T", '"T"', '"T', 'a"b', "x;y", '";', "sep=;", "é"),
    fc.constantFrom("\n", "\r", "\r\n")
  ),
  { maxLength: 4 }
)

const headers = fc.constantFrom("", "Email,Name\n", "Email;Name;X\r\n", '"Email"\t"Na me"\r', "Name\r")

const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 })

describe("chunks of a list", () => {
  it("LF-1: delimited text reads the same however it is cut, with lines above it", () =>
    fc.assert(
      fc.asyncProperty(
        titles,
        headers,
        bodies,
        fc.record(
          {
            skipLines: fc.integer({ min: 0, max: 4 }),
            header: fc.boolean(),
            delimiter: fc.constantFrom(",", ";")
          },
          { requiredKeys: [] }
        ),
        ways,
        sizes,
        async (above, header, body, options, way, otherSizes) => {
          const text = above.flat().join("") + header + body
          const given: ReadOptions = { ...options, format: "csv", encoding: way.encoding }
          const whole: Way = { ...way, sizes: [1_000_000], isPacked: false }
          const expected = await seen(comes(text, whole), given)
          for (const sizes of [way.sizes, otherSizes, [1]]) {
            expect(await seen(comes(text, { ...way, sizes }), given)).toEqual(expected)
          }
        }
      ),
      { numRuns: 600 }
    ))

  it("LF-1: JSON, and text of any format, reads the same however it is cut, with lines above it", () =>
    fc.assert(
      fc.asyncProperty(
        titles,
        fc.constantFrom("", "[", "{", '[{"email":"a@x.com"},', '{"email":"a@x.com"}\n', "{\r\n"),
        fc.oneof(jsonBodies, bodies),
        fc.record(
          { skipLines: fc.integer({ min: 0, max: 4 }), format: fc.constantFrom("ndjson", "json") },
          { requiredKeys: [] }
        ),
        ways,
        async (above, begins, body, options, way) => {
          const text = above.flat().join("") + begins + body
          const given: ReadOptions = { ...options, encoding: way.encoding }
          const expected = await seen(comes(text, { ...way, sizes: [1_000_000], isPacked: false }), given)
          for (const sizes of [way.sizes, [1]]) {
            expect(await seen(comes(text, { ...way, sizes }), given)).toEqual(expected)
          }
        }
      ),
      { numRuns: 600 }
    ))

  it("LF-1: a line end is skipped once, also where a chunk ends within it", async () => {
    const text = '"T"\rEmail;Name\nc@x.com;B\nd@x.com;D\n'
    for (const sizes of [[4, 10, 100], [1], [4], [5, 1], [1_000]]) {
      const { file, rows } = await readAll(cut(encoded(text), sizes), { format: "csv", skipLines: 1 })
      expect(file.columns.map(({ name }) => name)).toEqual(["Email", "Name"])
      expect(rows.map(({ line, row }) => [line, row])).toEqual([
        [3, { email: "c@x.com", customFields: { Name: "B" } }],
        [4, { email: "d@x.com", customFields: { Name: "D" } }]
      ])
    }
    expect(await faultOf(cut(encoded("x\r\ny\r\n"), [2]), { skipLines: 2 })).toMatchObject({
      reason: "Empty"
    })
  })
})
