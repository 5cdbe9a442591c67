/**
 * From an untrusted row to a patch of a lead (UP-3, UP-8), or to the reasons why it fails. Total: a row may be
 * a proxy, a cycle or a getter that throws. Only own enumerable properties count, each is read once, and what
 * comes out shares nothing with what came in. By hand and without a schema, since it runs for every row.
 */
import * as Result from "effect/Result"
import type { EmailAddress, EmailProblem } from "../model/EmailAddress.ts"
import * as Email from "../model/EmailAddress.ts"
import {
  type FieldValue,
  type LeadFields,
  type StandardField,
  setOwn,
  standardFields
} from "../model/Lead.ts"
import * as Limits from "../model/Limits.ts"
import type { RowIssue } from "../model/Report.ts"
import { isStorable } from "../model/text.ts"
import { isTooLarge, plainValueBytes, surelyFits } from "./leadSize.ts"

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

const textProblem = (path: string, value: string): RowIssue | undefined =>
  value.length > Limits.maxFieldLength
    ? { path, reason: "TooLong", message: `at most ${Limits.maxFieldLength} characters are kept in a field` }
    : isStorable(value)
      ? undefined
      : { path, reason: "IllFormed", message: "text must be well-formed Unicode without NUL" }

const standardNames: ReadonlySet<string> = new Set(["email", ...standardFields])

class Row {
  email: unknown = undefined
  firstName: string | null | undefined = undefined
  lastName: string | null | undefined = undefined
  company: string | null | undefined = undefined
  jobTitle: string | null | undefined = undefined
  custom: Record<string, FieldValue> | undefined = undefined
  /** How often a custom field was set, be it the same one. */
  settings = 0
  /** UTF-16 code units of all that was set, at most: a field that is set twice counts twice. */
  units = 0
  issues: Array<RowIssue> | undefined = undefined

  /** Gives every issue so far. */
  fail(path: string, reason: string, message: string): ReadonlyArray<RowIssue> {
    this.issues ??= []
    this.issues.push({ path, reason, message })
    return this.issues
  }

  failAddress({ message, reason, suggestion }: EmailProblem): ReadonlyArray<RowIssue> {
    const issue = { path: "email", reason, message }
    this.issues ??= []
    this.issues.push(suggestion === undefined ? issue : { ...issue, suggestion })
    return this.issues
  }

  /** The value of a standard field, or undefined with an issue. */
  standard(name: StandardField, value: unknown): string | null | undefined {
    if (typeof value === "string") {
      const problem = textProblem(name, value)
      if (problem === undefined) {
        this.units += value.length
        return value
      }
      this.fail(problem.path, problem.reason, problem.message)
    } else if (value === null) return null
    else if (value !== undefined) this.fail(name, "WrongType", `${name} must be text, or null to clear it`)
    return undefined
  }

  /** `inside` is where the field stands: at the top level, or in `customFields`. */
  setCustom(name: string, value: unknown, inside: "" | "customFields."): void {
    if (value === undefined) return
    if (name.length > Limits.maxFieldNameLength) {
      this.fail(
        "customFields",
        "NameTooLong",
        `a field's name has at most ${Limits.maxFieldNameLength} characters`
      )
    } else if (!isStorable(name)) {
      this.fail("customFields", "IllFormed", "a field's name must be well-formed Unicode without NUL")
    } else if (typeof value === "string") {
      const problem = textProblem(inside + name, value)
      if (problem === undefined) this.keep(name, value)
      else this.fail(problem.path, problem.reason, problem.message)
    } else if (typeof value === "number" && Number.isFinite(value)) {
      this.keep(name, value === 0 ? 0 : value)
    } else if (typeof value === "boolean" || value === null) this.keep(name, value)
    else
      this.fail(inside + name, "WrongType", "a custom field must be text, a finite number, a boolean or null")
  }

  private keep(name: string, value: FieldValue): void {
    this.custom ??= {}
    this.settings++
    this.units += name.length + (typeof value === "string" ? value.length : plainValueBytes)
    setOwn(this.custom, name, value)
  }

  setCustomFields(fields: unknown): void {
    if (fields === undefined) return
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
      this.fail(
        "customFields",
        "WrongType",
        "customFields must be an object; to clear one of its fields give that null"
      )
      return
    }
    for (const name of Object.keys(fields)) {
      if (standardNames.has(name)) {
        this.fail(
          `customFields.${name}`,
          "StandardName",
          `${name} is a standard field: put it at the top level, where its token finds it`
        )
      } else this.setCustom(name, Reflect.get(fields, name), "customFields.")
    }
  }

  hasTooManyFields(): boolean {
    return (
      this.settings > Limits.maxCustomFields && Object.keys(this.custom ?? {}).length > Limits.maxCustomFields
    )
  }
}

const read = (input: object, row: Row): void => {
  let customFields: unknown
  for (const name of Object.keys(input)) {
    const value: unknown = Reflect.get(input, name)
    switch (name) {
      case "email":
        row.email = value
        break
      case "firstName":
        row.firstName = row.standard(name, value)
        break
      case "lastName":
        row.lastName = row.standard(name, value)
        break
      case "company":
        row.company = row.standard(name, value)
        break
      case "jobTitle":
        row.jobTitle = row.standard(name, value)
        break
      case "customFields":
        customFields = value
        break
      default:
        row.setCustom(name, value, "")
    }
  }
  // After the top level, since `customFields` wins on a clash.
  row.setCustomFields(customFields)
  if (row.hasTooManyFields()) {
    row.fail("customFields", "TooManyFields", `a lead has at most ${Limits.maxCustomFields} custom fields`)
  }
}

const invalid = (email: unknown, issues: ReadonlyArray<RowIssue>): Result.Result<never, InvalidRow> =>
  Result.fail({ email: typeof email === "string" ? email.trim() : null, issues })

/** Parses one row of `leads` (UP-3, UP-8, ID-3): every problem is listed, not just the first. */
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
    if (Result.isFailure(email)) return invalid(row.email, row.failAddress(email.failure))
    if (row.issues !== undefined) return invalid(row.email, row.issues)
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
