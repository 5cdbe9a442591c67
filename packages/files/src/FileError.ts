/**
 * Why a list cannot be read, or not further (LF-4). An error says what is wrong, where, and what to do. It may name the
 * file and its columns, which are the caller's own, and never repeats what stands in a cell.
 */
import * as Schema from "effect/Schema"

const Reason = Schema.Literals([
  "NotFound",
  "NotReadable",
  "Directory",
  "Binary",
  "Empty",
  "NoRows",
  "BadOption",
  "BadText",
  "BadGzip",
  "BadJson",
  "BadHeader",
  "NoEmailColumn",
  "UnknownColumn",
  "ColumnsClash",
  "RecordTooLong",
  "UnclosedQuote",
  "SourceFailed",
  "AlreadyRead"
])

/** What went wrong, to switch on. */
export type FileErrorReason = Schema.Schema.Type<typeof Reason>

/** `openLeads` rejects with it, and iterating throws it after the rows before the fault (LF-4). */
export class FileError extends Schema.TaggedError<FileError>()("FileError", {
  reason: Reason,
  /** From 1, where one line is to blame. */
  line: Schema.NullOr(Schema.Int),
  message: Schema.String
}) {}

export const fileError = (reason: FileErrorReason, message: string, line: number | null = null): FileError =>
  new FileError({ reason, line, message })

/** The code of a fault of the system, such as ENOENT. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined
