/** The count: by hand on small lists, beside a second reader of CSV, and beside core on lists of every product. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { MemoryRepository } from "@leadterra/adapter-memory"
import { open } from "@leadterra/core/promise"
import Papa from "papaparse"
import { afterAll, describe, expect, it } from "vitest"
import { countFile } from "../count.ts"
import { CsvRows } from "../csvRows.ts"
import { type As, listOf, names } from "../generate.ts"

const folder = mkdtempSync(join(tmpdir(), "leadterra-lists-"))
afterAll(() => rmSync(folder, { recursive: true }))

const countOf = async (name: string, text: string | Buffer, suppressed: ReadonlyArray<string> = []) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  const { emails, ...count } = await countFile(path, { suppressed })
  expect(emails.size).toBe(count.enrolled)
  return count
}

const textOf = (as: As, rows: number, seed: number): string => [...listOf({ rows, seed, as })].join("")

describe("by hand", () => {
  const csv = [
    "\ufeffNumber,Email Address,Note",
    "1,ava@acmecorp.com,first",
    '2," AVA@AcmeCorp.com ","again, with ""quotes"""',
    '3,bo@straße.de,"two\r\nlines"',
    "4,bo@strasse.de,another domain",
    "5,bo@xn--strae-oqa.de,the domain of 3",
    "6,bo+news@straße.de,another address",
    "",
    "7,no.at.example.com,no at",
    "8,,empty",
    `9,long@acmecorp.com,${"x".repeat(5_001)}`,
    `10,limit@acmecorp.com,${"x".repeat(5_000)}`,
    "11,nul@acmecorp.com,a\0b",
    "12,eve@gone.com,suppressed domain",
    "13,eve@mail.gone.com,not its subdomain",
    "14,Zoe@Acmecorp.com,suppressed address",
    `15,zoe@acmecorp.com,${"x".repeat(5_001)}`
  ].join("\r\n")

  it("a CSV: failed before skipped, skipped before updated", async () => {
    // Enrolled 1, 3, 4, 6, 10, 13; updated 2, 5; skipped 12, 14; failed 7, 8, 9, 11, 15.
    expect(await countOf("hand.csv", csv, ["@GONE.com", "zoe@acmecorp.com"])).toEqual({
      rows: 15,
      enrolled: 6,
      updated: 2,
      skipped: 2,
      failed: 5
    })
  })

  const rows = [
    '{"email":"ava@acmecorp.com","company":7}',
    '{"email":"AVA@acmecorp.com","company":null,"seats":5}',
    '{"email":"ava@acmecorp.com","customFields":{"plan":"pro","old":null}}',
    '{"email":"a@b.co","customFields":null}',
    '{"email":"a@b.co","customFields":[]}',
    '{"email":"a@b.co","customFields":{"email":"x"}}',
    '{"email":"a@b.co","plan":{}}',
    '{"email":"a@b.co","plan":1e999}',
    '{"email":"a@b.co","lastName":"half \\ud83d"}',
    '{"email":"a@b.co","note":"\\u0000"}',
    `{"email":"a@b.co","${"n".repeat(201)}":1}`,
    '{"email":7}',
    '{"name":"nobody"}',
    '["a@b.co"]',
    "null",
    '{"email":"a@b.co","__proto__":"kept"}'
  ]
  // Enrolled are the second and the last, updated is the third, the other thirteen fail.
  const expected = { rows: 16, enrolled: 2, updated: 1, skipped: 0, failed: 13 }

  it("NDJSON, where a line that is no JSON is a failed row", async () => {
    expect(await countOf("hand.ndjson", `${rows.join("\n")}\n`)).toEqual(expected)
    expect(await countOf("broken.ndjson", `${rows.join("\n")}\n\n{"email":`)).toEqual({
      ...expected,
      rows: 17,
      failed: 14
    })
  })

  it("JSON with one element a line", async () => {
    expect(await countOf("hand.json", `[\n${rows.join(",\n")}\n]\n`)).toEqual(expected)
    await expect(countOf("one.json", '[{"email":"a@b.co"}]')).rejects.toThrow(/one element a line/)
    await expect(countOf("cut.json", '[\n{"email":"a@b.co"},\n')).rejects.toThrow(/one element a line/)
  })

  it("what it could only guess it refuses", async () => {
    await expect(countOf("a.csv", "name\nAva\n")).rejects.toThrow(/No column of addresses/)
    await expect(countOf("b.csv", "email,a\nava@acmecorp.com\n")).rejects.toThrow(
      /1 cells under a heading of 2/
    )
    await expect(countOf("c.csv", "email,a,a\n")).rejects.toThrow(/same name/)
    await expect(countOf("d.csv", 'email\n"ava@acmecorp.com\n')).rejects.toThrow(/nothing closes/)
    await expect(countOf("e.csv", 'email\n"ava"@acmecorp.com\n')).rejects.toThrow(/behind a closing quote/)
    await expect(countOf("f.csv", Buffer.from("email\nren\xe9e@a.co\n", "latin1"))).rejects.toThrow(/encoded/)
    await expect(countOf("g.csv", "email\n", ["nobody"])).rejects.toThrow(/Neither an address/)
  })
})

describe("rows of CSV", () => {
  it("are those of a second reader, wherever the chunks end", () => {
    const text = textOf("salesforce", 60, 4) + textOf("mailchimp", 60, 4)
    const expected = Papa.parse<Array<string>>(text.replaceAll("\r\n", "\n"), {
      delimiter: ",",
      newline: "\n"
    })
    for (const size of [1, 2, 3, 7, 64, 100_000]) {
      const reader = new CsvRows()
      const read: Array<ReadonlyArray<string>> = []
      for (let at = 0; at < text.length; at += size) read.push(...reader.add(text.slice(at, at + size)))
      read.push(...reader.end())
      const cells = read.map((row) => row.map((cell) => cell.replaceAll("\r\n", "\n")))
      expect(cells).toEqual(expected.data.slice(0, -1))
    }
  })
})

/** The rows of a list as another reader gives them, with the email column under its own name. */
const rowsOf = (as: As, text: string): ReadonlyArray<unknown> => {
  if (as === "json") return JSON.parse(text)
  if (as === "ndjson")
    return text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
  const { data } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true })
  return data.map(({ Email, "Email Address": address, email, ...fields }) => ({
    ...fields,
    email: email ?? address ?? Email
  }))
}

describe("beside core", () => {
  it.each(names)("5,000 rows as %s are answered as they are counted", async (as) => {
    const text = textOf(as, 5_000, 11)
    const suppressed = ["@gmail.example", "@GMX.example", "iris.okafor@kestrelsystems.com"]
    const engine = await open(MemoryRepository.layer)
    try {
      const { id: campaignId } = await engine.campaigns.create({ workspaceId: "ws", name: "List", steps: [] })
      await engine.suppression.add({ workspaceId: "ws", entries: suppressed })
      const leads = rowsOf(as, text)
      const sum = { rows: leads.length, enrolled: 0, updated: 0, skipped: 0, failed: 0 }
      for (let at = 0; at < leads.length; at += 900) {
        const batch = leads.slice(at, at + 900)
        const report = await engine.leads.bulkUpsert({ workspaceId: "ws", campaignId, leads: batch })
        for (const { outcome } of report.outcomes) sum[outcome]++
      }
      const kind = as === "json" || as === "ndjson" ? as : "csv"
      expect(await countOf(`core-${as}.${kind}`, text, suppressed)).toEqual(sum)
      expect(sum.skipped).toBeGreaterThan(50)
      expect(sum.failed).toBeGreaterThan(30)
    } finally {
      await engine.close()
    }
  })
})
