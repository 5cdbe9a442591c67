/** An export is a list of the same leads, whatever they hold. */
import { csvOf, type EnrolledLead, ndjsonOf } from "@leadterra/files"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { readText } from "./read.ts"

const joined = async (chunks: AsyncIterable<string>) => {
  let text = ""
  for await (const chunk of chunks) text += chunk
  return text
}

const texts = fc
  .oneof(
    fc.string({ unit: fc.constantFrom(..."=+-@'\"\t\r\n ,;|aé＝“"), minLength: 1, maxLength: 6 }),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }),
    fc.constantFrom("+49 170", "'+49 170", "=1,=2", "leadterra_line")
  )
  .filter((text) => text.trim() !== "" && !text.includes("\0"))

const names = fc.constantFrom(
  "plan",
  "Job Title",
  "Name",
  "E-mail",
  "=x",
  "enrollment_state",
  "Notes 2",
  "__proto__"
)

const record = (fields: Partial<EnrolledLead["lead"]>): EnrolledLead => ({
  lead: {
    ...{ email: "a@b.de", firstName: null, lastName: null, company: null, jobTitle: null },
    ...{ customFields: {}, ...fields }
  },
  enrollment: { position: 1, state: "active", endReason: null, enrolledAt: 1_700_000_000_000, endedAt: null },
  pending: { step: 1, dueAt: 1_700_086_400_000 }
})

const leads = fc.array(
  fc
    .record({
      firstName: fc.option(texts),
      company: fc.option(texts),
      jobTitle: fc.option(texts),
      customFields: fc.dictionary(names, texts, { noNullPrototype: true })
    })
    .map(record),
  { minLength: 1, maxLength: 3 }
)

/** A row that sets what the lead has, without empty fields. */
const rowOf = ({ lead: { customFields, ...fields } }: EnrolledLead) => ({
  ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)),
  ...(Object.keys(customFields).length === 0 ? {} : { customFields })
})

describe("an export that is read as a list", () => {
  it("LF-5: gives the same leads from CSV, with any delimiter", () =>
    fc.assert(
      fc.asyncProperty(leads, fc.constantFrom(",", ";", "\t"), async (records, delimiter) => {
        const customFields = [...new Set(records.flatMap(({ lead }) => Object.keys(lead.customFields)))]
        const text = await joined(csvOf(records, { customFields, delimiter }))
        const { error, rows } = await readText(text)
        expect(error).toBeUndefined()
        expect(rows.map(({ issues, row }) => [row, issues])).toEqual(records.map((one) => [rowOf(one), []]))
      }),
      { numRuns: 500 }
    ))

  it("LF-5: gives the same leads from NDJSON", () =>
    fc.assert(
      fc.asyncProperty(leads, async (records) => {
        const { rows } = await readText(await joined(ndjsonOf(records)))
        expect(rows.map(({ issues, row }) => [row, issues])).toEqual(records.map(({ lead }) => [lead, []]))
      })
    ))

  it("LF-5: leaves out the columns of the enrolment, and says so; a map counts", async () => {
    const lead = record({ company: "+49", customFields: { plan: "pro" } })
    const text = await joined(csvOf([lead], { customFields: ["plan"] }))
    const { file, rows } = await readText(text, { map: { plan: "tier", company: null } })
    expect(rows[0]?.row).toEqual({ email: "a@b.de", customFields: { tier: "pro" } })
    expect(file.columns.slice(5).map(({ fields, reason }) => [fields, reason])).toEqual([
      [["tier"], "map"],
      ...Array.from({ length: 7 }, () => [[], "enrollment"])
    ])
  })

  it("LF-5: is told from a list that only looks alike", async () => {
    const { file, rows } = await readText("email,enrollment_state,x\na@b.de,active,'=1\n")
    expect(rows[0]?.row).toEqual({ email: "a@b.de", customFields: { enrollment_state: "active", x: "'=1" } })
    expect(file.columns.map(({ reason }) => reason)).toEqual(["name", "custom", "custom"])
    const object = { email: "a@b.de", enrollment: "x", pending: null }
    expect((await readText(`${JSON.stringify(object)}\n`)).rows[0]?.row).toEqual(object)
  })
})
