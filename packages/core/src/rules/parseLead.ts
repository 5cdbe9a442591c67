/**
 * From an untrusted row to a patch of a lead (UP-3, UP-8), or to the reasons why it fails. Total: a row may be
 * a proxy, a cycle or a getter that throws. Only own enumerable properties count, each is read once, and what
 * comes out shares nothing with what came in. By hand and without a schema, since it runs for every row.
 */
import * as Result from "effect/Result"
import type { EmailAddress } from "../model/EmailAddress.ts"
import * as Email from "../model/EmailAddress.ts"
import type { FieldValue, LeadFields, StandardField } from "../model/Lead.ts"
import * as Limits from "../model/Limits.ts"
import type { RowIssue } from "../model/Report.ts"
import { isTooLarge, surelyFits } from "./leadSize.ts"
import { Row, read } from "./readRow.ts"

/** What a row says about a lead: a string sets a field, `null` clears it, `undefined` keeps it (UP-3). */
export interface LeadPatch extends Readonly<Record<StandardField, string | null | undefined>> {
  readonly email: EmailAddress
  /** Merged key by key into the lead's; `null` is a value here, and renders as nothing. */
  readonly customFields: Readonly<Record<string, FieldValue>>
}

/** A row that failed, with its address as it stood there, where that was text. */
export interface InvalidRow {
  readonly email: string | null
  readonly issues: ReadonlyArray<RowIssue>
}

const noCustomFields: Readonly<Record<string, FieldValue>> = Object.freeze({})

const leadTooLarge: ReadonlyArray<RowIssue> = [
  {
    path: "",
    reason: "LeadTooLarge",
    message: `a lead has at most ${Limits.maxLeadBytes} bytes: shorten or leave out fields`
  }
]

/** The fields of a lead that knows nothing but this patch. */
export const fieldsOf = (patch: LeadPatch): LeadFields => ({
  email: patch.email.address,
  firstName: patch.firstName ?? null,
  lastName: patch.lastName ?? null,
  company: patch.company ?? null,
  jobTitle: patch.jobTitle ?? null,
  customFields: patch.customFields
})

const invalid = (email: unknown, issues: ReadonlyArray<RowIssue>): Result.Result<never, InvalidRow> =>
  Result.fail({ email: typeof email === "string" ? email.trim() : null, issues })

/** Parses one row of `leads` (UP-3, UP-8, ID-3): its problems are listed, not just the first. */
export const parseLead = (
  input: unknown,
  parseAddress: typeof Email.parse = Email.parse
): Result.Result<LeadPatch, InvalidRow> => {
  const row = new Row()
  try {
    if (typeof input !== "object" || input === null || Array.isArray(input)) {
      return invalid(null, [
        { path: "", reason: "NotALead", message: "a lead must be an object with an email" }
      ])
    }
    read(input, row)
    const email = parseAddress(row.email)
    if (Result.isFailure(email)) return invalid(row.email, row.withAddress(email.failure))
    if (row.issues !== undefined) return invalid(row.email, row.allIssues(row.issues))
    const { company, firstName, jobTitle, lastName } = row
    const patch: LeadPatch = {
      email: email.success,
      firstName,
      lastName,
      company,
      jobTitle,
      customFields: row.custom ?? noCustomFields
    }
    return !surelyFits(row.units + patch.email.address.length) && isTooLarge(fieldsOf(patch))
      ? invalid(row.email, leadTooLarge)
      : Result.succeed(patch)
  } catch {
    return invalid(row.email, [{ path: "", reason: "Unreadable", message: "the row threw when it was read" }])
  }
}
