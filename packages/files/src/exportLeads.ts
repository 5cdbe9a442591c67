/**
 * Enrolments as CSV for people and NDJSON for programs (LF-5): a lead's fields, where its enrolment stands, and what it waits
 * for. Times are ISO 8601 in UTC. The ids of a store stay in it. CSV is safe to open in a spreadsheet; NDJSON is raw.
 */
import type { EndReason, EnrollmentState, LeadFields } from "@leadterra/core"
import { type CellValue, csvRecord } from "./cells.ts"
import { enrollmentColumns } from "./exportLayout.ts"
import { standardNames } from "./fields.ts"
import { chunked } from "./lines.ts"

/** What is written of one enrolment; an enrolment of `Leads` with its lead has this shape, and more. */
export interface EnrolledLead {
  readonly lead: LeadFields
  /** Times in milliseconds since 1970. */
  readonly enrollment: {
    readonly position: number
    readonly state: EnrollmentState
    readonly endReason: EndReason | null
    readonly enrolledAt: number
    readonly endedAt: number | null
  }
  /** The message that it waits for: the index of its step, and when it is due. */
  readonly pending: { readonly step: number; readonly dueAt: number } | null
}

/** How CSV is written. A byte order mark, without which Excel does not see UTF-8, is for the caller to write first. */
export interface ExportOptions {
  /** Names of the custom fields that get a column, in this order. */
  readonly customFields?: ReadonlyArray<string> | undefined
  /** By default a comma. */
  readonly delimiter?: string | undefined
  /** Whether text that a spreadsheet would run as a formula gets an apostrophe in front; by default true. */
  readonly neutralise?: boolean | undefined
}

const isoOf = (millis: number | null | undefined): string | null =>
  millis === null || millis === undefined ? null : new Date(millis).toISOString()

/**
 * CSV in chunks of text, with CRLF: the standard fields, the custom fields that are named, then where the enrolment stands.
 * A custom field that a lead does not have, or that is null, is an empty cell (LF-5).
 */
export const csvOf = (
  records: Iterable<EnrolledLead> | AsyncIterable<EnrolledLead>,
  { customFields = [], delimiter = ",", neutralise = true }: ExportOptions = {}
): AsyncIterable<string> => {
  const line = (cells: ReadonlyArray<CellValue>) => csvRecord(cells, delimiter, neutralise)
  return chunked(
    records,
    ({ enrollment, lead, pending }) =>
      line([
        ...standardNames.map((name) => lead[name]),
        ...customFields.map((name) =>
          Object.hasOwn(lead.customFields, name) ? lead.customFields[name] : null
        ),
        enrollment.position,
        enrollment.state,
        enrollment.endReason,
        isoOf(enrollment.enrolledAt),
        isoOf(enrollment.endedAt),
        pending?.step,
        isoOf(pending?.dueAt)
      ]),
    line([...standardNames, ...customFields, ...enrollmentColumns])
  )
}

/** NDJSON in chunks of text, values as they are (LF-5). */
export const ndjsonOf = (
  records: Iterable<EnrolledLead> | AsyncIterable<EnrolledLead>
): AsyncIterable<string> =>
  chunked(records, ({ enrollment, lead, pending }) => {
    const { company, customFields, email, firstName, jobTitle, lastName } = lead
    const { endReason, enrolledAt, endedAt, position, state } = enrollment
    const times = { enrolledAt: isoOf(enrolledAt), endedAt: isoOf(endedAt) }
    return `${JSON.stringify({
      ...{ email, firstName, lastName, company, jobTitle, customFields },
      enrollment: { position, state, endReason, ...times },
      pending: pending === null ? null : { step: pending.step, dueAt: isoOf(pending.dueAt) }
    })}\n`
  })
