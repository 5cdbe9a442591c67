/**
 * Recognises an export of enrolments, by all that its writer adds (LF-5). Read as a list it gives
 * the leads alone, since where an enrolment stands is not for an import to say.
 */
import { standardNames } from "./fields.ts"

export const enrollmentColumns: ReadonlyArray<string> = [
  "enrollment_position",
  "enrollment_state",
  "enrollment_end_reason",
  "enrolled_at",
  "ended_at",
  "pending_step",
  "pending_due_at"
]

/** Whether the header is that of `csvOf`: the standard fields first, the enrolment last. */
export const isExportHeader = (header: ReadonlyArray<string>): boolean =>
  header.length >= standardNames.length + enrollmentColumns.length &&
  standardNames.every((name, index) => header[index] === name) &&
  enrollmentColumns.every((name, index) => header[header.length - enrollmentColumns.length + index] === name)

const hasKeys = (value: unknown, keys: ReadonlyArray<string>): value is object =>
  typeof value === "object" &&
  value !== null &&
  Object.keys(value).length === keys.length &&
  keys.every((key) => Object.hasOwn(value, key))

const leadKeys = [...standardNames, "customFields", "enrollment", "pending"]
const enrollmentKeys = ["position", "state", "endReason", "enrolledAt", "endedAt"]
const pendingKeys = ["step", "dueAt"]

/** The lead of an object that `ndjsonOf` wrote; any other value as it is. */
export const leadIn = (value: unknown): unknown => {
  if (!hasKeys(value, leadKeys)) return value
  const { enrollment, pending, ...lead } = Object.fromEntries(Object.entries(value))
  const isExport = hasKeys(enrollment, enrollmentKeys) && (pending === null || hasKeys(pending, pendingKeys))
  return isExport ? lead : value
}
