/**
 * Cells of CSV as they are written (LF-5). A spreadsheet runs a cell that begins like a formula,
 * also after white space or quotes and in full-width signs. It may split the text at another
 * separator than it was written with, so text behind every separator and line end counts as a cell.
 * Each of these cells gets an apostrophe, which is visible and harmless. `unescapeFormula` removes
 * exactly the apostrophes of `escapeFormula`.
 */

/**
 * Character classes: quotes that a spreadsheet may drop, signs that begin a formula, and separators
 * with line ends.
 */
const quotes = String.raw`"'\u2018-\u201f\u00ab\u00bb\uff02\uff07\u0060`
const signs = String.raw`=+\-@\uff1d\uff0b\uff0d\uff20`
const separators = String.raw`,;|\t\r\n`

/** A cell that begins like a formula, or by a tab or a line end, which a spreadsheet may drop. */
const formula = new RegExp(`^[\\s${quotes}]*[\\t\\r\\n${signs}]`)

/**
 * A formula behind white space and quotes, but behind no further separator: those have their own
 * apostrophe.
 */
const ahead = `(?=(?:[^\\S\\t\\r\\n]|[${quotes}])*[${signs}])`
const inner = new RegExp(`[${separators}]${ahead}`, "g")
const escapedInner = new RegExp(`([${separators}])'${ahead}`, "g")

/** Text in which no part, split at any separator, begins like a formula. */
export const escapeFormula = (cell: string): string => {
  const safe = cell.replace(inner, "$&'")
  return formula.test(cell) ? `'${safe}` : safe
}

/** The text that `escapeFormula` was given. */
export const unescapeFormula = (cell: string): string => {
  const isEscaped = cell.charCodeAt(0) === 39 && formula.test(cell.slice(1))
  return (isEscaped ? cell.slice(1) : cell).replace(escapedInner, "$1")
}

/** What a cell may hold: text, and values that keep their type and are no formula. */
export type CellValue = string | number | boolean | null | undefined

/** One record with its line end. */
export const csvRecord = (cells: ReadonlyArray<CellValue>, delimiter: string, neutralise: boolean): string =>
  `${cells.map((value) => csvCell(value, delimiter, neutralise)).join(delimiter)}\r\n`

const csvCell = (value: CellValue, delimiter: string, neutralise: boolean): string => {
  if (typeof value !== "string") return value === null || value === undefined ? "" : String(value)
  const cell = neutralise ? escapeFormula(value) : value
  // A reader takes white space around a cell without quotes away, also when an apostrophe hides it.
  const isQuoted = cell.includes(delimiter) || /["\r\n]/.test(cell) || value.trim() !== value
  return isQuoted ? `"${cell.replaceAll('"', '""')}"` : cell
}
