/**
 * Failed rows as a file to correct and read again (LF-5). What became of each column or key is
 * settled in it: columns have the names of their fields. CSV adds line, problem, suggestion and retry, by which the reader recognises the file and which it
 * leaves out. Rows of JSON go out as NDJSON or as an array, with the same four as keys.
 */
import type { RetryAdvice, RowIssue } from "@leadterra/core"
import { SourceRow } from "@leadterra/core"
import type { Column } from "./Column.ts"
import { csvRecord } from "./cells.ts"
import { isAdded, isMark, isStandard, leftOutName, marks } from "./fields.ts"
import { splitName } from "./fullName.ts"
import { LargeNumber } from "./LargeNumber.ts"
import { chunked } from "./lines.ts"
import { CsvRow, KeylessRow, setOwn } from "./rows.ts"

/** What `Leads.importAll` tells of a row that failed. */
export interface FailedLead {
  /** As it was handed over, or its content. */
  readonly row: unknown
  /** From 1; null for a row that came from no file. */
  readonly line: number | null
  readonly issues: ReadonlyArray<RowIssue>
  readonly retry: RetryAdvice
}

const problemOf = (issues: ReadonlyArray<RowIssue>): string =>
  issues.map(({ message, path }) => (path === "" ? message : `${path}: ${message}`)).join("; ")

/** The address that was probably meant; null when no issue has one. */
const suggestionOf = (issues: ReadonlyArray<RowIssue>): string | null =>
  issues.find(({ suggestion }) => suggestion !== undefined)?.suggestion ?? null

/** A column of the file. */
interface Written {
  readonly header: string
  /** The place of the column in the source. */
  readonly index: number
  /** The fields that it holds. */
  readonly fields: ReadonlyArray<string>
  /** The part of a full name. */
  readonly part: "firstName" | "lastName" | null
}

/** The columns by the fields that they went to; those that were left out keep their cells, and say so. */
const writtenColumns = (columns: ReadonlyArray<Column>): ReadonlyArray<Written> =>
  columns.flatMap(({ fields, name, reason }, index): ReadonlyArray<Written> => {
    const [field] = fields
    if (reason === "split") {
      return (["firstName", "lastName"] as const).map((part) => {
        return { header: part, index, fields: [part], part }
      })
    }
    if (field !== undefined && !isMark(field)) return [{ header: field, index, fields, part: null }]
    return isAdded(name) ? [] : [{ header: leftOutName(name), index, fields, part: null }]
  })

/**
 * CSV in chunks of text for rows of a `LeadFile` with these `columns` (LF-5). Its header has the names of fields, so that it reads
 * the same with the map of the list and without. Cells beyond the columns stand at the end, so that nothing is lost and the row
 * fails until they are put right. Formulas are neutralised, which the reader takes back.
 */
export const failedRowsCsv = (
  rows: Iterable<FailedLead> | AsyncIterable<FailedLead>,
  columns: ReadonlyArray<Column>,
  delimiter = ","
): AsyncIterable<string> => {
  const written = writtenColumns(columns)
  const names = written.map(({ header }) => header)
  const header = [...names, marks.line, marks.problem, marks.suggestion, marks.retry]
  return chunked(
    rows,
    ({ issues, line, retry, row }) => {
      const cellOf = cellsOf(row)
      const extra = row instanceof CsvRow ? row.cells.slice(columns.length) : []
      const added = [line, problemOf(issues), suggestionOf(issues), retry]
      return csvRecord([...written.map(cellOf), ...added, ...extra], delimiter, true)
    },
    csvRecord(header, delimiter, true)
  )
}

/** Whether its one cell is the text of a record that could not be cut. */
const isUncut = ({ cells, issues: [issue] }: CsvRow): boolean =>
  cells.length === 1 && (issue?.reason === "BadQuote" || issue?.reason === "TooManyCells")

const cellsOf = (row: unknown): ((column: Written) => string | null) => {
  if (row instanceof CsvRow) {
    const uncut = isUncut(row)
    return ({ index, part }) => {
      const cell = row.cells[index]
      if (cell === undefined) return null
      if (part === null) return cell
      if (uncut) return part === "firstName" ? cell : null
      return splitName(cell)[part] ?? null
    }
  }
  const content = row instanceof SourceRow ? row.row : row
  if (typeof content !== "object" || content === null) {
    return ({ index, part }) =>
      index === 0 && part !== "lastName" && typeof content === "string" ? content : null
  }
  return ({ fields }) => {
    const values = fields.map((field) => textOf(content, field)).filter((text) => text !== null)
    return values.length === 0 ? null : values.join(" ")
  }
}

const textOf = (content: object, field: string): string | null => {
  const custom: unknown = Reflect.get(content, "customFields")
  const holder = isStandard(field) ? content : custom
  if (typeof holder !== "object" || holder === null || !Object.hasOwn(holder, field)) return null
  const value: unknown = Reflect.get(holder, field)
  return value === null || value === undefined ? null : String(value)
}

/**
 * NDJSON in chunks of text, each row by its fields, with its line, problem, suggestion if there is
 * one, and retry (LF-5). A row that is no object goes under `leadterra_text`: a line that could not
 * be read as it stood, a text as JSON, and what is no JSON as null. The map of its list and
 * `splitName`, where there were any, stand beside it, since its keys show once it is corrected.
 */
export const failedRowsNdjson = (
  rows: Iterable<FailedLead> | AsyncIterable<FailedLead>
): AsyncIterable<string> => chunked(rows, (row) => `${objectOf(row)}\n`)

/** An array of JSON in chunks of text, of the same objects, one to a line (LF-5). */
export async function* failedRowsJson(
  rows: Iterable<FailedLead> | AsyncIterable<FailedLead>
): AsyncGenerator<string, undefined> {
  let before = "["
  const lineOf = (row: FailedLead) => {
    const text = before + objectOf(row)
    before = ",\n"
    return text
  }
  yield* chunked(rows, lineOf)
  yield before === "[" ? "[]\n" : "]\n"
}

const objectOf = ({ issues, line, retry, row }: FailedLead): string => {
  const suggestion = suggestionOf(issues)
  const added = {
    [marks.line]: line,
    [marks.problem]: problemOf(issues),
    ...(suggestion === null ? {} : { [marks.suggestion]: suggestion }),
    [marks.retry]: retry
  }
  const options = optionsOf(row)
  const isUnread = row instanceof SourceRow && row.issues.length > 0
  const value = row instanceof SourceRow ? row.row : row
  try {
    // As JSON, since the reader takes the text of an object for a corrected line.
    if (typeof value === "string" && !isUnread) {
      return JSON.stringify({ [marks.text]: JSON.stringify(value), ...options, ...added })
    }
    return JSON.stringify({ ...contentOf(value), ...options, ...added })
  } catch {
    return JSON.stringify({ [marks.text]: null, ...options, ...added })
  }
}

const optionsOf = (row: unknown): Readonly<Record<string, unknown>> => {
  if (!(row instanceof KeylessRow)) return {}
  const { map, splitName } = row.options
  return {
    ...(Object.keys(map).length > 0 ? { [marks.map]: map } : {}),
    ...(splitName ? { [marks.splitName]: true } : {})
  }
}

const contentOf = (value: unknown): Readonly<Record<string, unknown>> => {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof LargeNumber) {
    return { [marks.text]: value }
  }
  const content: Record<string, unknown> = {}
  for (const key of Object.keys(value)) setOwn(content, key, Reflect.get(value, key))
  return content
}
