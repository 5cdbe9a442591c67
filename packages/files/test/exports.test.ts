import {
  csvOf,
  type EnrolledLead,
  type FailedLead,
  failedRowsCsv,
  failedRowsNdjson,
  ndjsonOf
} from "@leadterra/files"
import { parse } from "csv-parse/sync"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { cellsOf, readText } from "./read.ts"

const joined = async (chunks: AsyncIterable<string>) => {
  let text = ""
  for await (const chunk of chunks) text += chunk
  return text
}

const ava: EnrolledLead = {
  lead: {
    email: "ava@acme.com",
    firstName: "=1+1",
    lastName: null,
    company: 'Acme "A", Inc',
    jobTitle: " +x",
    customFields: { plan: -5, tags: "a;b", isNew: true, gone: null }
  },
  enrollment: { position: 1, state: "active", endReason: null, enrolledAt: 1_700_000_000_000, endedAt: null },
  pending: { step: 1, dueAt: 1_700_086_400_000 }
}

const cell = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 10 }),
  fc.string({
    unit: fc.constantFrom("=", "+", "-", "@", "'", '"', "\t", "\r", "\n", " ", "＝", "－", "a", ","),
    maxLength: 6
  })
)

describe("enrolments", () => {
  it("LF-5: go out as CSV with the custom fields that are named, times as ISO, and no ids", async () => {
    const text = await joined(csvOf([ava], { customFields: ["plan", "isNew", "gone", "constructor"] }))
    expect(text.split("\r\n")).toEqual([
      "email,firstName,lastName,company,jobTitle,plan,isNew,gone,constructor,enrollment_position,enrollment_state,enrollment_end_reason,enrolled_at,ended_at,pending_step,pending_due_at",
      `ava@acme.com,'=1+1,,"Acme ""A"", Inc","' +x",-5,true,,,1,active,,2023-11-14T22:13:20.000Z,,1,2023-11-15T22:13:20.000Z`,
      ""
    ])
  })

  it("LF-5: go out as NDJSON, raw", async () => {
    const text = await joined(ndjsonOf([ava, { ...ava, pending: null }]))
    const [first, second] = text
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line))
    expect(first).toEqual({
      ...ava.lead,
      enrollment: {
        position: 1,
        state: "active",
        endReason: null,
        enrolledAt: "2023-11-14T22:13:20.000Z",
        endedAt: null
      },
      pending: { step: 1, dueAt: "2023-11-15T22:13:20.000Z" }
    })
    expect(second).toMatchObject({ pending: null })
  })

  it.each([
    "=cmd",
    "+1",
    "-1",
    "@x",
    "\tx",
    "\rx",
    "\nx",
    "＝x",
    "＋x",
    "－x",
    "＠x",
    "  =x",
    "'=x",
    '"=x',
    "“=x",
    " \u00a0'=x",
    '=HYPERLINK("x")'
  ])("LF-5: a formula gets an apostrophe in front: %j", async (firstName) => {
    const record = { ...ava, lead: { ...ava.lead, firstName } }
    const cells = async (neutralise: boolean) =>
      parse(await joined(csvOf([record], { neutralise })), { record_delimiter: "\r\n" })[1]?.[1]
    expect(await cells(true)).toBe(`'${firstName}`)
    expect(await cells(false)).toBe(firstName)
  })

  it("LF-5: cells read back as they were, with any delimiter", () =>
    fc.assert(
      fc.asyncProperty(cell, cell, fc.constantFrom(",", ";", "\t"), async (firstName, x, delimiter) => {
        const lead = { ...ava.lead, firstName, customFields: { x } }
        const options = { customFields: ["x"], delimiter, neutralise: false }
        const text = await joined(csvOf([{ ...ava, lead }], options))
        const [, record] = parse(text, { delimiter, record_delimiter: "\r\n" })
        expect([record?.[1], record?.[5]]).toEqual([firstName, x])
      })
    ))

  it("LF-5: come in chunks, as they are asked for", async () => {
    let taken = 0
    function* many() {
      for (;;) {
        taken++
        yield ava
      }
    }
    for await (const chunk of csvOf(many())) {
      expect(chunk.length).toBeGreaterThan(60_000)
      break
    }
    expect(taken).toBeLessThan(1_000)
  })
})

const failed = (row: FailedLead["row"], line = 2): FailedLead => ({
  row,
  line,
  issues: [{ path: "email", reason: "Invalid", message: "no @" }],
  retry: "corrected"
})

describe("failed rows", () => {
  it("LF-5: keep the cells of their source, and come back as they were", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 4 }),
        fc.constantFrom("email,Phone,-note", "-note,E-mail,Last Name"),
        fc.constantFrom(",", ";"),
        async (table, header, delimiter) => {
          const kept = table.filter((cells) => cells.some((one) => one.trim() !== "" && !one.includes("\0")))
          const quoted = kept.map((cells) => cells.map((one) => `"${one.replaceAll('"', '""')}"`).join(","))
          const { file, rows } = await readText([`${header}`, ...quoted, "a@b.de,1,2", ""].join("\n"), {
            delimiter: ","
          })
          for (const given of [rows, rows.map(({ row }) => row)]) {
            const text = await joined(
              failedRowsCsv(
                given.map((row) => failed(row)),
                file.columns,
                delimiter
              )
            )
            const again = await readText(text)
            expect(again.rows.map(({ row }) => row)).toEqual(rows.map(({ row }) => row))
            expect(again.rows.every(({ issues }) => issues.length === 0)).toBe(true)
            const twice = await joined(
              failedRowsCsv(
                again.rows.map((row) => failed(row)),
                again.file.columns,
                delimiter
              )
            )
            expect(twice).toBe(text)
          }
        }
      )
    ))

  it.each(["'\r", "'=x", "''", "' =", "'a"])("LF-5: come back as they were: %j", async (phone) => {
    const { file, rows } = await readText(`email,Phone\na@b.de,"${phone}"\n`)
    const text = await joined(
      failedRowsCsv(
        rows.map((row) => failed(row)),
        file.columns
      )
    )
    expect((await readText(text)).rows[0]?.row).toEqual({ email: "a@b.de", customFields: { Phone: phone } })
  })

  it("LF-5: say line, problem and retry, which the reader leaves out", async () => {
    const { file, rows } = await readText("Mail-Adr.;Vorname\nava at acme;Ava\n", {
      map: { "Mail-Adr.": "email" }
    })
    const text = await joined(
      failedRowsCsv(
        rows.map((row) => failed(row)),
        file.columns,
        ";"
      )
    )
    expect(text).toBe(
      "email;firstName;leadterra_line;leadterra_problem;leadterra_suggestion;leadterra_retry\r\nava at acme;Ava;2;email: no @;;corrected\r\n"
    )
    const again = await readText(text.replace("ava at", "ava@"), { map: { "Mail-Adr.": "email" } })
    expect(again.rows[0]?.row).toEqual({ email: "ava@ acme", firstName: "Ava" })
  })

  it("LF-5: of a list without a header name what they hold", async () => {
    const { file, rows } = await readText("Ava,a@b.de\n", { map: { "1": "firstName" } })
    const text = await joined(
      failedRowsCsv(
        rows.map((row) => failed(row, 1)),
        file.columns
      )
    )
    expect(text.split("\r\n")[0]).toBe(
      "firstName,email,leadterra_line,leadterra_problem,leadterra_suggestion,leadterra_retry"
    )
    for (const options of [{}, { header: false }, { map: { "1": "firstName" } }]) {
      expect((await readText(text, options)).rows.map(({ row }) => row)).toEqual(rows.map(({ row }) => row))
    }
  })

  it("LF-5: with a suggestion carry it, for people and for programs, and come back without it", async () => {
    const issues = [{ path: "email", reason: "Invalid", message: "no", suggestion: "ava@acme.com" }]
    const { file, rows } = await readText("email,x\n<ava@acme.com>,1\n")
    const csv = await joined(
      failedRowsCsv(
        rows.map((row) => ({ ...failed(row), issues })),
        file.columns
      )
    )
    expect(csv.split("\r\n")[1]).toBe("<ava@acme.com>,1,2,email: no,ava@acme.com,corrected")
    const ndjson = await joined(failedRowsNdjson(rows.map((row) => ({ ...failed(row), issues }))))
    expect(ndjson).toContain('"leadterra_suggestion":"ava@acme.com"')
    for (const text of [csv, ndjson]) {
      const again = await readText(text)
      expect(again.rows.map(({ row }) => row)).toEqual(rows.map(({ row }) => row))
    }
  })

  it("LF-5: that cannot be written as JSON are told of without their content", async () => {
    const loop: Record<string, unknown> = {}
    loop["loop"] = loop
    let deep: unknown = null
    for (let depth = 0; depth < 100_000; depth++) deep = [deep]
    const thrower = Object.defineProperty({}, "x", {
      enumerable: true,
      get: () => {
        throw new Error("secret")
      }
    })
    const rows = [loop, deep, { x: 1n }, thrower].map((row, index) => failed(row, index + 1))
    const text = await joined(failedRowsNdjson(rows))
    expect(text.trim().split("\n")).toEqual(
      rows.map(
        ({ line }) =>
          `{"leadterra_text":null,"leadterra_line":${line},"leadterra_problem":"email: no @","leadterra_retry":"corrected"}`
      )
    )
  })

  it("LF-5: with too many cells keep them at the end, and fail until they are put right", async () => {
    const { file, rows } = await readText("email,x\na@b.de,1,2,3\n")
    const text = await joined(
      failedRowsCsv(
        rows.map((row) => ({ ...failed(row), issues: row.issues })),
        file.columns
      )
    )
    const again = await readText(text)
    expect(again.rows.map(({ issues }) => issues[0]?.reason)).toEqual(["TooManyCells"])
    expect(again.rows.flatMap(cellsOf).slice(-2)).toEqual(["2", "3"])
  })

  it("LF-5: of JSON have their fields and values, and come back as they were", async () => {
    const list = '{"Mail":"ava","n":null,"customFields":{"x":1}}\n[1]\n{"email":\n'
    const { rows } = await readText(list, { format: "ndjson" })
    const text = await joined(failedRowsNdjson(rows.map((row, index) => failed(row, index + 1))))
    expect(text.split("\n").slice(0, 3)).toEqual([
      '{"email":"ava","n":null,"customFields":{"x":1},"leadterra_line":1,"leadterra_problem":"email: no @","leadterra_retry":"corrected"}',
      '{"leadterra_text":[1],"leadterra_line":2,"leadterra_problem":"email: no @","leadterra_retry":"corrected"}',
      '{"leadterra_text":"{\\"email\\":","leadterra_line":3,"leadterra_problem":"email: no @","leadterra_retry":"corrected"}'
    ])
    const again = await readText(text)
    expect(again.rows.map(({ row }) => row)).toEqual([rows[0]?.row, [1], '{"email":'])
  })
})
