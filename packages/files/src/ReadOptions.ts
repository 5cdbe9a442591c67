/**
 * How a list is to be read, where it does not say so itself (LF-1, LF-2). Options win over what is
 * detected, except in a file of failed rows, which has a layout of its own (LF-5).
 */
import { decoderOf, type Encoding, encodings } from "./encodings.ts"
import { fileError } from "./FileError.ts"

export type Format = "csv" | "tsv" | "ndjson" | "json"

/**
 * A name, or a number of a column from 1, to a field; null leaves it out. `#2` means the number, also
 * where a column is named 2.
 */
export type FieldMap = Readonly<Record<string, string | null>>

/** The options that say what the keys of a list of JSON mean. */
export interface KeyOptions {
  readonly map: FieldMap
  readonly splitName: boolean
}

export interface ReadOptions {
  /** By default the extension's (.csv .tsv .tab .ndjson .jsonl .json, each also with .gz), else the content's. */
  readonly format?: Format | undefined
  /** One character; by default found among `,` `;` tab and `|`. */
  readonly delimiter?: string | undefined
  /** By default that of the byte order mark, else UTF-8. `latin1` is read as windows-1252. */
  readonly encoding?: Encoding | undefined
  /** Whether the first record names the columns; by default whether it holds no address. */
  readonly header?: boolean | undefined
  /** Columns or keys to fields: a standard field's name, or a custom one's. */
  readonly map?: FieldMap | undefined
  /** Lines to skip above the header or the first row; by default a title is detected (LF-2). */
  readonly skipLines?: number | undefined
  /**
   * Whether a column of full names is split into `firstName` and `lastName`; by default it is a
   * custom field.
   */
  readonly splitName?: boolean | undefined
  /** Bytes of a record in UTF-8, by default 1,000,000, at most 100,000,000: a record is in memory. */
  readonly maxRecordBytes?: number | undefined
  /** Bytes of the whole list, once it is unpacked, by default 4,000,000,000. */
  readonly maxBytes?: number | undefined
  /** Rows of the whole list; by default any number. */
  readonly maxRows?: number | undefined
}

/** Bytes of a list once it is unpacked, when nothing is said: some twenty million leads. */
export const defaultMaxBytes = 4_000_000_000

/** Most that `maxRecordBytes` may be. */
const maxRecordBytesAtMost = 100_000_000

/** Columns of a list with a header: those of the widest spreadsheet. */
export const maxColumns = 16_384

const formats: ReadonlyArray<unknown> = ["csv", "tsv", "ndjson", "json", undefined]

const isDecoded = (encoding: Encoding): boolean => {
  try {
    return decoderOf(encoding).fatal
  } catch {
    return false
  }
}

/** Whether a map may name it. */
export const isField = (field: unknown): field is string => typeof field === "string" && field.trim() !== ""

/** Checks options before there is a list. Throws `FileError`, reason BadOption. */
export const checkOptions = ({
  delimiter,
  encoding,
  format,
  map = {},
  skipLines = 0,
  ...limits
}: ReadOptions) => {
  const refuse = (message: string) => {
    throw fileError("BadOption", message)
  }
  if (!formats.includes(format)) refuse('format must be "csv", "tsv", "ndjson" or "json"')
  if (encoding !== undefined) {
    if (!encodings.includes(encoding)) refuse(`encoding must be one of ${encodings.join(", ")}`)
    if (!isDecoded(encoding)) refuse(`this Node was built without ${encoding}: save the list as UTF-8`)
  }
  if (delimiter !== undefined && !/^[^"\r\n\ud800-\udfff]$/.test(delimiter)) {
    refuse("delimiter must be one character, and no quote or line end")
  }
  if (!Number.isSafeInteger(skipLines) || skipLines < 0) refuse("skipLines must be a whole number, 0 or more")
  for (const name of ["maxRecordBytes", "maxBytes", "maxRows"] as const) {
    const limit = limits[name] ?? 1
    if (!Number.isSafeInteger(limit) || limit < 1) refuse(`${name} must be a whole number, 1 or more`)
  }
  if ((limits.maxRecordBytes ?? 1) > maxRecordBytesAtMost) {
    refuse(`maxRecordBytes must be at most ${maxRecordBytesAtMost}: split the record`)
  }
  for (const [name, field] of Object.entries(map)) {
    if (field !== null && !isField(field)) {
      refuse(`map must give a field's name, or null, for ${JSON.stringify(name)}`)
    }
  }
}

const extensions: Readonly<Record<string, Format>> = {
  csv: "csv",
  tsv: "tsv",
  tab: "tsv",
  ndjson: "ndjson",
  jsonl: "ndjson",
  json: "json"
}

/** What the extension of a path says. */
export const formatOf = (path: string): Format | undefined => {
  const extension = /\.(csv|tsv|tab|ndjson|jsonl|json)(?:\.gz)?$/i.exec(path)?.[1]
  return extension === undefined ? undefined : extensions[extension.toLowerCase()]
}
