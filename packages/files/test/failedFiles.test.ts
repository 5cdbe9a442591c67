/**
 * A file of failed rows is read in its own layout, whatever the options of the list that its rows
 * came from say about lines, encoding, delimiter, format and header.
 */
import {
  type FailedLead,
  failedRowsCsv,
  failedRowsJson,
  failedRowsNdjson,
  type LeadFile,
  type ReadOptions
} from "@leadterra/files"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { cut, encoded, readAll, readText } from "./read.ts"

const joined = async (chunks: AsyncIterable<string>) => {
  let text = ""
  for await (const chunk of chunks) text += chunk
  return text
}

const failed = (row: FailedLead["row"], line = 2): FailedLead => ({
  row,
  line,
  issues: [{ path: "email", reason: "Invalid", message: "no @" }],
  retry: "corrected"
})

const options: ReadonlyArray<ReadOptions> = [
  { skipLines: 3 },
  { skipLines: 1, delimiter: "^" },
  { encoding: "latin1" },
  { encoding: "utf-16le" },
  { delimiter: ";" },
  { delimiter: "\t" },
  { header: false },
  { header: true },
  { format: "json" },
  { format: "csv", skipLines: 0 },
  { format: "ndjson", skipLines: 2 },
  { format: "tsv", encoding: "latin1", skipLines: 5, header: false }
]

const rowsIn = async (file: string, given: ReadOptions, withMark: boolean, size: number) => {
  const read = await readAll(cut(encoded(file, "utf-8", withMark), [size]), given)
  return { isFailedRows: read.file.isFailedRows, rows: read.rows.map(({ row }) => row), error: read.error }
}

describe("files of failed rows", () => {
  const list = 'Émail;E-mail;"First\nName";-note\nx;a@b.de;Jürgen;"=1"\ny;c@d.ef;Zoë;é\n'

  it.each([",", ";", "\t", "|", "^"])(
    "LF-5: as CSV are read in their own layout, whatever the options: %j",
    async (delimiter) => {
      const source = await readText(list)
      const rows = source.rows.map((row) => failed(row))
      const text = await joined(failedRowsCsv(rows, source.file.columns, delimiter))
      const expected = source.rows.map(({ row }) => row)
      for (const given of options) {
        const known = delimiter === "^" ? { ...given, delimiter } : given
        for (const [withMark, size] of [
          [true, 1],
          [false, 1],
          [true, 7],
          [false, 1_000]
        ] as const) {
          expect(await rowsIn(text, known, withMark, size)).toEqual({
            isFailedRows: true,
            rows: expected,
            error: undefined
          })
        }
      }
    }
  )

  it.each([
    ["NDJSON", failedRowsNdjson],
    ["an array", failedRowsJson]
  ])("LF-5: as %s are read in their own layout, whatever the options", async (_, write) => {
    const source = await readText('[{"Mail":"a@b.de","x":"é"},\n{"email":"c@d.ef","y":1}]')
    const text = await joined(write(source.rows.map((row) => failed(row))))
    const expected = source.rows.map(({ row }) => row)
    for (const given of options) {
      for (const size of [1, 11, 1_000]) {
        expect(await rowsIn(text, given, false, size)).toEqual({
          isFailedRows: true,
          rows: expected,
          error: undefined
        })
      }
    }
  })

  it("LF-5: as an array are JSON, without rows too", async () => {
    expect(JSON.parse(await joined(failedRowsJson([])))).toEqual([])
    const rows = JSON.parse(await joined(failedRowsJson([failed({ email: "a" }), failed("x")])))
    expect(rows).toMatchObject([
      { email: "a", leadterra_line: 2 },
      { leadterra_text: '"x"', leadterra_retry: "corrected" }
    ])
  })

  it("LF-5: saved by a spreadsheet in the encoding of the list are read in that", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom("a", "é", "ü", "ß", "Ã"), maxLength: 4 }), {
          minLength: 1,
          maxLength: 4
        }),
        fc.integer({ min: 1, max: 9 }),
        async (names, size) => {
          const rows = names.map((name) => `a@b.de,Zoë${name},2\r\n`).join("")
          const text = `Email,First Name,leadterra_line\r\n${rows}`
          for (const encoding of ["latin1", "utf-8"] as const) {
            const read = await readAll(cut(encoded(text, encoding), [size]), { encoding: "latin1" })
            expect(read.rows.map(({ row }) => row)).toEqual(
              names.map((name) => ({ email: "a@b.de", firstName: `Zoë${name}` }))
            )
          }
          const marked = await readAll(cut(encoded(text, "utf-16le", true), [size]), {
            encoding: "latin1",
            skipLines: 1
          })
          expect(marked.rows).toHaveLength(names.length)
        }
      )
    ))

  it("LF-5: saved in GB 18030, a character of which may look like UTF-8, are read in that", async () => {
    const header = Buffer.from("Email,First Name,leadterra_line\na@b.de,")
    for (const [name, bytes] of [
      ["小明", [0xd0, 0xa1, 0xc3, 0xf7]],
      ["小明", Buffer.from("小明")]
    ] as const) {
      for (const size of [1, 1_000]) {
        const list = Buffer.concat([header, Buffer.from(bytes), Buffer.from(",2\n")])
        const { rows } = await readAll(cut(list, [size]), { encoding: "gb18030" })
        expect(rows[0]?.row).toEqual({ email: "a@b.de", firstName: name })
      }
    }
  })

  it("LF-5: with a NUL in a cell can be read again", async () => {
    const source = await readText(`email,x\n${"a@b.de,1\n".repeat(200)}c@d.ef,\0\n`)
    const file: LeadFile = source.file
    const text = await joined(
      failedRowsCsv(
        source.rows.slice(-1).map((row) => failed(row)),
        file.columns
      )
    )
    const again = await readText(text)
    expect(again.rows.map(({ row }) => row)).toEqual([{ email: "c@d.ef", customFields: { x: "\0" } }])
  })

  it("LF-5: lists that only look alike are read as the options say", async () => {
    const titled = await readText("leadterra_line of all\nEmail,x\na@b.de,1\n", { skipLines: 1 })
    expect([titled.file.isFailedRows, titled.rows.map(({ row }) => row)]).toEqual([
      false,
      [{ email: "a@b.de", customFields: { x: "1" } }]
    ])
    const nested = await readText('{"email":"a@b.de","x":{"leadterra_line":1}}\n{"email":"c@d.ef"}\n', {
      skipLines: 1
    })
    expect([nested.file.isFailedRows, nested.rows.map(({ row }) => row)]).toEqual([
      false,
      [{ email: "c@d.ef" }]
    ])
  })
})
