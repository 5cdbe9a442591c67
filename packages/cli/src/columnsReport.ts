/** Which column of a list became which field, for a person to check before its rows land. */
import type { Column, LeadFile } from "@leadterra/files"
import { count, shown, wrapped } from "./format.ts"

const standardNames: ReadonlyArray<string> = ["email", "firstName", "lastName", "company", "jobTitle"]

/** Columns that are named on one line; `--json` has them all. */
const namedAtMost = 100
const nameLength = 60

const named = (name: string): string => {
  const short = name.length > nameLength ? `${name.slice(0, nameLength)}...` : name
  return shown(short)
}

const titleOf = ({ name, number }: Column): string => (name === "" ? `column ${number}` : named(name))

/** A custom field, and the column where that has another name. */
const customOf = (column: Column): string => {
  const [field = ""] = column.fields
  if (field === column.name || column.reason === "unnamed") return named(field)
  return column.reason === "duplicate" || column.reason === "map"
    ? `${named(field)} (column ${column.number}, ${titleOf(column)})`
    : named(field)
}

/** Names in lines of a width, each behind the title of the list. */
const listed = (title: string, names: ReadonlyArray<string>, width: number): string => {
  if (names.length === 0) return ""
  const more = names.length - namedAtMost
  const words = names.slice(0, namedAtMost).map((name, index, { length }) => {
    return index < length - 1 || more > 0 ? `${name},` : name
  })
  if (more > 0) words.push(`and ${count(more)} more`)
  return wrapped(words, width)
    .map((text, index) => `${index === 0 ? title : " ".repeat(title.length)}${text}\n`)
    .join("")
}

/** The columns by field; empty for JSON, whose keys are taken object by object. */
export const columnsText = ({ columns }: LeadFile, width: number): string => {
  if (columns.length === 0) return ""
  const titles = [...standardNames, "custom", "left out"]
  const indent = Math.max(...titles.map(({ length }) => length)) + 2
  const line = (title: string, names: ReadonlyArray<string>) =>
    listed(`  ${title.padEnd(indent)}`, names, Math.max(20, width - indent - 3))
  const holding = (field: string) =>
    columns
      .filter(({ fields }) => fields.includes(field))
      .map((column) => (column.reason === "split" ? `${titleOf(column)} (split)` : titleOf(column)))
  const standard = standardNames.map((field) => {
    const names = holding(field)
    return line(field, names.length === 0 ? ["(no column)"] : names)
  })
  const custom = columns.filter(
    ({ fields: [field] }) => field !== undefined && !standardNames.includes(field)
  )
  const dropped = columns.filter(({ fields }) => fields.length === 0).map(titleOf)
  const offers = columns.flatMap((column) =>
    column.offer === "splitName"
      ? [`  ${titleOf(column)} may hold first and last names: --split-name splits them\n`]
      : []
  )
  return [...standard, line("custom", custom.map(customOf)), line("left out", dropped), ...offers].join("")
}
