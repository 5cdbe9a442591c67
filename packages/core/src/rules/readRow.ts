/**
 * Reads the properties of an untrusted row into fields and problems (UP-3, UP-8). It reads each
 * property once, and a bounded number of them. By hand and without a schema, since it runs for
 * every row.
 */
import type { EmailProblem } from "../model/EmailAddress.ts"
import { type FieldValue, type StandardField, setOwn, standardFields } from "../model/Lead.ts"
import * as Limits from "../model/Limits.ts"
import type { RowIssue } from "../model/Report.ts"
import { isStorable } from "../model/text.ts"
import { plainValueBytes } from "./leadSize.ts"

const textProblem = (path: string, value: string): RowIssue | undefined =>
  value.length > Limits.maxFieldLength
    ? { path, reason: "TooLong", message: `at most ${Limits.maxFieldLength} characters are kept in a field` }
    : isStorable(value)
      ? undefined
      : { path, reason: "IllFormed", message: "text must be well-formed Unicode without NUL" }

const standardNames: ReadonlySet<string> = new Set(["email", ...standardFields])

/** The fields of one row, as they are read, and its problems. */
export class Row {
  email: unknown = undefined
  firstName: string | null | undefined = undefined
  lastName: string | null | undefined = undefined
  company: string | null | undefined = undefined
  jobTitle: string | null | undefined = undefined
  custom: Record<string, FieldValue> | undefined = undefined
  /** Counts the custom fields that were set; one that is set twice counts twice. */
  settings = 0
  /** UTF-16 code units of all that was set, at most: a field that is set twice counts twice. */
  units = 0
  issues: Array<RowIssue> | undefined = undefined
  /** Problems of fields beyond those that are listed. */
  unlisted = 0
  /** Whether the row, or its `customFields`, has more keys than are read. */
  hasTooManyKeys = false

  private list(issue: RowIssue): ReadonlyArray<RowIssue> {
    this.issues ??= []
    this.issues.push(issue)
    return this.issues
  }

  fail(path: string, reason: string, message: string): void {
    if (this.issues?.length === Limits.maxRowIssues) this.unlisted++
    else this.list({ path, reason, message })
  }

  failTooManyFields(): void {
    this.list({
      path: "customFields",
      reason: "TooManyFields",
      message: `a lead has at most ${Limits.maxCustomFields} custom fields`
    })
  }

  /** Every issue, with that of the address. */
  withAddress({ message, reason, suggestion }: EmailProblem): ReadonlyArray<RowIssue> {
    const issue = { path: "email", reason, message }
    return this.allIssues(this.list(suggestion === undefined ? issue : { ...issue, suggestion }))
  }

  /** The issues that are listed, and the number of the others. */
  allIssues(listed: ReadonlyArray<RowIssue>): ReadonlyArray<RowIssue> {
    if (this.unlisted === 0) return listed
    const message = `${this.unlisted} further problems are not listed: correct those that are, and try again`
    return [...listed, { path: "", reason: "TooManyIssues", message }]
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
    const names = Object.keys(fields)
    if (names.length > Limits.maxRowKeys) {
      this.hasTooManyKeys = true
      return
    }
    for (const name of names) {
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
    if (this.hasTooManyKeys) return true
    return (
      this.settings > Limits.maxCustomFields && Object.keys(this.custom ?? {}).length > Limits.maxCustomFields
    )
  }
}

/** Reads the properties of a row, each once. */
export const read = (input: object, row: Row): void => {
  const names = Object.keys(input)
  if (names.length > Limits.maxRowKeys) {
    row.hasTooManyKeys = true
    if (names.includes("email")) row.email = Reflect.get(input, "email")
  } else readFields(input, names, row)
  if (row.hasTooManyFields()) row.failTooManyFields()
}

const readFields = (input: object, names: ReadonlyArray<string>, row: Row): void => {
  let customFields: unknown
  for (const name of names) {
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
}
