import type { SourceRow } from "@leadterra/core"
import { failedRowsNdjson } from "@leadterra/files"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { comes, cut, encoded, faultOfText, readAll, readText, saying, ways } from "./read.ts"

/** Keys that are no field's usual name, so that objects come back as they are. */
const key = fc.oneof(
  fc.constantFrom("email", "firstName", "customFields", "__proto__", "constructor", "a.b", "$", "toString"),
  fc.string({ unit: "grapheme-ascii", maxLength: 6 }).map((name) => `x ${name}`.trim())
)
const objects = fc.array(fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 }), {
  minLength: 1,
  maxLength: 8
})
const ends = fc.constantFrom("\n", "\r\n", "\r", "\n\n \r\n")

/** Through JSON, since toEqual looks past prototypes that an own `__proto__` would have changed. */
const contents = (rows: ReadonlyArray<{ readonly row: unknown }>) =>
  JSON.stringify(rows.map(({ row }) => row))

const told = ({ issues, line, retry }: SourceRow) => ({ issues, line, retry })

describe("NDJSON and JSON", () => {
  it("LF-1: lines read back value for value, on the right lines, however they are cut", () =>
    fc.assert(
      fc.asyncProperty(objects, ends, fc.boolean(), ways, async (values, end, isEnded, way) => {
        const list = values.map((value) => JSON.stringify(value)).join(end) + (isEnded ? end : "")
        const { error, file, rows } = await readAll(comes(list, way), { ...saying(way), format: "ndjson" })
        expect(error).toBeUndefined()
        expect(contents(rows)).toBe(JSON.stringify(values))
        const apart = end.split(/\r\n|\n|\r/).length - 1
        expect(rows.map(({ line }) => line)).toEqual(values.map((_, index) => 1 + index * apart))
        expect(file.columns).toEqual([])
      }),
      { numRuns: 300 }
    ))

  it("LF-1: an array reads back value for value, on the right lines, however it is cut and laid out", () =>
    fc.assert(
      fc.asyncProperty(
        objects,
        fc.constantFrom("", " ", "\n", "\r\n", "\r"),
        fc.integer({ min: 0, max: 2 }),
        ways,
        async (values, gap, indent, way) => {
          const items = values.map((value) => JSON.stringify(value, null, indent))
          const list = `${gap}[${gap}${items.join(`${gap},${gap}`)}${gap}]${gap}`
          const { error, rows } = await readAll(comes(list, way), { ...saying(way), format: "json" })
          expect(error).toBeUndefined()
          expect(contents(rows)).toBe(JSON.stringify(values))
          const before = items.map(
            (_, index) =>
              `${gap}[${gap}${items
                .slice(0, index)
                .map((item) => `${item}${gap},${gap}`)
                .join("")}`
          )
          expect(rows.map(({ line }) => line)).toEqual(before.map((part) => part.split(/\r\n|\n|\r/).length))
        }
      ),
      { numRuns: 300 }
    ))

  /** FAULTS 54: V8 mixes up names that are written alike up to an escape. */
  it("LF-1: names with escapes are their own, whatever object was read before", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 4 }).filter((name) => name.isWellFormed()),
      fc.constantFrom("a", "\\", "\n", '"', '\\"', "__proto__", "customFields")
    )
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.array(fc.tuple(text, tie("value")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries))
      )
    }))
    return fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 5 }), async (values) => {
        const lines = values.map((one) => JSON.stringify({ x: one }))
        for (const [format, list] of [
          ["ndjson", lines.join("\n")],
          ["json", `[${lines.join(",\n")}]`]
        ] as const) {
          const { rows } = await readText(list, { format })
          expect(rows.map(({ row }) => JSON.stringify(row))).toEqual(lines)
        }
      }),
      { numRuns: 2_000 }
    )
  })

  it("LF-1: the names of two objects are kept apart: FAULTS 54", async () => {
    const list = ['{"x":{"a":1,"\\\\":2}}', '{"x":{"a":1,"\\n":2}}', '{"a":1,"\\u0062":{"\\t":[{"\\r":1}]}}']
    const expected = [
      { x: { a: 1, "\\": 2 } },
      { x: { a: 1, "\n": 2 } },
      { a: 1, b: { "\t": [{ "\r": 1 }] } }
    ]
    for (const text of [list.join("\n"), `[${list.join(",")}]`]) {
      const { rows } = await readText(text)
      expect(rows.map(({ row }) => row)).toEqual(expected)
    }
  })

  it("LF-4: a value that no lead can have fails its row, and can be written: FAULTS 49", async () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`
    const many = JSON.stringify(Array.from({ length: 20_000 }, () => 0))
    const values = [deep, `{"email":"a@b.de","x":${deep}}`, many, `{"email":"c@d.ef"}`]
    for (const list of [values.join("\n"), `[${values.toReversed().join(",\n")}]`]) {
      const { error, rows } = await readText(list, { format: list.startsWith("[{") ? "json" : "ndjson" })
      expect(error).toBeUndefined()
      expect(rows.flatMap(({ issues }) => issues.map(({ reason }) => reason)).toSorted()).toEqual([
        "TooDeep",
        "TooDeep",
        "TooManyMembers"
      ])
      const failed = rows.map((row, index) => ({
        row,
        line: index + 1,
        issues: row.issues,
        retry: row.retry
      }))
      let written = ""
      for await (const text of failedRowsNdjson(failed)) written += text
      expect(written.trim().split("\n")).toHaveLength(4)
    }
  })

  it("LF-4: a number that would change fails its row, by its field, and is written as it stood", async () => {
    const values = [
      '{"email":"a@b.de","score":1e400}',
      '{"email":"a@b.de","id":12345678901234567891,"n":1}',
      '{"email":"a@b.de","customFields":{"id":-9007199254740993,"\\u0061":"1e400"}}',
      '{"email":"a@b.de","list":[{"x":1E+30}]}',
      '{"email":"a@b.de","big":9007199254740992.0}'
    ]
    const kept = '{"email":"a@b.de","id":9007199254740991,"x":1e15,"y":0.1234567890123456789,"z":"1e400"}'
    const paths = ["score", "id", "customFields.id", "list", "big"]
    for (const list of [[...values, kept].join("\n"), `[${[...values, kept].join(",\n")}]`]) {
      for (const size of [1, 1_000]) {
        const { rows } = await readAll(cut(encoded(list), [size]))
        expect(rows.map(({ issues }) => issues.map(({ path, reason }) => [path, reason]))).toEqual([
          ...paths.map((path) => [[path, "NumberTooLarge"]]),
          []
        ])
        expect(JSON.stringify(rows[5]?.row)).toBe(JSON.stringify(JSON.parse(kept)))
        const failed = rows.slice(0, 5).map((row) => ({ ...told(row), row }))
        let written = ""
        for await (const text of failedRowsNdjson(failed)) written += text
        for (const [index, line] of written.trim().split("\n").entries()) {
          const source = values[index]?.slice(0, -1).replace("\\u0061", "a")
          expect(line.startsWith(`${source},"leadterra_line":`)).toBe(true)
        }
        const again = await readText(written)
        expect(again.rows.map(({ issues }) => issues[0]?.path)).toEqual(paths)
      }
    }
  })

  it("LF-4: a number that would change is no fault of a row whose map leaves it out", async () => {
    const { rows } = await readText('{"email":"a@b.de","id":12345678901234567891}\n', { map: { id: null } })
    expect([rows[0]?.row, rows[0]?.issues]).toEqual([{ email: "a@b.de" }, []])
    const bare = await readText('[1e400, [12345678901234567891], {"email":"a@b.de"}]', { format: "json" })
    expect(bare.rows.map(({ issues }) => issues[0]?.reason)).toEqual([
      "NumberTooLarge",
      "NumberTooLarge",
      undefined
    ])
    let written = ""
    for await (const text of failedRowsNdjson(bare.rows.slice(0, 2).map((row) => ({ ...told(row), row })))) {
      written += text
    }
    expect(written).toContain('{"leadterra_text":1e400,')
    expect(written).toContain('{"leadterra_text":[12345678901234567891],')
  })

  it("LF-1: the format shows by the content", async () => {
    const row = { email: "a@b.de" }
    for (const [list, format] of [
      ['[{"email":"a@b.de"}]', "json"],
      [' [ \n {"email":"a@b.de"}]', "json"],
      ['{"email":"a@b.de"}\n', "ndjson"],
      ["email\tcompany\na@b.de\t\n", "tsv"],
      ["email\na@b.de\n", "csv"]
    ] as const) {
      const { file, rows } = await readText(list)
      expect([file.format, ...rows.map((one) => one.row)]).toEqual([format, row])
    }
  })

  it("LF-2: keys mean fields as columns do, object by object, and values stay as they are", async () => {
    const { rows } = await readText(
      [
        '{"E-mail":"a@b.de","First Name":null,"Title":7," Plan ":true,"customFields":{"x":1}}',
        '{"work_email":"w@b.de","email":"a@b.de","Role":"r","Job Title":"t"}',
        '{"email":"a@b.de","Email Address":"b@b.de"}',
        '"just text"',
        '{"Mail":"a@b.de","leadterra_line":4,"drop":1}'
      ].join("\n"),
      { map: { drop: null } }
    )
    expect(rows.map(({ row }) => row)).toEqual([
      { email: "a@b.de", firstName: null, jobTitle: 7, Plan: true, customFields: { x: 1 } },
      { email: "a@b.de", work_email: "w@b.de", jobTitle: "t", Role: "r" },
      expect.anything(),
      "just text",
      { email: "a@b.de" }
    ])
    expect(rows.map(({ issues }) => issues[0]?.reason)).toEqual([
      undefined,
      undefined,
      "KeysClash",
      undefined,
      undefined
    ])
  })

  it("LF-2: a map wins over the names of keys", async () => {
    const { rows } = await readText('{"email":"old@b.de","contact":"a@b.de","company":"Acme"}', {
      map: { Contact: "email", company: null }
    })
    expect(rows[0]?.row).toEqual({ "email (unmapped)": "old@b.de", email: "a@b.de" })
  })

  it.each(["ndjson", "json"] as const)(
    "LF-2: keys of a map that no object has are told at the end of the list: %s",
    async (format) => {
      const map = { "Internal Note": null, WORK: "email", plan: "tier", "": null }
      const objects = ['{"Work":"a@b.de","Internal Notes":"x"}', '{"work":"c@d.ef","plan":"pro"}']
      const text = format === "json" ? `[${objects.join(",")}]` : `${objects.join("\n")}\n`
      const { file } = await readText(text, { format, map })
      expect(file.unusedMaps).toEqual(["Internal Note", ""])
      expect((await readText(text, { format })).file.unusedMaps).toEqual([])
      const failed = await readText('{"email":"a@b.de","leadterra_line":1}\n', { map })
      expect(failed.file.unusedMaps).toEqual([])
    }
  )

  it("LF-4: a broken line is a failed row with its text, and the reading goes on", async () => {
    const { error, rows } = await readText(
      '{"email":"a@b.de"}\n{"email":\n{"email":"c@d.ef"}\n{"email":"g@h',
      {
        format: "ndjson"
      }
    )
    expect(error).toBeUndefined()
    expect(rows.map(({ issues, line, retry, row }) => [line, row, issues[0]?.reason, retry])).toEqual([
      [1, { email: "a@b.de" }, undefined, "corrected"],
      [2, '{"email":', "NotJson", "corrected"],
      [3, { email: "c@d.ef" }, undefined, "corrected"],
      [4, '{"email":"g@h', "BreaksOff", "later"]
    ])
  })

  it.each([
    ['{"leads":\n[]}', 1, "keep the array alone"],
    ['[{"email":"a@b.de"},\n{"email":"a@b', 2, "breaks off"],
    ['[{"email":"a@b.de"}\n\n{"email":"c@d.ef"}]', 3, "comma"],
    ['[{"email":"a@b.de"},\n{"email":}]', 2, "not valid"],
    ['[{"email":"a@b.de"},\n]', 2, "not valid"],
    ['[{"email":"a@b.de"}]\n[]', 2, "follows"],
    ['[{"email":"a@b.de"}', 1, "not closed"]
  ])("LF-4: JSON that is no array, or breaks, says so with its line: %s", async (list, line, words) => {
    const error = await faultOfText(list, { format: "json" })
    expect(error).toMatchObject({ reason: "BadJson", line })
    expect(error.message).toContain(words)
  })

  it("LF-4: the rows before a break are given first", async () => {
    const { error, rows } = await readText('[{"email":"a@b.de"},{"email":"c@d.ef"},{]')
    expect(rows).toHaveLength(2)
    expect(error?.reason).toBe("BadJson")
  })
})

it("LF-4: a list in an object is told to stand alone, and not to be NDJSON", async () => {
  const wrapped = ['{"leads":[{"email":"a@b.de"}]}', '{\n  "total": 1,\n  "leads": []\n}', '{"leads":[']
  for (const list of wrapped) {
    const error = await faultOfText(list, { format: "json" })
    expect([error.reason, error.line, error.hints]).toEqual(["BadJson", 1, []])
    expect(error.message).toContain("keep the array alone")
  }
  const lines = await faultOfText('{"email":"a@b.de"}\n{"email":"c@d.ef"}\n', { format: "json" })
  expect(lines.hints).toEqual([{ kind: "option", option: "format", value: "ndjson" }])
})

it("LF-4: keys that mean the same field are named, long ones by their beginning", async () => {
  const { rows } = await readText('{"email":"a@b.de","first_name":"A","firstName":"B"}\n')
  expect(rows[0]?.issues[0]?.message).toMatch(/^"first_name" and "firstName" mean the same field: /)
})
