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
  "TooManyColumns",
  "RecordTooLong",
  "TooManyBytes",
  "TooManyRows",
  "UnclosedQuote",
  "SourceFailed",
  "AlreadyRead"
])

/** What went wrong, to switch on. */
export type FileErrorReason = Schema.Schema.Type<typeof Reason>

const Hint = Schema.Union([
  /**
   * Name the field of a column, counted from 1, in the map; null leaves the column out. The key means
   * the column by its number, whatever the columns are named.
   */
  Schema.Struct({
    kind: Schema.Literal("map"),
    column: Schema.Int,
    key: Schema.String,
    field: Schema.NullOr(Schema.String)
  }),
  /** Set an option of `ReadOptions`; a value of null is for the caller to choose. */
  Schema.Struct({
    kind: Schema.Literal("option"),
    option: Schema.Literals([
      "skipLines",
      "splitName",
      "encoding",
      "format",
      "header",
      "maxRecordBytes",
      "maxBytes",
      "maxRows"
    ]),
    value: Schema.NullOr(Schema.String)
  })
])

/**
 * A change of `ReadOptions` that may help, for a host to phrase in its own terms, such as `--map
 * "#1=email"`.
 */
export type FileHint = Schema.Schema.Type<typeof Hint>

/** `openLeads` rejects with it, and iterating throws it after the rows before the fault (LF-4). */
export class FileError extends Schema.TaggedError<FileError>()("FileError", {
  reason: Reason,
  /** From 1, where one line is to blame. */
  line: Schema.NullOr(Schema.Int),
  message: Schema.String,
  /** The likeliest one first; often empty. */
  hints: Schema.Array(Hint)
}) {}

export const fileError = (
  reason: FileErrorReason,
  message: string,
  line: number | null = null,
  hints: ReadonlyArray<FileHint> = []
): FileError => new FileError({ reason, line, message, hints })

export const mapHint = (column: number, key: string, field: string | null): FileHint => ({
  kind: "map",
  column,
  key,
  field
})

export const optionHint = (
  option: Extract<FileHint, { readonly kind: "option" }>["option"],
  value: string | null = null
): FileHint => ({ kind: "option", option, value })

/** The code of a fault of the system, such as ENOENT. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined
