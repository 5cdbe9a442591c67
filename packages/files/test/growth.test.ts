import { SourceRow } from "@leadterra/core"
import { describe, it } from "vitest"
import { doubling, expectLinear } from "../../../test/growth.ts"
import { CsvReader } from "../src/CsvReader.ts"
import { csvRecord, escapeFormula, unescapeFormula } from "../src/cells.ts"
import { namedColumns, numberedColumns } from "../src/columns.ts"
import { beginningOf, formatOfContent, isEnough } from "../src/detect.ts"
import { meaningBeside, meaningOf, plain } from "../src/fields.ts"
import { splitName } from "../src/fullName.ts"
import { JsonReader } from "../src/JsonReader.ts"
import { looksLikeAddress } from "../src/looksLikeAddress.ts"
import { NdjsonReader } from "../src/NdjsonReader.ts"
import { objectRows } from "../src/objectRows.ts"
import { parseJson } from "../src/parseJson.ts"
import { formatOf } from "../src/ReadOptions.ts"
import type { RowReader } from "../src/RowReader.ts"
import { isBlankFrom, lineEndsIn } from "../src/text.ts"

const repeated = (text: string) => (size: number) => text.repeat(Math.ceil(size / text.length))

/** Text that tempts a pattern or a loop to look at the same characters again. */
const baits: ReadonlyArray<readonly [string, (size: number) => string]> = [
  ["dots between two @", (size) => `a@${".".repeat(size)}@`],
  ["labels between two @", (size) => `a@${"a.".repeat(size / 2)}@`],
  ["@", repeated("@")],
  ["white space", repeated(" ")],
  ["white space before a letter", (size) => `${" ".repeat(size)}a`],
  ["tabs", repeated("\t")],
  ["line ends", repeated("\r\n")],
  ["carriage returns", repeated("\r")],
  ["quotes", repeated('"')],
  ["an open quote", (size) => `"${"a".repeat(size)}`],
  ["bad quotes", repeated('"a"b\n')],
  ["bad quotes in one line", repeated('"a"b,')],
  ["bad quotes behind a quoted line end", repeated('"a\r"b\n')],
  ["quoted cells", repeated('"a",')],
  ["quotes behind blanks", repeated('   "a"  ,')],
  ["doubled quotes", (size) => `"${'""'.repeat(size / 2)}",`],
  ["commas", repeated(",")],
  ["cells", repeated("ab,")],
  ["apostrophes", repeated("'")],
  ["apostrophes behind commas", repeated(",'")],
  ["apostrophes and blanks behind commas", repeated(",'  ")],
  ["equals signs", repeated("=")],
  ["brackets", repeated("[")],
  ["braces", repeated('{"a":')],
  ["backslashes", repeated("\\")],
  ["a string of escapes", (size) => `"${'\\"'.repeat(size / 2)}`],
  ["strings of escapes", repeated('"\\\\",')],
  ["ligatures", repeated("\ufdfa")],
  ["marks", repeated("a\u0301")],
  ["sep=", repeated("sep=")]
]

const functions: ReadonlyArray<readonly [string, (text: string) => unknown]> = [
  ["looksLikeAddress", looksLikeAddress],
  ["plain", plain],
  ["meaningOf", meaningOf],
  ["meaningBeside", (text) => meaningBeside(text, new Set([text]))],
  ["splitName", splitName],
  ["escapeFormula", escapeFormula],
  ["unescapeFormula", unescapeFormula],
  ["csvRecord", (text) => csvRecord([text], ",", true)],
  ["lineEndsIn", lineEndsIn],
  ["isBlankFrom", (text) => isBlankFrom(text, 0, 44)],
  ["formatOf", formatOf],
  ["formatOfContent", formatOfContent],
  ["isEnough", (text) => isEnough(text, {})],
  ["beginningOf", (text) => beginningOf(text, {}, 1)],
  ["parseJson", parseJson]
]

const columns = namedColumns(["email", "firstName", "x"], { map: {}, splitName: false, addressColumn: null })
const csvReader = () => new CsvReader(columns, { delimiter: ",", firstLine: 1, skip: 0 }, 1e9)
const rows = objectRows({ map: {}, splitName: false })

const readers: ReadonlyArray<readonly [string, () => RowReader]> = [
  ["CSV", csvReader],
  ["NDJSON", () => new NdjsonReader(rows, 1e9, 1)],
  ["JSON", () => new JsonReader(rows, 1e9, 1)]
]

const readWhole = (reader: RowReader, text: string): void => {
  reader.push(text)
  reader.end(false)
}

/** In characters; a night has the time for longer ones. */
const sizes = doubling(process.env["NIGHTLY"] === undefined ? 16_000 : 64_000)

describe("growth: FAULTS 38 and 55", () => {
  it.each(functions)("LF-4: %s takes a time that grows as its text does", (name, run) => {
    for (const [bait, make] of baits) expectLinear(`${name} of ${bait}`, sizes, make, run)
  })

  it.each(readers)("LF-4: the reader of %s takes a time that grows as its text does", (name, make) => {
    const head = name === "JSON" ? "[" : ""
    for (const [bait, textOf] of baits) {
      expectLinear(
        `${name} of ${bait}`,
        sizes,
        (size) => head + textOf(size),
        (text) => readWhole(make(), text)
      )
    }
  })

  it("LF-4: records with bad quotes in one large chunk take a time that grows as their number does", () => {
    for (const lineEnd of ["\n", "\r"]) {
      const make = repeated(`"a"b${lineEnd}`)
      const large = doubling(1_600_000)
      expectLinear(`bad quotes before ${JSON.stringify(lineEnd)}`, large, make, (text) =>
        readWhole(csvReader(), text)
      )
    }
  })

  it("LF-4: names of columns are told apart in a time that grows as their number does", () => {
    const headers: ReadonlyArray<readonly [string, (index: number) => string]> = [
      ["one name", () => "Notes"],
      ["numbered names", (index) => (index % 2 === 0 ? "Notes" : `Notes ${index}`)],
      ["no names", () => ""],
      ["names of the unnamed", (index) => (index % 2 === 0 ? "" : `column ${index}`)],
      ["ambiguous names", (index) => (index % 2 === 0 ? "nom" : `x${index}`)],
      ["addresses", (index) => `a${index}@acme.com`]
    ]
    for (const splitName of [false, true]) {
      const options = { map: { Email: "email" }, splitName, addressColumn: null }
      for (const [bait, nameOf] of headers) {
        const make = (size: number) => [
          "Email",
          "Full Name",
          ...Array.from({ length: size }, (_, index) => nameOf(index))
        ]
        expectLinear(`named columns: ${bait}`, doubling(8_000), make, (names) => namedColumns(names, options))
      }
    }
    const make = (size: number) => Array.from({ length: size }, (_, index) => `a${index}@acme.com`)
    const options = { map: {}, splitName: false, addressColumn: null }
    expectLinear("numbered columns", doubling(8_000), make, (cells) => numberedColumns(cells, options))
  })

  it("LF-4: keys of an object are told apart in a time that grows as their number does", () => {
    const objects: ReadonlyArray<readonly [string, (index: number) => string]> = [
      ["custom keys", (index) => `x${index}`],
      ["keys of one meaning", (index) => `E-mail${" ".repeat(index % 50)}${"-".repeat(index / 50)}`],
      ["escaped keys", (index) => `\n${index}`],
      ["an ambiguous key", (index) => (index === 0 ? "nom" : `y${index}`)]
    ]
    for (const [bait, keyOf] of objects) {
      const make = (size: number) =>
        JSON.stringify(Object.fromEntries(Array.from({ length: size }, (_, index) => [keyOf(index), index])))
      expectLinear(`keys: ${bait}`, doubling(8_000), make, (text) => {
        const parsed = parseJson(text)
        if ("value" in parsed) objectRows({ map: {}, splitName: true }).rowOf(parsed, 1)
      })
    }
  })

  it("LF-4: rows keep their growth in the writing of failed rows", () => {
    const make = (size: number) => new SourceRow({ email: "x".repeat(size) }, 1)
    expectLinear("failed rows", sizes, make, (row) => csvRecord([JSON.stringify(row.row)], ",", true))
  })
})
