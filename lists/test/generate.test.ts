/** What a list promises: its bytes, its beginning, its columns, its shares of repeats and of what is no address. */

import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import { promisify } from "node:util"
import Papa from "papaparse"
import { describe, expect, it } from "vitest"
import { keyByTheSpec } from "../../packages/core/test/addressOracle.ts"
import { type As, leadsOf, listOf, names } from "../generate.ts"
import { products } from "../products.ts"

const textOf = (as: As, rows: number, seed = 7): string => [...listOf({ rows, seed, as })].join("")
const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16)
const csvNames = ["hubspot", "apollo", "instantly", "salesforce", "mailchimp", "plain"] as const

describe("a list", () => {
  it("of a seed and a size has the same bytes, for ever", () => {
    expect(Object.fromEntries(names.map((as) => [as, hashOf(textOf(as, 2_000))]))).toEqual({
      hubspot: "5db2655378890870",
      apollo: "ecd625de49682ef9",
      instantly: "33cbae21818fb620",
      salesforce: "a00a0b230d8422fe",
      mailchimp: "bcd9c7eb5936cedf",
      plain: "5ec7a2b7f39b2eaa",
      ndjson: "a3ce55af4685dee7",
      json: "cc80b1ad6598f9cb"
    })
  })

  it.each(names)("as %s is the same each time, and another for another seed", (as) => {
    expect(textOf(as, 500)).toBe(textOf(as, 500))
    expect(textOf(as, 500, 8)).not.toBe(textOf(as, 500))
  })

  it.each(names)("as %s begins as the shorter one does", (as) => {
    const short = textOf(as, 300).replace(/\n\]\n$/, "")
    expect(textOf(as, 1_500).startsWith(short)).toBe(true)
  })

  it("comes in chunks of bounded length", () => {
    const lengths = [...listOf({ rows: 20_000, seed: 1, as: "hubspot" })].map(({ length }) => length)
    expect(lengths.length).toBeGreaterThan(50)
    expect(Math.max(...lengths)).toBeLessThan(80_000)
  })

  it("of no rows is a heading, an empty array, or nothing", () => {
    expect(textOf("hubspot", 0)).toMatch(/^"Record ID",.*\n$/)
    expect(JSON.parse(textOf("json", 0))).toEqual([])
    expect(textOf("ndjson", 0)).toBe("")
  })

  it("refuses a size and a seed that are none", () => {
    for (const rows of [-1, 1.5, Number.NaN, 1e12])
      expect(() => textOf("plain", rows)).toThrow(/^rows must be/)
    for (const seed of [-1, 0.5, 2 ** 32]) expect(() => textOf("plain", 1, seed)).toThrow(/^seed must be/)
  })
})

describe("the shares", () => {
  const leads = [...leadsOf({ rows: 40_000, seed: 3 })]
  const share = (count: number): number => (100 * count) / leads.length

  it("are about 3 repeats and 1 malformed address in a hundred", () => {
    const keys = leads.map(({ email }) => keyByTheSpec(email))
    const valid = keys.filter((key) => key !== undefined)
    expect(share(keys.length - valid.length)).toBeGreaterThan(0.8)
    expect(share(keys.length - valid.length)).toBeLessThan(1.2)
    expect(share(valid.length - new Set(valid).size)).toBeGreaterThan(2.7)
    expect(share(valid.length - new Set(valid).size)).toBeLessThan(3.4)
  })

  it("hold repeats as they stand, in other spellings and with newer data, near and far", () => {
    const firsts = new Map<string, number>()
    const found = { same: 0, spelling: 0, newer: 0, near: 0, far: 0 }
    for (const [row, lead] of leads.entries()) {
      const key = keyByTheSpec(lead.email)
      if (key === undefined) continue
      const at = firsts.get(key)
      const before = at === undefined ? undefined : leads[at]
      if (at === undefined || before === undefined) {
        firsts.set(key, row)
        continue
      }
      if (lead.id === before.id) found.same++
      else if (lead.email !== before.email) found.spelling++
      else if (lead.title !== before.title || lead.phone !== before.phone) found.newer++
      if (row - at <= 50) found.near++
      else found.far++
    }
    for (const count of Object.values(found)) expect(count).toBeGreaterThan(100)
  })

  it("hold every script, empty cells, tokens, formulas and broken lines", () => {
    const text = leads.map((lead) => Object.values(lead).join("\n")).join("\n")
    for (const script of [
      /\p{Script=Cyrillic}/u,
      /\p{Script=Greek}/u,
      /\p{Script=Arabic}/u,
      /\p{Script=Hebrew}/u,
      /\p{Script=Devanagari}/u,
      /\p{Script=Thai}/u,
      /\p{Script=Han}/u,
      /\p{Script=Katakana}/u,
      /\p{Script=Hangul}/u,
      /\p{RGI_Emoji}/v
    ])
      expect(text).toMatch(script)
    for (const part of [
      "=HYPERLINK(",
      "{{firstName}}",
      "<script>",
      "\r\n",
      '& "Partners" LLC',
      "O'Brien",
      "+news@"
    ])
      expect(text).toContain(part)
    for (const field of ["email", "first", "last", "company", "title", "phone", "city"] as const)
      expect(leads.some((lead) => lead[field] === "")).toBe(true)
  })
})

describe("a CSV", () => {
  it.each(csvNames)("as %s has its columns, and as many cells in every row", (as) => {
    const { data, errors, meta } = Papa.parse<Array<string>>(textOf(as, 5_000), { skipEmptyLines: true })
    expect(errors).toEqual([])
    expect(meta.delimiter).toBe(",")
    expect(data).toHaveLength(5_001)
    expect(data[0]).toEqual(products[as].columns)
    expect(new Set(data.map(({ length }) => length))).toEqual(new Set([products[as].columns.length]))
  })

  it("calls the same things by each product's names", () => {
    expect(products.hubspot.columns).toEqual(
      expect.arrayContaining(["Record ID", "Email", "Job Title", "Company Name"])
    )
    expect(products.apollo.columns).toEqual(
      expect.arrayContaining(["Email", "Email Status", "Title", "Company Name", "Person Linkedin Url"])
    )
    expect(products.instantly.columns).toEqual(
      expect.arrayContaining(["email", "first_name", "company_name"])
    )
    expect(products.salesforce.columns).toEqual(
      expect.arrayContaining(["Email", "Company / Account", "Lead Source"])
    )
    expect(products.mailchimp.columns).toEqual(
      expect.arrayContaining(["Email Address", "MEMBER_RATING", "TAGS"])
    )
    expect(products.plain.columns).toEqual(expect.arrayContaining(["email", "firstName", "Tags"]))
  })
})

describe("the command", () => {
  const generate = (...args: ReadonlyArray<string>) =>
    promisify(execFile)(process.execPath, ["lists/generate.ts", ...args], { maxBuffer: 2 ** 26 })

  it("writes the list to the standard output", async () => {
    const { stderr, stdout } = await generate("--rows", "3000", "--seed", "7", "--as", "apollo")
    expect(stdout).toBe(textOf("apollo", 3_000))
    expect(stderr).toBe("")
  })

  it("says what is wrong with an option", async () => {
    await expect(generate()).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("--rows is missing")
    })
    await expect(generate("--rows", "many")).rejects.toMatchObject({
      code: 1,
      stderr: '--rows must be a whole number, not "many"\nSee --help\n'
    })
    await expect(generate("--rows", "1", "--as", "excel")).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("--as must be one of hubspot, apollo")
    })
    await expect(generate("--row", "1")).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("--row")
    })
    expect((await generate("--help")).stdout).toContain("--seed N")
  })

  it("ends quietly when its reader has gone", async () => {
    const script = `${process.execPath} lists/generate.ts --rows 1000000 | head -n 1; echo "\${PIPESTATUS[0]}"`
    const { stderr, stdout } = await promisify(execFile)("bash", ["-c", script])
    expect(stderr).toBe("")
    expect(stdout).toMatch(/^\ufeffemail,.*\r\n0\n$/)
  })
})
