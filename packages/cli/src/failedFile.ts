/** The file that takes the failed rows of an import, and the options for importing it again. */
import { basename } from "node:path"
import {
  type Column,
  type FailedLead,
  failedRowsCsv,
  failedRowsJson,
  failedRowsNdjson,
  type LeadFile
} from "@leadterra/files"
import { UsageError } from "./failure.ts"
import type { ListOptions } from "./list.ts"

export type FailedRowsWriter = (rows: AsyncIterable<FailedLead>) => AsyncIterable<string>

/** Excel takes UTF-8 without a byte order mark for another encoding. */
async function* withMark(texts: AsyncIterable<string>): AsyncGenerator<string> {
  yield "\ufeff"
  yield* texts
}

/** Returns the writer for the format that the name says; any other name has the format of the list. */
export const writerFor = (path: string, { columns, format }: LeadFile): FailedRowsWriter => {
  const [, stem = "", extension, gz] =
    /^(.*)\.(csv|tsv|tab|ndjson|jsonl|json)(\.gz)?$/i.exec(basename(path)) ?? []
  const named = extension?.toLowerCase()
  const isDelimited = columns.length > 0
  const instead = isDelimited ? "csv" : "ndjson"
  if (gz !== undefined) {
    throw new UsageError(`failed rows are not packed: name ${stem}.${instead} for --failed`)
  }
  const isNamedDelimited = named === undefined ? isDelimited : /^(csv|tsv|tab)$/.test(named)
  if (isNamedDelimited !== isDelimited) {
    const what = isDelimited ? "a list with columns are CSV" : "a list of JSON are NDJSON or JSON"
    throw new UsageError(`the failed rows of ${what}: name ${stem}.${instead} for --failed`)
  }
  if (!isDelimited) return named === "json" ? failedRowsJson : failedRowsNdjson
  const isTabbed = named === undefined ? format === "tsv" : named !== "csv"
  return (rows) => withMark(failedRowsCsv(rows, columns, isTabbed ? "\t" : ","))
}

interface ImportListOptions extends ListOptions {
  readonly from?: number | undefined
}

/**
 * The options that a file of failed rows leaves aside, as they are typed: they are for the list
 * that its rows come from. All of its rows are taken, which is safe to do twice.
 */
export const leftAside = (
  { delimiter, encoding, format, from, header, map, skipLines, splitName }: ImportListOptions,
  { columns, isFailedRows }: LeadFile
): ReadonlyArray<string> => {
  if (!isFailedRows) return []
  const given: ReadonlyArray<readonly [string, boolean]> = [
    ["--skip-lines", skipLines !== undefined],
    ["--encoding", encoding !== undefined],
    ["--delimiter", delimiter !== undefined],
    ["--format", format !== undefined],
    ["--no-header", header === false],
    ["--from", from !== undefined],
    // In a file of JSON both still count for the corrected text of broken lines.
    ["--map", map !== undefined && columns.some(isSettled)],
    ["--split-name", splitName === true && columns.some(isSettled)]
  ]
  return given.flatMap(([option, isGiven]) => (isGiven ? [option] : []))
}

/** A header with this name of a field has the names of fields alone; one written by hand may not. */
const isSettled = ({ fields, name }: Column): boolean => name === "email" && fields.includes("email")

/** Tells about options that are left aside; empty when there is none. */
export const leftAsideText = (file: string, options: ReadonlyArray<string>): string => {
  if (options.length === 0) return ""
  const last = options.at(-1) ?? ""
  const listed = options.length === 1 ? last : `${options.slice(0, -1).join(", ")} and ${last}`
  const are = options.length === 1 ? "is" : "are"
  return `${file} holds failed rows and is read in its own layout: ${listed} ${are} for the list that they come from, and left aside\n`
}
