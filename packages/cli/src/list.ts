/** Lists of leads that a command is given: the options by which they are read, and opening them. */
import { statSync } from "node:fs"
import { devNull } from "node:os"
import { type FieldMap, type LeadFile, openLeads, type ReadOptions } from "@leadterra/files"
import { CannotRead, UsageError } from "./failure.ts"
import type { Needed } from "./overwrite.ts"
import type { Terminal } from "./Terminal.ts"

/** As the command line gives them. */
export interface ListOptions {
  readonly format?: ReadOptions["format"]
  readonly delimiter?: string | undefined
  readonly encoding?: ReadOptions["encoding"]
  /** False for `--no-header`. */
  readonly header?: boolean | undefined
  readonly map?: ReadonlyArray<string> | undefined
  readonly skipLines?: number | undefined
  readonly splitName?: boolean | undefined
  readonly maxRecordBytes?: number | undefined
  readonly maxBytes?: number | undefined
}

/** `Column=field`; without a field the column is left out. The last `=` counts, since a column's name may hold one. */
const fieldMap = (pairs: ReadonlyArray<string>): FieldMap =>
  Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.lastIndexOf("=")
      if (at < 1)
        throw new UsageError(
          `--map takes COLUMN=FIELD, or COLUMN= to leave it out, and not ${JSON.stringify(pair)}`
        )
      const field = pair.slice(at + 1).trim()
      return [pair.slice(0, at), field === "" ? null : field]
    })
  )

const delimiters: Readonly<Record<string, string>> = {
  tab: "\t",
  "\\t": "\t",
  comma: ",",
  semicolon: ";",
  pipe: "|"
}

/** The file of the standard input, when it is one. */
export const inputOf = ({ input }: Terminal): ReadonlyArray<Needed> =>
  input?.isFile() === true ? [input] : []

/** The file that a list is read from, if it is one. */
export const sourceOf = (file: string, terminal: Terminal): ReadonlyArray<Needed> =>
  file === "-" ? inputOf(terminal) : [file]

/** The standard input, when something may be read from it. */
export const stdinOf = ({ input, stdin }: Terminal): AsyncIterable<Uint8Array> => {
  if (input?.isDirectory() === true) {
    throw new CannotRead("the standard input is a folder: give one of the files in it, by < FILE")
  }
  // Node puts /dev/null in the place of an input that is closed.
  if (
    input?.isCharacterDevice() === true &&
    input.rdev === statSync(devNull, { throwIfNoEntry: false })?.rdev
  ) {
    throw new CannotRead("the standard input is closed or empty: pipe a list in, or name its file")
  }
  return stdin
}

/** Opens a file, or what is piped in for `-`. */
export const openList = async (
  file: string,
  { delimiter, encoding, format, header, map = [], ...options }: ListOptions,
  terminal: Terminal
): Promise<LeadFile> =>
  openLeads(file === "-" ? stdinOf(terminal) : file, {
    format,
    encoding,
    delimiter: delimiter === undefined ? undefined : (delimiters[delimiter] ?? delimiter),
    // Commander says true where nothing was said.
    header: header === false ? false : undefined,
    map: fieldMap(map),
    skipLines: options.skipLines,
    splitName: options.splitName,
    maxRecordBytes: options.maxRecordBytes,
    maxBytes: options.maxBytes
  })

/** How much of a list has been read, 0 to 1. */
export const shareOf = ({ bytesRead, size }: LeadFile): number | null =>
  size === null || size === 0 ? null : Math.min(1, bytesRead / size)
