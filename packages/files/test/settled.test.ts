/**
 * A file of failed rows holds what the map and `splitName` of the first reading decided. It reads
 * the same with these options and without.
 */
import {
  type FailedLead,
  FileError,
  failedRowsCsv,
  failedRowsJson,
  failedRowsNdjson,
  type ReadOptions
} from "@leadterra/files"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Reading, readText } from "./read.ts"

const joined = async (chunks: AsyncIterable<string>) => {
  let text = ""
  for await (const chunk of chunks) text += chunk
  return text
}

const failed = ({ rows }: Reading): ReadonlyArray<FailedLead> =>
  rows.map((row) => ({ row, line: row.line, issues: row.issues, retry: row.retry }))

const content = ({ rows }: Reading) => rows.map(({ row }) => row)

const reasons = ({ rows }: Reading) => rows.map(({ issues }) => issues[0]?.reason)

const names = ["Email", "Work Mail", "Mail", "Name", "Title", "Notes", "firstName", "Konto", "", "column 1"]
const fields = ["email", "firstName", "Email", "Account Name", "Full Name", "plan", "Title", null]

const maps = fc
  .array(fc.tuple(fc.constantFrom(...names.slice(0, 8), "1", "2"), fc.constantFrom(...fields)), {
    maxLength: 4
  })
  .map((entries) => Object.fromEntries(entries))

const cells = fc.oneof(
  fc.constantFrom("a@b.de", "Ava Chen", "Chen, Ava", "王 小明", "=1", "'-2", " x ", "", "x,y", '"'),
  fc.string({ maxLength: 5 }).filter((text) => !text.includes("\0"))
)

const quoted = (row: ReadonlyArray<string>) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(",")

/** Undefined where the options do not suit the list. */
const tryRead = async (text: string, options: ReadOptions): Promise<Reading | undefined> => {
  try {
    return await readText(text, options)
  } catch (error) {
    if (error instanceof FileError) return undefined
    throw error
  }
}

describe("failed rows of CSV", () => {
  it("LF-5: name the fields that the map gave, and mark the columns that it left out", async () => {
    const options = { map: { "Work Mail": "email", "Internal Notes": null }, splitName: true }
    const list = "Email,Work Mail,Internal Notes,Full Name,Plan\nother@x.de,ava@b.de,secret,Ava Chen,pro\n"
    const first = await readText(list, options)
    const text = await joined(failedRowsCsv(failed(first), first.file.columns))
    expect(text.split("\r\n")).toEqual([
      "Email,email,leadterra_left_out: Internal Notes,firstName,lastName,Plan,leadterra_line,leadterra_problem,leadterra_suggestion,leadterra_retry",
      "other@x.de,ava@b.de,secret,Ava,Chen,pro,2,,,corrected",
      ""
    ])
    for (const given of [{}, options, { map: { "5": null } }, { map: { Gone: "x" } }]) {
      const again = await readText(text, given)
      expect(content(again)).toEqual([
        {
          email: "ava@b.de",
          firstName: "Ava",
          lastName: "Chen",
          customFields: { Email: "other@x.de", Plan: "pro" }
        }
      ])
      expect(await joined(failedRowsCsv(failed(again), again.file.columns))).toBe(text)
    }
  })

  it("LF-5: read the same with the map of the first time and without, whatever it was", () =>
    fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 5 }),
        fc.array(fc.array(cells, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
        maps,
        fc.boolean(),
        async (header, table, map, splitName) => {
          const rows = [...table, ["a@b.de", "b", "c", "d", "e"]].map((row) => row.slice(0, header.length))
          const list = [header, ...rows].map(quoted).join("\n")
          const options = { map, splitName, header: true, delimiter: ",", format: "csv" } as const
          const first = await tryRead(`${list}\n`, options)
          fc.pre(first !== undefined)
          const text = await joined(failedRowsCsv(failed(first), first.file.columns))
          for (const given of [{}, options, { map: { Email: null } }]) {
            const again = await readText(text, given)
            expect(content(again)).toEqual(content(first))
            const rows = failed(first).map((one, index) => ({ ...one, row: again.rows[index] }))
            expect(await joined(failedRowsCsv(rows, again.file.columns))).toBe(text)
          }
        }
      ),
      { numRuns: 500 }
    ))

  it("LF-5: with broken quotes or too many cells fail again, also behind a name that was split", async () => {
    const list = 'Full Name,Email\n"Ava" Chen,a@b.de\nChen, Ava,a@b.de\n'
    const first = await readText(list, { splitName: true })
    const text = await joined(failedRowsCsv(failed(first), first.file.columns))
    const again = await readText(text)
    expect(content(again)[0]).toEqual({ firstName: '"Ava" Chen,a@b.de' })
    expect(reasons(again)[1]).toBe("TooManyCells")
  })
})

describe("failed rows of JSON", () => {
  it.each([
    ["NDJSON", failedRowsNdjson],
    ["an array", failedRowsJson]
  ])("LF-5: as %s have the fields that the map gave, without those that it left out", async (_, write) => {
    const options = { map: { "Work Mail": "email", "Internal Notes": null }, splitName: true }
    const object = {
      Email: "other@x.de",
      "Work Mail": "ava@b.de",
      "Internal Notes": "secret",
      "Full Name": "Ava Chen"
    }
    const first = await readText(`${JSON.stringify(object)}\n{"Email":"o@x.de"}\n`, options)
    const text = await joined(write(failed(first)))
    expect(text).not.toContain("secret")
    for (const given of [{}, options, { map: { Email: "company" } }]) {
      expect(content(await readText(text, given))).toEqual([
        { Email: "other@x.de", email: "ava@b.de", firstName: "Ava", lastName: "Chen" },
        { Email: "o@x.de" }
      ])
    }
  })

  it("LF-5: read the same with the map of the first time and without, whatever it was", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.constantFrom(...names), fc.oneof(cells, fc.integer(), fc.constant(null))), {
          minLength: 1,
          maxLength: 3
        }),
        maps,
        fc.boolean(),
        async (objects, map, splitName) => {
          const options = { map, splitName, format: "ndjson" } as const
          const first = await readText(objects.map((one) => `${JSON.stringify(one)}\n`).join(""), options)
          const text = await joined(failedRowsNdjson(failed(first)))
          for (const given of [{}, options, { map: { Email: null } }]) {
            const again = await readText(text, given)
            expect(content(again)).toEqual(content(first))
            const rows = failed(first).map((one, index) => ({ ...one, row: again.rows[index] }))
            expect(await joined(failedRowsNdjson(rows))).toBe(text)
          }
        }
      ),
      { numRuns: 500 }
    ))

  it("LF-5: whose keys clash hold all values of the field, until one is chosen", async () => {
    const list = '{"a":"x@b.de","b":"y@b.de","Email":"z@b.de"}\n'
    const first = await readText(list, { map: { a: "email", b: "email" } })
    expect(reasons(first)).toEqual(["KeysClash"])
    const text = await joined(failedRowsNdjson(failed(first)))
    expect(content(await readText(text))).toEqual([{ email: ["x@b.de", "y@b.de"], Email: "z@b.de" }])
    expect(content(await readText(text.replace('["x@b.de","y@b.de"]', '"y@b.de"')))).toEqual([
      { email: "y@b.de", Email: "z@b.de" }
    ])
  })
})

describe("broken lines of JSON in a file of failed rows", () => {
  const broken = '{"E-mail":"a@b.de"\n{"email":"c@d.ef"}}\n[1]\n"text"\n7\n'

  const writers = [
    ["NDJSON", failedRowsNdjson],
    ["an array", failedRowsJson]
  ] as const

  it.each(writers)("IM-4: of %s, corrected in their text, are rows", async (_, write) => {
    const first = await readText(broken, { format: "ndjson" })
    expect(reasons(first)).toEqual(["NotJson", "NotJson", undefined, undefined, undefined])
    const text = await joined(write(failed(first)))
    const corrected = text
      .replace(String.raw`\"a@b.de\"`, String.raw`\"a@b.de\",\"n\":1,\"leadterra_line\":9}`)
      .replace("}}", "}")
    const again = await readText(corrected)
    expect(content(again)).toEqual([{ email: "a@b.de", n: 1 }, { email: "c@d.ef" }, [1], "text", 7])
    expect(reasons(again).slice(0, 2)).toEqual([undefined, undefined])
  })

  it.each(writers)("IM-4: of %s, left as they are, fail as the lines did", async (_, write) => {
    const first = await readText(`${broken}${"[".repeat(100)}${"]".repeat(100)}\n`, { format: "ndjson" })
    const text = await joined(write(failed(first)))
    const again = await readText(text)
    expect(content(again)).toEqual(content(first))
    expect(reasons(again)).toEqual(reasons(first))
    const twice = await readText(await joined(write(failed(again))))
    expect([content(twice), reasons(twice)]).toEqual([content(first), reasons(first)])
  })

  it("IM-4: corrected, are read by the map and the names of keys, as the line would be", async () => {
    const line = JSON.stringify({ leadterra_text: '{"Work":"a@b.de","Note":"x"}', leadterra_line: 1 })
    const map = { Work: "email", Note: null }
    expect(content(await readText(`${line}\n`, { map }))).toEqual([{ email: "a@b.de" }])
  })

  it.each(writers)(
    "IM-4: of %s, corrected, are read by the map of their list, given again or not",
    async (_, write) => {
      const options = { map: { "Work Mail": "email", Email: null, Private: null }, splitName: true }
      const line = '{"Work Mail":"a@b.de","Email":"other@x.de","Private":"secret","Full Name":"Ava Chen"}'
      const lead = { email: "a@b.de", firstName: "Ava", lastName: "Chen" }
      const list = `${line.slice(0, -1)}\n[1]\n7\n${line}\n`
      const first = await readText(list, { ...options, format: "ndjson" })
      expect(reasons(first)).toEqual(["NotJson", undefined, undefined, undefined])
      const text = await joined(write(failed(first)))
      const corrected = text
        .replace(String.raw`Ava Chen\"`, String.raw`Ava Chen\"}`)
        .replace('"leadterra_text":[1]', `"leadterra_text":${JSON.stringify(line)}`)
        .replace('"leadterra_text":7', `"leadterra_text":${line}`)
      for (const given of [{}, { map: {} }, options, { map: options.map }]) {
        expect(content(await readText(corrected, given))).toEqual([lead, lead, lead, lead])
        // A row that is left as it is keeps its map for the next file, and the one after that.
        const again = await readText(text, given)
        expect(
          await joined(
            write(
              failed({ ...again, rows: again.rows.map((row, at) => Object.assign(row, { line: at + 1 })) })
            )
          )
        ).toBe(text)
      }
      const other = { map: { Email: "email", "Work Mail": null }, splitName: false }
      expect(content(await readText(corrected, other))[0]).toMatchObject({ email: "other@x.de" })
    }
  )

  it("IM-4: with a map that is none fail, and keep their text", async () => {
    for (const beside of [
      { leadterra_map: "x" },
      { leadterra_map: { a: 1 } },
      { leadterra_map: [] },
      { leadterra_split_name: 1 }
    ]) {
      const line = `${JSON.stringify({ leadterra_text: '{"email":"a@b.de"}', ...beside })}\n`
      const read = await readText(line)
      expect(reasons(read)).toEqual(["BadMap"])
      const [written = ""] = (await joined(failedRowsNdjson(failed(read)))).split("\n")
      expect(JSON.parse(written)).toMatchObject({ leadterra_text: '{"email":"a@b.de"}', ...beside })
    }
  })

  it("IM-4: with a text and other keys beside it fail, so that neither is lost", async () => {
    const line = JSON.stringify({ leadterra_text: '{"email":"a@b.de"}', leadterra_line: 1, email: "c@d.ef" })
    expect(reasons(await readText(`${line}\n`))).toEqual(["TextAndKeys"])
  })

  it("LF-4: with a number that would change, or too deep, fail", async () => {
    const texts = ['{"email":"a@b.de","id":12345678901234567891}', `{"a":${"[".repeat(99)}${"]".repeat(99)}}`]
    const lines = texts.map((text) => `${JSON.stringify({ leadterra_text: text, leadterra_line: 1 })}\n`)
    expect(reasons(await readText(lines.join("")))).toEqual(["NumberTooLarge", "TooDeep"])
  })
})
