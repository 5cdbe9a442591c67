/** A column of a list with a header or without (LF-2): the fields that its cells go to, and why. */

/** How the fields of a column were found. */
export type ColumnReason =
  /** The caller's map names it. */
  | "map"
  /** Its name usually means the field. */
  | "name"
  /** The list has no header, and the column holds addresses. */
  | "address"
  /** A custom field of its own name. */
  | "custom"
  /** A custom field, since a stronger name or the map has taken the field that it means. */
  | "weaker"
  /** A custom field with a number, since another column has its name. */
  | "duplicate"
  /** A custom field by its place, since it has no name. */
  | "unnamed"
  /** A full name, split on request. */
  | "split"
  /** Left out: the writer of failed rows added it. */
  | "mark"
  /** Left out: an export tells by it where the enrolment stands. */
  | "enrollment"

/** A column as its header names it, and its target. */
export interface Column {
  /** From 1, as a map may name the column. */
  readonly number: number
  readonly name: string
  /** The fields that its cells go to: none when it is left out, two when a full name is split. */
  readonly fields: ReadonlyArray<string>
  readonly reason: ColumnReason
  /**
   * An option that may suit the column: `splitName` for full names in a list without first and last
   * names.
   */
  readonly offer: "splitName" | null
}

interface Named {
  readonly number: number
  readonly name: string
}

/** A message names so many columns, and of a name so many characters. */
const namedAtMost = 20
const nameLength = 60

/** The column in words, such as `column 2 ("Firma")`. */
export const described = ({ name, number }: Named): string => {
  const short = name.length > nameLength ? `${name.slice(0, nameLength)}...` : name
  return name === "" ? `column ${number}` : `column ${number} (${JSON.stringify(short)})`
}

/**
 * Returns a key of a map that means a column by its number alone: `#2`, or `##2` where a column has
 * that name. A plain `2` means a column that is named so first.
 */
export const numberKey = (columns: ReadonlyArray<Pick<Named, "name">>, number: number): string => {
  const names = new Set(columns.map(({ name }) => name.trim()))
  let key = `#${number}`
  while (names.has(key)) key = `#${key}`
  return key
}

/** The number that a key of `numberKey` means; undefined for any other key. */
export const numberIn = (key: string): number | undefined => {
  const digits = /^\s*#+(\d{1,6})\s*$/.exec(key)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** The columns in words, the first of them by name. */
export const listed = (columns: ReadonlyArray<Named>): string => {
  const named = columns.slice(0, namedAtMost).map(described)
  const more = columns.length > namedAtMost ? `, and ${columns.length - namedAtMost} more` : ""
  return named.join(", ") + more
}
