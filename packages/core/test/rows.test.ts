import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { leadId } from "../src/model/Ids.ts"
import type { Lead } from "../src/model/Lead.ts"
import * as Limits from "../src/model/Limits.ts"
import { createLead, mergeLead } from "../src/rules/mergeLead.ts"
import { type LeadPatch, parseLead } from "../src/rules/parseLead.ts"
import { doubling, expectLinear } from "./growth.ts"

const valid = (row: unknown): LeadPatch => Result.getOrThrow(parseLead(row))
const reasons = (row: unknown) => {
  const parsed = parseLead(row)
  return Result.isFailure(parsed) ? parsed.failure.issues.map(({ path, reason }) => `${path}: ${reason}`) : []
}
const lead = (row: unknown): Lead => createLead(valid(row), leadId("01JXCQ00000000000000000000", 0), 1)
const email = "ava@acmecorp.com"

/** Values that no JSON has, and that a careless parser trips over. */
const hostile: ReadonlyArray<unknown> = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1n,
  Symbol("s"),
  () => 1,
  new Date(0),
  { nested: true },
  ["list"],
  new Map(),
  Object.create(null)
]

describe("parsing a row", () => {
  it("UP-1: anything at all is a patch or a list of reasons, and never throws", () => {
    const row = fc.oneof(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withNullPrototype: true,
        withSparseArray: true
      }),
      fc
        .dictionary(fc.string(), fc.anything({ withBigInt: true, withNullPrototype: true }))
        .map((further) => ({ ...further, email }))
    )
    fc.assert(
      fc.property(row, (row) => {
        const parsed = parseLead(row)
        if (Result.isFailure(parsed)) {
          expect(parsed.failure.issues.length).toBeGreaterThan(0)
          for (const { message, path } of parsed.failure.issues)
            expect(`${typeof path} ${message}`).toMatch(/^string ./)
        }
      }),
      { numRuns: 2_000 }
    )
  })

  it("UP-1: what is not an object with an email fails with what would be right", () => {
    for (const row of [null, undefined, 3, "ava@acmecorp.com", true, [], [email], 1n, () => email]) {
      expect(reasons(row)).toEqual([": NotALead"])
    }
    expect(reasons({})).toEqual(["email: Empty"])
    expect(reasons({ email: null })).toEqual(["email: Empty"])
    expect(reasons({ email: 3 })).toEqual(["email: NotAString"])
  })

  it("UP-1: every problem of a row is listed, each with its path", () => {
    const row = { email: "nobody", firstName: 1, plan: {}, customFields: { email: "x", seats: Number.NaN } }
    expect(reasons(row).sort()).toEqual([
      "customFields.email: StandardName",
      "customFields.seats: WrongType",
      "email: MissingAt",
      "firstName: WrongType",
      "plan: WrongType"
    ])
  })

  it.each<readonly [unknown, string, string, string]>([
    [[], "", "NotALead", "a lead must be an object with an email"],
    [{}, "email", "Empty", "the cell is empty: fill in an address"],
    [{ email, jobTitle: 1 }, "jobTitle", "WrongType", "jobTitle must be text, or null to clear it"],
    [
      { email, plan: [] },
      "plan",
      "WrongType",
      "a custom field must be text, a finite number, a boolean or null"
    ],
    [
      { email, customFields: null },
      "customFields",
      "WrongType",
      "customFields must be an object; to clear one of its fields give that null"
    ],
    [
      { email, customFields: { company: "x" } },
      "customFields.company",
      "StandardName",
      "company is a standard field: put it at the top level, where its token finds it"
    ],
    [
      { email, company: "x".repeat(5_001) },
      "company",
      "TooLong",
      "at most 5000 characters are kept in a field"
    ],
    [{ email, plan: "\0" }, "plan", "IllFormed", "text must be well-formed Unicode without NUL"],
    [
      { email, ["n".repeat(201)]: 1 },
      "customFields",
      "NameTooLong",
      "a field's name has at most 200 characters"
    ],
    [
      { email, "\0": 1 },
      "customFields",
      "IllFormed",
      "a field's name must be well-formed Unicode without NUL"
    ],
    [
      { email, customFields: Object.fromEntries(Array.from({ length: 501 }, (_, index) => [index, index])) },
      "customFields",
      "TooManyFields",
      "a lead has at most 500 custom fields"
    ]
  ])("UP-1: %o fails at %j for %s: %s", (row, path, reason, message) => {
    const parsed = parseLead(row)
    expect(Result.isFailure(parsed) && parsed.failure.issues).toEqual([{ path, reason, message }])
  })

  it("UP-9: a failed row keeps its address as it stood there, trimmed, where that was text", () => {
    for (const [row, kept] of [
      [{ email: " Ava@AcmeCorp ", plan: {} }, "Ava@AcmeCorp"],
      [{ email: 1 }, null],
      [null, null]
    ]) {
      expect(Result.getOrThrow(Result.flip(parseLead(row)))).toHaveProperty("email", kept)
    }
  })

  it("UP-3: a standard field is text or null, a custom one text, a finite number, a boolean or null", () => {
    for (const value of hostile) {
      expect(reasons({ email, company: value })).toEqual(["company: WrongType"])
      expect(reasons({ email, plan: value })).toEqual(["plan: WrongType"])
      expect(reasons({ email, customFields: { plan: value } })).toEqual(["customFields.plan: WrongType"])
    }
    expect(reasons({ email, company: true })).toEqual(["company: WrongType"])
    const fields = { text: "t", number: -1.5, yes: true, no: false, none: null }
    expect(valid({ email, customFields: fields }).customFields).toEqual(fields)
  })

  it("UP-3: an absent or undefined field is no part of the patch, and customFields itself is an object", () => {
    const patch = valid({ email, firstName: undefined, plan: undefined, customFields: { seats: undefined } })
    expect(patch).toMatchObject({ firstName: undefined, customFields: {} })
    for (const customFields of [null, [], "x", 3])
      expect(reasons({ email, customFields })).toEqual(["customFields: WrongType"])
  })

  it("UP-3: unknown top-level keys are custom fields, and customFields wins on a clash, whatever the order", () => {
    expect(valid({ email, plan: "a", customFields: { plan: "b" }, seats: 2 }).customFields).toEqual({
      plan: "b",
      seats: 2
    })
    expect(valid({ customFields: { plan: "b" }, plan: "a", email }).customFields).toEqual({ plan: "b" })
  })

  it("UP-8: hostile names are names, and no prototype changes", () => {
    const row: unknown = JSON.parse(
      `{"email":"${email}","__proto__":"p","customFields":{"__proto__":"q","constructor":"c","a.b":1,"$.x":2,"":3}}`
    )
    const { customFields } = valid(row)
    expect(Object.entries(customFields)).toEqual([
      ["__proto__", "q"],
      ["constructor", "c"],
      ["a.b", 1],
      ["$.x", 2],
      ["", 3]
    ])
    expect(Object.getPrototypeOf(customFields)).toBe(Object.prototype)
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  it("UP-8: ill-formed text and NUL fail their row, in a value and in a name", () => {
    for (const text of ["a\0b", "\ud800", "x\udfff"]) {
      expect(reasons({ email, firstName: text })).toEqual(["firstName: IllFormed"])
      expect(reasons({ email, customFields: { plan: text } })).toEqual(["customFields.plan: IllFormed"])
      expect(reasons({ email, [text]: "v" })).toEqual(["customFields: IllFormed"])
    }
  })

  it("UP-8: a value, a name and a number of fields at the limit pass, and one more fails", () => {
    const fields = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, i]))
    expect(reasons({ email, company: "x".repeat(Limits.maxFieldLength) })).toEqual([])
    expect(reasons({ email, company: "x".repeat(Limits.maxFieldLength + 1) })).toEqual(["company: TooLong"])
    expect(reasons({ email, plan: "x".repeat(10_000_000) })).toEqual(["plan: TooLong"])
    expect(reasons({ email, ["n".repeat(Limits.maxFieldNameLength)]: 1 })).toEqual([])
    expect(reasons({ email, ["n".repeat(Limits.maxFieldNameLength + 1)]: 1 })).toEqual([
      "customFields: NameTooLong"
    ])
    expect(reasons({ email, customFields: fields(Limits.maxCustomFields) })).toEqual([])
    expect(reasons({ email, customFields: fields(Limits.maxCustomFields + 1) })).toEqual([
      "customFields: TooManyFields"
    ])
    expect(reasons({ email, ...fields(Limits.maxCustomFields + 1) })).toEqual(["customFields: TooManyFields"])
    expect(reasons({ email, ...fields(10_000) })).toEqual(["customFields: TooManyFields"])
    expect(reasons({ email, customFields: fields(10_000) })).toEqual(["customFields: TooManyFields"])
    expect(reasons({ ...fields(10_000), customFields: fields(10_000) })).toEqual([
      "customFields: TooManyFields",
      "email: Empty"
    ])
    const absent = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`u${i}`, undefined]))
    expect(reasons({ email, ...absent, customFields: absent })).toEqual([])
    const further = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`g${i}`, i]))
    expect(reasons({ email, ...fields(300), customFields: further })).toEqual(["customFields: TooManyFields"])
    // A field that is set twice is one field.
    expect(reasons({ email, f0: 1, customFields: fields(Limits.maxCustomFields) })).toEqual([])
  })

  it("UP-8: a row of more keys than may be read is refused with its address alone read", () => {
    const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, {}]))
    for (const row of [
      { email: " ava ", ...keys(1_000) },
      { email: " ava ", customFields: keys(1_001) }
    ]) {
      const refused = Result.getOrThrow(Result.flip(parseLead(row)))
      expect(refused).toMatchObject({
        email: "ava",
        issues: [
          { path: "customFields", reason: "TooManyFields" },
          { path: "email", reason: "MissingAt" }
        ]
      })
    }
    // As many as may be read are.
    expect(reasons({ email, ...keys(Limits.maxRowKeys - 1) })).toContain("k0: WrongType")
    expect(reasons({ email, customFields: keys(Limits.maxRowKeys) })).toContain("customFields.k0: WrongType")
    // An address that is inherited is not the row's own.
    const heir = Object.assign(Object.create({ email }), keys(Limits.maxRowKeys + 1))
    expect(reasons(heir)).toEqual(["customFields: TooManyFields", "email: Empty"])
  })

  it("UP-8: a row lists a hundred problems of its fields, that of its address, and the number of the others", () => {
    const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, {}]))
    const row = { ...keys(900), plan: "pro", customFields: keys(700), email: "ava@acme.com," }
    const { issues } = Result.getOrThrow(Result.flip(parseLead(row)))
    expect(issues).toHaveLength(Limits.maxRowIssues + 2)
    expect(issues.slice(0, 100).map(({ path }) => path)).toEqual(Object.keys(keys(100)))
    expect(issues.slice(100)).toEqual([
      {
        path: "email",
        reason: "InvalidCharacter",
        message: expect.any(String),
        suggestion: "ava@acme.com"
      },
      {
        path: "",
        reason: "TooManyIssues",
        message: "1500 further problems are not listed: correct those that are, and try again"
      }
    ])
  })

  it("UP-8: a row of as many bytes as a lead may have passes, and of one more fails", () => {
    // FAULTS 39.
    // In units of one, two, three and four bytes in UTF-8.
    for (const unit of ["x", "\u00e9", "\u20ac", "\u{1f600}"]) {
      const names = Array.from({ length: 40 }, (_, index) => `${unit}${index + 10}`)
      let left = Limits.maxLeadBytes - Buffer.byteLength(email) - 8
      const customFields: Record<string, unknown> = { "": true }
      for (const name of names) {
        const length = Math.floor(Math.min(5_000, (left - Buffer.byteLength(name)) / Buffer.byteLength(unit)))
        const value = length > 0 ? unit.repeat(Math.floor(length / unit.length)) : undefined
        if (value === undefined) continue
        customFields[name] = value
        left -= Buffer.byteLength(name + value)
      }
      const row = { email: ` ${email} `, firstName: null, company: "x".repeat(left), customFields }
      expect(reasons(row)).toEqual([])
      for (const beyond of [
        { ...row, lastName: "x" },
        { ...row, firstName: "x" },
        { ...row, jobTitle: "\u00e9" },
        { ...row, customFields: { ...customFields, n: 0 } },
        { ...row, customFields: { ...customFields, "": "123456789" } }
      ])
        expect(reasons(beyond)).toEqual([": LeadTooLarge"])
      expect(reasons({ ...row, lastName: 1, jobTitle: "x" })).toEqual(["lastName: WrongType"])
    }
    // Standard fields count like others.
    const euros = "\u20ac".repeat(Limits.maxFieldLength)
    const standard = { firstName: euros, lastName: euros, company: euros, jobTitle: euros }
    expect(reasons({ email, ...standard })).toEqual([])
    expect(reasons({ email, ...standard, plan: euros })).toEqual([": LeadTooLarge"])
    // A name that is set twice counts once.
    const plan = "x".repeat(5_000)
    const twice = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`f${index}`, plan]))
    expect(reasons({ email, ...twice, customFields: twice })).toEqual([])
  })

  it("UP-8: what throws when it is read, or is read twice, is a failed row or one value", () => {
    const throwing = {
      email,
      get firstName(): string {
        throw new Error("no")
      }
    }
    const revoked = Proxy.revocable({}, {})
    revoked.revoke()
    for (const row of [
      throwing,
      revoked.proxy,
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error("no")
          }
        }
      )
    ]) {
      const { email: kept, issues } = Result.getOrThrow(Result.flip(parseLead(row)))
      expect(kept).toBe(row === throwing ? email : null)
      expect(issues).toEqual([{ path: "", reason: "Unreadable", message: "the row threw when it was read" }])
    }
    let reads = 0
    const counting = {
      email,
      get plan() {
        return ++reads
      }
    }
    expect(valid(counting).customFields).toEqual({ plan: 1 })
    const cyclic: Record<string, unknown> = { email }
    cyclic["self"] = cyclic
    expect(reasons(cyclic)).toEqual(["self: WrongType"])
  })

  it("UP-8: the time grows with the number of fields and the length of texts, not with their square", () => {
    const fields = (size: number, value: unknown) =>
      Object.fromEntries(Array.from({ length: size }, (_, i) => [`f${i}`, value]))
    // From 5,000 on, since the engine keeps smaller objects in another way.
    for (const value of [1, "x", Number.NaN, undefined]) {
      expectLinear(
        `fields of ${value}`,
        doubling(40_000),
        (size) => ({ email, ...fields(size, value) }),
        parseLead
      )
    }
    expectLinear(
      "long text",
      doubling(1_000_000),
      (size) => ({ email, company: "x".repeat(size) }),
      parseLead
    )
    expectLinear(
      "long addresses",
      doubling(1_000_000),
      (size) => ({ email: ` @${" ".repeat(size)}` }),
      parseLead
    )
    const merged = (size: number) => {
      const one = lead({ email, ...fields(size, 1) })
      const patch = valid({ email, ...fields(size, 2) })
      return () => mergeLead(one, patch, 2)
    }
    expectLinear("merges", doubling(Limits.maxCustomFields), merged, (merge) => merge())
  })

  it("UP-8: minus zero, which no store keeps, is zero", () => {
    expect(Object.is(valid({ email, n: -0 }).customFields["n"], 0)).toBe(true)
  })

  it("UP-8: a patch shares nothing with its row", () => {
    const customFields = { plan: "pro" }
    const patch = valid({ email, customFields })
    customFields.plan = "free"
    expect(patch.customFields).toEqual({ plan: "pro" })
  })
})

describe("merging a patch", () => {
  it("UP-3: a patch that changes nothing gives back the very lead", () => {
    const ava = lead({ email, firstName: "Ava", plan: "pro", none: null })
    for (const row of [
      { email },
      { email, firstName: "Ava" },
      { email, plan: "pro", none: null },
      { email: "AVA@acmecorp.com" }
    ]) {
      expect(mergeLead(ava, valid(row), 2)).toBe(ava)
    }
  })

  it("UP-3: present overwrites, absent keeps, null clears, and the first spelling stays (ID-3)", () => {
    const ava = lead({ email: "Ava@AcmeCorp.com", firstName: "Ava", company: "Acme", plan: "pro", seats: 1 })
    const merged = mergeLead(
      ava,
      valid({ email, company: null, jobTitle: "CRO", plan: null, region: "EU" }),
      2
    )
    expect(merged).toEqual({
      ...ava,
      email: "Ava@AcmeCorp.com",
      company: null,
      jobTitle: "CRO",
      customFields: { plan: null, seats: 1, region: "EU" },
      updatedAt: 2
    })
  })

  it('UP-3: a value keeps its type: 1, "1" and true are three values', () => {
    const ava = lead({ email, v: 1 })
    for (const v of ["1", true])
      expect(mergeLead(ava, valid({ email, v }), 2)).toMatchObject({ customFields: { v } })
  })

  it("UP-3: a field named __proto__ merges as any other, again and again", () => {
    const named = (value: string) => valid(JSON.parse(`{"email":"${email}","__proto__":"${value}"}`))
    let ava = lead({ email, plan: "pro" })
    for (const value of ["one", "two", "two", "three"]) {
      const merged = mergeLead(ava, named(value), 2)
      if (typeof merged === "string") expect.unreachable()
      ava = merged
      expect(Object.entries(ava.customFields)).toEqual([
        ["plan", "pro"],
        ["__proto__", value]
      ])
      expect(Object.getPrototypeOf(ava.customFields)).toBe(Object.prototype)
    }
    const fields = valid(
      JSON.parse(`{"email":"${email}","__proto__":"top","customFields":{"__proto__":"in"}}`)
    )
    expect(Object.entries(fields.customFields)).toEqual([["__proto__", "in"]])
    expect(Object.getOwnPropertyDescriptor(fields.customFields, "__proto__")).toEqual({
      value: "in",
      configurable: true,
      enumerable: true,
      writable: true
    })
  })

  it("UP-8: a merge that would pass the limit on fields or on bytes is refused", () => {
    const fields = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${from + i}`, i]))
    const full = lead({ email, ...fields(0, Limits.maxCustomFields) })
    expect(mergeLead(full, valid({ email, f0: "again" }), 2)).toMatchObject({ updatedAt: 2 })
    expect(mergeLead(full, valid({ email, further: 1 }), 2)).toBe("TooManyFields")
    const texts = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${from + i}`, "x".repeat(5_000)]))
    const large = lead({ email, ...texts(0, 13) })
    expect(mergeLead(large, valid({ email, ...texts(13, 1) }), 2)).toBe("LeadTooLarge")
    expect(mergeLead(large, valid({ email, firstName: "x".repeat(600) }), 2)).toBe("LeadTooLarge")
    expect(mergeLead(large, valid({ email, t0: "", ...texts(13, 1) }), 2)).toMatchObject({ updatedAt: 2 })
    // As a store may hold from a time with another limit.
    const beyond = { ...full, customFields: { ...full.customFields, further: 1 } }
    expect(mergeLead(beyond, valid({ email, firstName: "Ava" }), 2)).toMatchObject({ firstName: "Ava" })
  })
})
