/**
 * Cells of CSV as they are written (LF-5). A spreadsheet runs a cell that begins like a formula, also after white space or
 * quotes and in full-width signs: such text gets an apostrophe in front, which shows and does no harm. csv-stringify only looks
 * at the first character. What was put in front can be taken away again, exactly.
 */
const formula = /^[\s"'\u2018-\u201f\u00ab\u00bb\uff02\uff07`]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

export const neutral = {
  do: (cell: string): string => (formula.test(cell) ? `'${cell}` : cell),
  undo: (cell: string): string =>
    cell.charCodeAt(0) === 39 && formula.test(cell.slice(1)) ? cell.slice(1) : cell
}

/** What a cell may hold: text, and values that keep their type and are no formula. */
export type CellValue = string | number | boolean | null | undefined

/** One record with its line end. */
export const csvRecord = (cells: ReadonlyArray<CellValue>, delimiter: string, neutralise: boolean): string =>
  `${cells.map((value) => csvCell(value, delimiter, neutralise)).join(delimiter)}\r\n`

const csvCell = (value: CellValue, delimiter: string, neutralise: boolean): string => {
  if (typeof value !== "string") return value === null || value === undefined ? "" : String(value)
  const cell = neutralise ? neutral.do(value) : value
  return cell.includes(delimiter) || /["\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
