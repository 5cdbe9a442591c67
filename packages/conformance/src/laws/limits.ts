/** The law of the size of a lead (UP-8): a merge that would exceed the limit fails its row. */
import { EmailAddress, Leads, Limits } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import fc from "fast-check"
import * as given from "../arbitraries.ts"
import { type Law, law } from "../Law.ts"
import { campaignIn, type Status, same, upsert, workspaceId } from "../scene.ts"

const units = ["x", "\u00e9", "\u20ac", "\u{1f600}"]

/** Texts of which a lead has room for a few. */
const largeText = fc
  .tuple(fc.constantFrom(...units), fc.constantFrom(1, 1_000, 5_000))
  .map(([unit, length]) => unit.repeat(Math.ceil(length / unit.length)))

const largeFields = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 19 }), largeText), { maxLength: 8 })
  .map((fields) => Object.fromEntries(fields.map(([index, text]) => [`large ${index}`, text])))

const row = fc
  .tuple(
    given.validRow,
    fc.constantFrom("ava@acmecorp.com", "AVA@acmecorp.com", "bo@acmecorp.com"),
    largeFields
  )
  .map(([{ customFields, ...fields }, email, large]) => ({
    ...fields,
    email,
    customFields: { ...Object(customFields), ...large }
  }))

/** The values that the rows give one lead, by the name of the field. */
type Fields = ReadonlyMap<string, unknown>

const standardNames = new Set(["firstName", "lastName", "company", "jobTitle"])

const bytesOf = (email: string, fields: Fields): number =>
  [...fields].reduce(
    (bytes, [name, value]) =>
      bytes +
      (standardNames.has(name) ? 0 : Buffer.byteLength(name)) +
      (typeof value === "string" ? Buffer.byteLength(value) : standardNames.has(name) ? 0 : 8),
    Buffer.byteLength(email)
  )

const status: fc.Arbitrary<Status> = fc.constantFrom("draft", "running", "paused")

export const limitLaws: ReadonlyArray<Law> = [
  law(
    "a lead stays within its size",
    "UP-8, UP-5: a row whose merge would pass the bytes of a lead fails and changes nothing, in one batch as in several",
    fc.tuple(status, fc.array(fc.array(row, { maxLength: 4 }), { maxLength: 4 })),
    ([status, batches]) =>
      Effect.gen(function* () {
        const ref = yield* campaignIn(status)
        const leads = new Map<string, { readonly email: string; readonly fields: Fields }>()
        for (const rows of batches) {
          const { outcomes } = yield* upsert(ref, rows)
          for (const [index, { customFields, email, ...fields }] of rows.entries()) {
            const { address, key } = Result.getOrThrow(EmailAddress.parse(email))
            const before = leads.get(key) ?? { email: address, fields: new Map<string, unknown>() }
            const said = Object.entries({ ...fields, ...customFields }).filter(
              ([name, value]) => value !== undefined || !standardNames.has(name)
            )
            const merged = new Map([...before.fields, ...said])
            // A row that is too large by itself is, with the first spelling of its address, too
            // large as a merge.
            const fits = bytesOf(before.email, merged) <= Limits.maxLeadBytes
            const outcome = outcomes[index]
            const reasons = outcome?.outcome === "failed" ? outcome.issues.map(({ reason }) => reason) : []
            yield* same(reasons, fits ? [] : ["LeadTooLarge"], "reasons")
            if (fits) leads.set(key, { email: before.email, fields: merged })
          }
        }
        for (const { email, fields } of leads.values()) {
          const { customFields } = yield* Leads.get({ workspaceId, email })
          const custom = [...fields].filter(([name]) => !standardNames.has(name))
          yield* same(
            new Map<string, unknown>(Object.entries(customFields)),
            new Map(custom),
            "custom fields"
          )
        }
      })
  )
]
