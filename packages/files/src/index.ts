/**
 * `@leadterra/files`: lists of leads out of files and streams, row by row, for `Leads.importAll`, and enrolments and failed rows
 * back into files. It has no rule about leads: rows go out untrusted.
 */
export { type Column, type ColumnReason, numberKey } from "./Column.ts"
export { type Encoding, encodings } from "./encodings.ts"
export { csvOf, type EnrolledLead, type ExportOptions, ndjsonOf } from "./exportLeads.ts"
export { FileError, type FileErrorReason, type FileHint } from "./FileError.ts"
export { type FailedLead, failedRowsCsv, failedRowsJson, failedRowsNdjson } from "./failedRows.ts"
export { LargeNumber } from "./LargeNumber.ts"
export type { LeadFile } from "./LeadFile.ts"
export { openLeads } from "./openLeads.ts"
export {
  checkOptions as checkReadOptions,
  type FieldMap,
  type Format,
  type ReadOptions
} from "./ReadOptions.ts"
export { readText } from "./readText.ts"
export { CsvRow, JsonRow } from "./rows.ts"
