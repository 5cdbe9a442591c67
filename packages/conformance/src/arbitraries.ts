/**
 * The inputs of the laws. Addresses come from a small crowd, each in many spellings, so that rows meet the same
 * lead again and again; fields come from few values with the hostile ones among them, so that updates collide.
 */
import fc from "fast-check"

/** Few enough people that batches overlap, with domains shared and keys that only NFC or UTS #46 join. */
export const people: ReadonlyArray<{ readonly key: string; readonly spellings: ReadonlyArray<string> }> = [
  { key: "ava@acmecorp.com", spellings: ["ava@acmecorp.com", "AVA@AcmeCorp.com", "  Ava@acmecorp.COM\t"] },
  { key: "bo+news@acmecorp.com", spellings: ["bo+news@acmecorp.com", "Bo+News@ACMECORP.com"] },
  { key: "bo@acmecorp.com", spellings: ["bo@acmecorp.com", "BO@acmecorp.com\n"] },
  { key: "marcus@buildfast.io", spellings: ["marcus@buildfast.io", "Marcus@BuildFast.io"] },
  { key: "ren\u00e9e@buildfast.io", spellings: ["ren\u00e9e@buildfast.io", "rene\u0301e@BUILDFAST.io"] },
  {
    key: "info@xn--mnchen-3ya.de",
    spellings: ["info@m\u00fcnchen.de", "INFO@xn--mnchen-3ya.de", "info@MU\u0308NCHEN.de"]
  },
  { key: "\u{20000}@nexusai.com", spellings: ["\u{20000}@nexusai.com", "\u{20000}@NexusAI.com"] }
]

/** Every key of the crowd. */
export const keys: ReadonlyArray<string> = people.map(({ key }) => key)

/** One person, in one of the spellings. */
export const spelling: fc.Arbitrary<string> = fc.oneof(
  ...people.map(({ spellings }) => fc.constantFrom(...spellings))
)

/** Text that a careless store would not give back as it was. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "Ava",
    "Acme Corp",
    "",
    " ",
    "O'Brien & Co",
    "{{company}}",
    "$`-$&",
    "<b>x</b>",
    "a\r\nb",
    "\u202eabc"
  ),
  fc
    .string({ unit: "grapheme", maxLength: 8 })
    .filter((value) => value.isWellFormed() && !value.includes("\0"))
)

/** A value of a custom field. */
export const fieldValue: fc.Arbitrary<string | number | boolean | null> = fc.oneof(
  text,
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(0, 1, -1.5, 1e21, 2 ** 53, Number.MAX_VALUE, Number.MIN_VALUE)
)

const standardNames = ["email", "firstName", "lastName", "company", "jobTitle", "customFields"]
const isLegalName = (name: string) =>
  name.isWellFormed() && !name.includes("\0") && !standardNames.includes(name)

const fieldName = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 6 }).filter(isLegalName),
  fc.constantFrom("plan", "seats", "__proto__", "constructor", "a.b", "$.x", 'q"uote', "", "\\", "\n")
)

/** Own keys only, `__proto__` among them. */
export const customFields: fc.Arbitrary<Record<string, string | number | boolean | null>> = fc
  .array(fc.tuple(fieldName, fieldValue), { maxLength: 3 })
  .map((entries) => Object.fromEntries(entries))

const standardField = fc.option(fc.option(text, { nil: null }), { nil: undefined })

const topLevelField = fc
  .array(fc.tuple(fc.constantFrom("plan", "source"), fieldValue), { maxLength: 1 })
  .map((entries): Record<string, unknown> => Object.fromEntries(entries))

/** A row that breaks no rule. */
export const validRow: fc.Arbitrary<Record<string, unknown>> = fc
  .record(
    {
      email: spelling,
      firstName: standardField,
      lastName: standardField,
      company: standardField,
      jobTitle: standardField,
      customFields
    },
    { requiredKeys: ["email"] }
  )
  .chain((row) => topLevelField.map((further) => ({ ...row, ...further })))

/** A row that breaks a rule. */
export const invalidRow: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, 7, "ava@acmecorp.com", [], {}, { email: null }, { email: 3 }),
  fc
    .constantFrom(
      "",
      "ava",
      "a@b@c.com",
      "a b@acmecorp.com",
      '"a"@acmecorp.com',
      "a@localhost",
      "a@1.2.3.4",
      "\ud800@acmecorp.com"
    )
    .map((email) => ({ email })),
  fc
    .tuple(
      spelling,
      fc.constantFrom<Record<string, unknown>>(
        { firstName: 3 },
        { company: "a\0b" },
        { jobTitle: "\ud800" },
        { customFields: [] },
        { customFields: { email: "x" } },
        { customFields: { plan: Number.NaN } },
        { plan: { nested: true } },
        { plan: 1n }
      )
    )
    .map(([email, wrong]) => ({ email, ...wrong }))
)

/** A row of a real list: mostly valid. */
export const row: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: validRow, weight: 5 },
  { arbitrary: invalidRow, weight: 1 }
)

export const rows: fc.Arbitrary<ReadonlyArray<unknown>> = fc.array(row, { maxLength: 12 })

export const validRows: fc.Arbitrary<ReadonlyArray<Record<string, unknown>>> = fc.array(validRow, {
  minLength: 1,
  maxLength: 12
})

/** An entry of a suppression list: a person of the crowd, or a domain of theirs. */
export const entry: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: spelling, weight: 3 },
  {
    arbitrary: fc.constantFrom("@acmecorp.com", "@BuildFast.io", "@m\u00fcnchen.de", "@sub.acmecorp.com"),
    weight: 1
  }
)

/** Texts that are no entry; most of them are one but for a mechanical fault. */
export const invalidEntries: ReadonlyArray<string> = [
  "nobody",
  "@localhost",
  "\u201cava@acmecorp.com\u201d",
  "ava@acmecorp.com, bo@acmecorp.com",
  "@acmecorp.com,",
  ""
]
export const invalidEntry = fc.constantFrom(...invalidEntries)

export const entries: fc.Arbitrary<ReadonlyArray<string>> = fc.array(entry, { maxLength: 4 })

/** The name of a campaign. */
export const campaignName: fc.Arbitrary<string> = fc.constantFrom(
  "Spring",
  "O'Brien & Co",
  "$`-$&",
  " spaced ",
  "\u202eabc",
  "\u{1f600}".repeat(100)
)

/** A sequence of one to three steps. */
export const steps = fc.array(
  fc.record({
    subject: fc.constantFrom("Hello {{firstName}}", "{{company | there}}"),
    bodyHtml: fc.constantFrom("<p>Hi {{firstName}}</p>", "<p>{{plan}}</p>"),
    delayDays: fc.constantFrom(0, 1, 2.5)
  }),
  { minLength: 1, maxLength: 3 }
)

/** The arguments of a claim: few messages at a time, and leases that run out while others look on. */
export const claim = fc.record({
  limit: fc.constantFrom(1, 2, 3, 100),
  leaseSeconds: fc.constantFrom(1, 60, 300)
})

/** What happened to a message, without its name. */
export const report = fc
  .oneof(
    {
      weight: 4,
      arbitrary: fc.record({ type: fc.constantFrom("sent", "delivered", "opened", "unsubscribed") })
    },
    fc.record({ type: fc.constant("bounced"), kind: fc.constantFrom("hard", "soft", undefined) }),
    fc.record({
      type: fc.constant("replied"),
      class: fc.constantFrom(
        undefined,
        "interested",
        "not_interested",
        "out_of_office",
        "bounce",
        "unsubscribe"
      )
    }),
    fc.record(
      {
        type: fc.constant("failed"),
        kind: fc.constantFrom("throttled", undefined, undefined),
        retryAfterSeconds: fc.constantFrom(0, 30, undefined),
        stale: fc.constant(true),
        claimToken: fc.constant("claim_stale")
      },
      { requiredKeys: ["type"] }
    )
  )
  .chain((fact) =>
    fc
      .constantFrom(undefined, 0, "2025-06-10T12:00:01Z", "2099-01-01T00:00:00Z", Number.NaN, "soon")
      .map((at) => ({ ...fact, at }))
  )
