/** FAULTS 48: text that is a formula only where another separator is read than was written. */
import { csvOf, failedRowsCsv } from "@leadterra/files"
import { parse } from "csv-parse/sync"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { expectLinear } from "../../core/test/growth.ts"
import { csvRecord, escapeFormula, unescapeFormula } from "../src/cells.ts"
import { readText } from "./read.ts"

const separators = [",", ";", "\t", "|"]

/** Text of the characters that decide, so that short texts meet all of it. */
const cell = fc.string({
  unit: fc.constantFrom(..."=+-@'\"\t\r\n ,;|a“«\u00a0＝－".split("")),
  maxLength: 12
})

/**
 * A field that a spreadsheet runs: blanks and the quotes of CSV in front of a sign do not stop it.
 */
const runs = /^[\s"]*[=+\-@\uff1d\uff0b\uff0d\uff20]/

const joined = async (chunks: AsyncIterable<string>) => {
  let text = ""
  for await (const chunk of chunks) text += chunk
  return text
}

describe("formulas behind a separator", () => {
  it("LF-5: the export is safe where a semicolon separates", async () => {
    const lead = {
      ...{ email: "ava@acme.com", lastName: null, company: null, jobTitle: null, customFields: {} },
      firstName: "Ava;=cmd|' /C calc'!A0"
    }
    const enrollment = {
      position: 0,
      state: "active",
      endReason: null,
      enrolledAt: 0,
      endedAt: null
    } as const
    const text = await joined(csvOf([{ lead, enrollment, pending: null }]))
    expect(text).toContain("Ava;'=cmd|' /C calc'!A0")
    const records: ReadonlyArray<ReadonlyArray<string>> = parse(text, {
      delimiter: ";",
      relax_quotes: true,
      relax_column_count: true
    })
    for (const field of records.flat()) expect(field).not.toMatch(runs)
  })

  it("LF-5: no field of the text, split at any separator, begins like a formula", () =>
    fc.assert(
      fc.property(
        fc.array(cell, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...separators),
        (cells, delimiter) => {
          const text = csvRecord(cells, delimiter, true)
          for (const separator of [...separators, "\r", "\n"]) {
            for (const field of text.split(separator)) expect(field).not.toMatch(runs)
          }
        }
      ),
      { numRuns: 1_000 }
    ))

  it("LF-5: taking the apostrophes away gives the text that was there", () => {
    fc.assert(
      fc.property(fc.oneof(cell, fc.string({ unit: "grapheme" })), (text) => {
        expect(unescapeFormula(escapeFormula(text))).toBe(text)
      }),
      { numRuns: 1_000, examples: [["'=x"], ["a;'=x"], ["a;''=x"], ["a;'x"], [";=\t'=\r\n-"], ["a\r\nb"]] }
    )
    for (const text of ["Ava; Bo, Cy", "line\r\nline\n\nline", "a;'b'", "3-5; 7", "x = y"]) {
      expect(escapeFormula(text)).toBe(text)
    }
  })

  it("LF-5: failed rows come back as they were", async () => {
    const { file, rows } = await readText('email,Phone\na@b.de,"1;+49 30|-2"\n')
    const failed = rows.map((row) => ({ row, line: 2, issues: [], retry: "later" as const }))
    const text = await joined(failedRowsCsv(failed, file.columns))
    expect(text).toContain("1;'+49 30|'-2")
    expect((await readText(text)).rows[0]?.row).toEqual({
      email: "a@b.de",
      customFields: { Phone: "1;+49 30|-2" }
    })
  })

  it.each([";", "; ", ";=", "'", ";'", " "])("cost in proportion to the text, of many %j", (piece) => {
    const make = (size: number) => piece.repeat(size / piece.length)
    const sizes = [8_000, 16_000, 32_000, 64_000]
    expectLinear(`escapeFormula of ${JSON.stringify(piece)}`, sizes, make, (text) =>
      unescapeFormula(escapeFormula(text))
    )
  })
})
