/** The codes of imports that have failed. */

/** Codes of the job: its process, its folder, the store or the campaign is at fault. */
export const jobFailureCodes = [
  "interrupted",
  "unavailable",
  "internal",
  "insufficient_storage",
  "spool_failed",
  "expired",
  "campaign_not_found",
  "list_changed"
] as const
export type JobFailureCode = (typeof jobFailureCodes)[number]

/** Codes of the list: the reasons of the reader of files that a spool leaves to its caller. */
export const listFailureCodes = [
  "binary",
  "empty",
  "no_rows",
  "bad_option",
  "bad_text",
  "bad_gzip",
  "bad_json",
  "bad_header",
  "no_email_column",
  "unknown_column",
  "columns_clash",
  "too_many_columns",
  "record_too_long",
  "too_many_bytes",
  "too_many_rows",
  "unclosed_quote",
  "source_failed"
] as const
