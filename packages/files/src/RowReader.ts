/**
 * What the reader of each format offers: text goes in as it comes, rows come out as they are complete. It never throws: a
 * fault that ends the reading is kept, so that the rows before it are given first.
 */
import type { SourceRow } from "@leadterra/core"
import { type FileError, fileError, optionHint } from "./FileError.ts"

export interface RowReader {
  /** The rows that the text completes. */
  readonly push: (text: string) => ReadonlyArray<SourceRow>
  /** The rows that are left when there is no more text; `hasGrown` when somebody is still writing to the file. */
  readonly end: (hasGrown: boolean) => ReadonlyArray<SourceRow>
  /** What ended the reading; null as long as it goes on. */
  readonly failure: FileError | null
  /** How much text waits for its end, in UTF-16 code units. */
  readonly pending: number
  /** The line that the text has reached, from 1. */
  readonly lineReached: number
}

export const defaultMaxRecordBytes = 1_000_000

/** Whether text is more than so many bytes of UTF-8, which are at most three for each of its units. */
export const isLonger = (text: string, from: number, to: number, maxBytes: number): boolean =>
  (to - from) * 3 > maxBytes && (to - from > maxBytes || Buffer.byteLength(text.slice(from, to)) > maxBytes)

export const tooLong = (line: number, maxBytes: number, hint = ""): FileError =>
  fileError(
    "RecordTooLong",
    `the record on line ${line} is longer than ${maxBytes} bytes${hint}: shorten it, or raise maxRecordBytes`,
    line,
    [optionHint("maxRecordBytes")]
  )
