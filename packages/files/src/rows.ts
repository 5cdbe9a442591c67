/**
 * A row with what it was made from, so that one that failed can be written as it stood in its file (LF-5), and the making of
 * rows that is the same for all formats.
 */
import { type RetryAdvice, type RowIssue, SourceRow } from "@leadterra/core"
import type { KeyOptions } from "./ReadOptions.ts"

/** A record of delimited text. */
export class CsvRow extends SourceRow {
  /** As they stood in the file; of a record whose quotes are broken one cell with its text. */
  readonly cells: ReadonlyArray<string>

  constructor(
    row: unknown,
    line: number,
    cells: ReadonlyArray<string>,
    issues?: ReadonlyArray<RowIssue>,
    retry?: RetryAdvice
  ) {
    super(row, line, issues, retry)
    this.cells = cells
  }
}

/** A value of JSON. */
export class JsonRow extends SourceRow {
  /** Before its keys were taken for fields. */
  readonly value: unknown

  constructor(row: unknown, line: number, value: unknown, issues?: ReadonlyArray<RowIssue>) {
    super(row, line, issues)
    this.value = value
  }
}

/** Text that is no JSON, or a value that is no object: its keys show once it is corrected. */
export class KeylessRow extends SourceRow {
  /** Shared by the rows of a list, and so no property, which would be counted for each. */
  readonly #options: KeyOptions

  constructor(
    row: unknown,
    line: number,
    options: KeyOptions,
    issues?: ReadonlyArray<RowIssue>,
    retry?: RetryAdvice
  ) {
    super(row, line, issues, retry)
    this.#options = options
  }

  /** By which the corrected row is to be read. */
  get options(): KeyOptions {
    return this.#options
  }
}

export const issueAt = (path: string, reason: string, message: string): ReadonlyArray<RowIssue> => [
  { path, reason, message }
]

export const issue = (reason: string, message: string): ReadonlyArray<RowIssue> =>
  issueAt("", reason, message)

/** Sets an own property, whatever its name: a plain assignment to `__proto__` would change the prototype. */
export const setOwn = (target: Record<string, unknown>, name: string, value: unknown): void => {
  if (name === "__proto__") {
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
  } else target[name] = value
}
