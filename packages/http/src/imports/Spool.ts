/**
 * `Spool`: keeps the lists of imports until they have landed, and their failed rows. `@leadterra/http/node`
 * has one on a folder. A handler that is given none takes no imports.
 */
import type { Leads } from "@leadterra/core"
import type { ImportFailure, ImportRef, ListOptions } from "./ImportsStore.ts"

export type SpoolFileKind = "list" | "failed rows"

/** A file in a spool. */
export interface SpoolFile {
  readonly ref: ImportRef
  readonly kind: SpoolFileKind
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number
}

/** A list that is open. Iterating `rows` may throw an error that `listFailure` knows. */
export interface SpooledList {
  readonly rows: AsyncIterable<unknown>
  /** How many bytes of the list were read. */
  readonly bytesRead: number
  /** The format of the failed rows. */
  readonly format: "csv" | "ndjson"
  /** Failed rows as text that can be imported again; the first ones come with a header. */
  readonly failedText: (rows: ReadonlyArray<Leads.FailedRow>, isFirst: boolean) => Promise<string>
  readonly close: () => Promise<void>
}

export interface Spool {
  /** Names the spool for ever, in all processes that share it. */
  readonly id: string
  /** Throws an error that `listFailure` knows for options by which no list can be read. */
  readonly checkOptions: (options: ListOptions) => void
  /**
   * Keeps a list, and returns its bytes once all of it is on disk. Rejects with `SpoolError`, or with
   * the error of its source, and then keeps nothing of it.
   */
  readonly write: (ref: ImportRef, chunks: AsyncIterable<Uint8Array>) => Promise<number>
  /** Opens a list. Rejects with `SpoolError`, or with an error that `listFailure` knows. */
  readonly open: (ref: ImportRef, options: ListOptions) => Promise<SpooledList>
  /** Returns the fault of a list; undefined for an error of another kind. */
  readonly listFailure: (error: unknown) => ImportFailure | undefined
  /**
   * Writes failed rows behind so many bytes of the file, in place of what stands there, and returns the
   * bytes of the file. Rejects with `SpoolError`.
   */
  readonly appendFailed: (ref: ImportRef, at: number, text: string) => Promise<number>
  /** The first bytes of the failed rows. The stream fails with `SpoolError`. */
  readonly readFailed: (ref: ImportRef, bytes: number) => ReadableStream<Uint8Array>
  /** Removes a file, or does nothing when there is none. */
  readonly remove: (ref: ImportRef, kind: SpoolFileKind) => Promise<void>
  /** The files of the spool, those of uploads under way among them. */
  readonly files: () => Promise<ReadonlyArray<SpoolFile>>
}

export type SpoolFault = "TooLarge" | "WorkspaceFull" | "SpoolFull" | "DiskFull" | "Missing" | "Failed"

/** The spool does not take or give a file. The message says what to do, and names no path. */
export class SpoolError extends Error {
  readonly _tag = "SpoolError"
  readonly reason: SpoolFault
  /** Bytes, where one of the limits was reached. */
  readonly limit: number

  constructor(reason: SpoolFault, message: string, limit = 0) {
    super(message)
    this.reason = reason
    this.limit = limit
  }
}
