import { parse } from "csv-parse/sync"
import { stringify } from "csv-stringify/sync"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { cellsOf, comes, readAll, readText, saying, ways } from "./read.ts"

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 20 }).filter((cell) => !cell.includes("\0")),
  fc.string({
    unit: fc.constantFrom("a", '"', ",", ";", "\t", "|", "\n", "\r", " ", "é", "😀"),
    maxLength: 8
  })
)

const tables = fc
  .integer({ min: 1, max: 6 })
  .chain((width) => fc.array(fc.array(text, { minLength: width, maxLength: width }), { maxLength: 8 }))
  .map((rows) => [...rows.filter((row) => row.some((cell) => cell.trim() !== "")), ["a@acme.com"]])
  .map((rows) =>
    rows.map((row) => [...row, ...Array<string>(rows[0]?.length ?? 0).fill("")].slice(0, rows[0]?.length))
  )

const lineEnds = fc.constantFrom("\r\n", "\n", "\r")
const delimiters = fc.constantFrom(",", ";", "\t", "|")

/** Records are quoted throughout: csv-stringify leaves some cells bare that begin or end in a lone CR. */
const written = (
  rows: ReadonlyArray<ReadonlyArray<string>>,
  delimiter: string,
  ends: ReadonlyArray<string>
) => {
  const lines: Array<number> = []
  let list = ""
  for (const [index, row] of rows.entries()) {
    lines.push(list.split(/\r\n|\n|\r/).length)
    const record = stringify([[...row]], { delimiter, quoted: true, record_delimiter: "\n" }).slice(0, -1)
    list += record + (ends[index % ends.length] ?? "\n")
  }
  return { list, lines }
}

describe("delimited text", () => {
  it("LF-1: reads back cell for cell, on the right lines, however it is written and cut", () =>
    fc.assert(
      fc.asyncProperty(
        tables,
        delimiters,
        fc.array(lineEnds, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        ways,
        async (rows, delimiter, ends, isEnded, way) => {
          const width = rows[0]?.length ?? 0
          const header = ["email", ...Array.from({ length: width - 1 }, (_, index) => `c${index}`)]
          const { lines, list } = written([header, ...rows], delimiter, ends)
          const whole = isEnded ? list : list.replace(/(?:\r\n|\n|\r)$/, "")
          const read = await readAll(comes(whole, way), {
            ...saying(way),
            ...(width === 1 ? { delimiter } : {})
          })
          expect(read.error).toBeUndefined()
          expect(read.rows.map(cellsOf)).toEqual(rows)
          expect(read.rows.map(({ line }) => line)).toEqual(lines.slice(1))
          expect(read.rows.every(({ issues }) => issues.length === 0)).toBe(true)
        }
      ),
      { numRuns: 400 }
    ))

  it("LF-1: reads what csv-parse reads, of any text without broken quotes", () =>
    fc.assert(
      fc.asyncProperty(
        fc.string({
          unit: fc.constantFrom("a", "b@c.de", '"', '"x"', '""', ",", "\n", "\r\n", "\r", " "),
          maxLength: 40
        }),
        ways,
        async (body, way) => {
          // csv-parse joins quoted pieces with blanks between them; the reader calls their quotes
          // broken.
          fc.pre(!/" +"/.test(body))
          const list = `email,x,y\na@b.de\n${body}`
          let expected: ReadonlyArray<ReadonlyArray<string>>
          try {
            expected = parse(list, {
              relax_column_count: true,
              record_delimiter: ["\r\n", "\n", "\r"],
              trim: true
            })
          } catch {
            return
          }
          const { error, rows } = await readAll(comes(list, way), saying(way))
          expect(error).toBeUndefined()
          const isRow = (cells: ReadonlyArray<string>) => cells.some((cell) => cell.trim() !== "")
          const trimmed = (cells: ReadonlyArray<string>) => cells.map((cell) => cell.trim())
          expect(rows.map((row) => trimmed(cellsOf(row)))).toEqual(
            expected.slice(1).filter(isRow).map(trimmed)
          )
        }
      ),
      { numRuns: 400 }
    ))

  it("LF-3: puts every cell that is not empty into exactly one field", () =>
    fc.assert(
      fc.asyncProperty(
        tables,
        fc.uniqueArray(
          fc.oneof(
            fc.constantFrom(
              "__proto__",
              "constructor",
              "a.b",
              "customFields",
              "Title",
              "Surname",
              "",
              "toString"
            ),
            fc.string({ unit: "grapheme-ascii", maxLength: 6 })
          ),
          {
            minLength: 6,
            maxLength: 6,
            selector: (name) =>
              name
                .trim()
                .toLowerCase()
                .replace(/[^a-z0-9]/g, "")
          }
        ),
        async (rows, names) => {
          const width = rows[0]?.length ?? 0
          const header = ["email", ...names].slice(0, width)
          const { list } = written([header, ...rows], ",", ["\n"])
          const read = await readText(list, { delimiter: ",", header: true })
          expect(read.rows).toHaveLength(rows.length)
          for (const [index, row] of rows.entries()) {
            const content = read.rows[index]?.row
            const fields = read.file.columns.map(({ fields: [field] }) => fieldOf(content, field ?? ""))
            expect(fields).toEqual(row.map((cell) => (cell.trim() === "" ? undefined : cell)))
            expect(countOf(content)).toBe(row.filter((cell) => cell.trim() !== "").length)
          }
        }
      ),
      { numRuns: 200 }
    ))

  it("LF-1: counts quoted line ends, CRLF once, and tells where a record begins", async () => {
    const { rows } = await readText('email,note\r\na@b.de,"x\r\ny"\r\rc@d.ef,"1\n\n2"\n\n\r\ng@h.ij,z')
    expect(rows.map(({ line }) => line)).toEqual([2, 5, 10])
  })

  it("LF-1: takes no blank line for a row, and the last one without a line end for one", async () => {
    const { rows } = await readText("\n\nemail,company\n\n , \na@b.de,Acme\n,,\n\nc@d.ef,Oak")
    expect(rows.map(({ line, row }) => [line, row])).toEqual([
      [6, { email: "a@b.de", company: "Acme" }],
      [9, { email: "c@d.ef", company: "Oak" }]
    ])
  })

  it("LF-3: leaves empty cells out, and keeps others as they are", async () => {
    const { rows } = await readText('email,First Name,note\na@b.de,"  ", =1+1 \n')
    expect(rows[0]?.row).toEqual({ email: "a@b.de", customFields: { note: " =1+1 " } })
  })

  it("LF-3: takes missing cells for empty, and fails a row with more than there are columns", async () => {
    const { rows } = await readText(
      "email,company,x\na@b.de\nc@d.ef,Acme,1,,\ng@h.ij,Acme,1,2,\nk@l.mn,1,2\n"
    )
    expect(rows.map(({ issues }) => issues.map(({ reason }) => reason))).toEqual([
      [],
      [],
      ["TooManyCells"],
      []
    ])
    expect(rows[2]?.issues[0]?.message).toContain("4 cells and there are 3 columns")
  })

  it("LF-3: fails a record with broken quotes, up to the line on which they break, and reads on", async () => {
    const { rows } = await readText('email,x\na@b.de,"say "hi" now"\nc@d.ef,1\ng@h.ij,5" pipe\n')
    expect(rows.map(({ issues, line }) => [line, issues[0]?.reason])).toEqual([
      [2, "BadQuote"],
      [3, undefined],
      [4, undefined]
    ])
    expect(rows[0]?.row).toBe('a@b.de,"say "hi" now"')
  })
})

function fieldOf(row: unknown, field: string): unknown {
  if (typeof row !== "object" || row === null) return undefined
  if (["email", "firstName", "lastName", "company", "jobTitle"].includes(field))
    return Reflect.get(row, field)
  const custom: unknown = Reflect.get(row, "customFields")
  if (typeof custom !== "object" || custom === null || !Object.hasOwn(custom, field)) return undefined
  return Object.getOwnPropertyDescriptor(custom, field)?.value
}

function countOf(row: unknown): number {
  if (typeof row !== "object" || row === null) return 0
  const { customFields, ...standard } = { customFields: {}, ...row }
  return Object.keys(standard).length + Object.keys(customFields).length
}
