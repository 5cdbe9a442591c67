/**
 * Counts the rows that fail because of a field other than the address, and names the column and the
 * option that leaves it out: a column of long notes fails every row that has one.
 */
import { type Leads, Limits } from "@leadterra/core"
import type { Column, LeadFile } from "@leadterra/files"
import { counted, shown } from "./format.ts"
import { columnOption, keyOption } from "./hints.ts"
import { type Origin, originOf } from "./jsonKeys.ts"

export interface FailingField {
  readonly column: string
  readonly rows: number
  /** The problem of its first row. */
  readonly message: string
  /** The option that leaves the column out; null where none does. */
  readonly option: string | null
  /** A change of the list that helps, where no option does. */
  readonly advice: string | null
}

/** A field, where its first failed row has it, and the problem of that row. */
interface Known {
  rows: number
  readonly message: string
  readonly origin: Origin
}

/** Fields that are counted and told: a list of JSON may have a new key in every row. */
const keptAtMost = 100
const toldAtMost = 5

const custom = "customFields."

/** The name of the field at a path of an issue; undefined where no one field is to blame. */
const fieldAt = (path: string): string | undefined => {
  const field = path.startsWith(custom) ? path.slice(custom.length) : path
  return field === "" || field === "customFields" || field === "email" ? undefined : field
}

export class FailingFields {
  readonly #byField = new Map<string, Known>()
  readonly #columns: ReadonlyArray<Column>

  constructor({ columns }: LeadFile) {
    this.#columns = columns
  }

  add({ issues, row }: Leads.FailedRow): void {
    const seen = new Set<string>()
    for (const { message, path, reason } of issues) {
      for (const field of reason === "NameTooLong" ? this.#longNames() : [fieldAt(path)]) {
        if (field === undefined || seen.has(field)) continue
        seen.add(field)
        const known = this.#byField.get(field)
        if (known !== undefined) known.rows++
        else if (this.#byField.size < keptAtMost) {
          this.#byField.set(field, { rows: 1, message, origin: originOf(row, field) })
        }
      }
    }
  }

  /** Fields whose names no lead can have: the issue of a row does not repeat them. */
  #longNames(): ReadonlyArray<string> {
    return this.#columns.flatMap(({ fields }) =>
      fields.filter(({ length }) => length > Limits.maxFieldNameLength)
    )
  }

  /** The fields with the most failed rows first. */
  get worst(): ReadonlyArray<FailingField> {
    return [...this.#byField]
      .toSorted(([, { rows }], [, other]) => other.rows - rows)
      .slice(0, toldAtMost)
      .map(([field, { message, origin, rows }]) => {
        const column = this.#columns.find(({ fields }) => fields.includes(field))
        const name = column?.name ?? field
        const option = column === undefined ? keyLeftOut(origin) : columnOption(column, this.#columns, null)
        if (option !== undefined) return { column: name, rows, message, option, advice: null }
        const where = origin === "customFields" ? "customFields" : "the list"
        const advice = `correct its values, or take it out of ${where}`
        return { column: name, rows, message, option: null, advice }
      })
  }
}

const keyLeftOut = (origin: Origin): string | undefined =>
  typeof origin === "object" ? keyOption(origin.key, null) : undefined

/** A column's name on one line of a terminal. */
const shortName = (name: string): string => shown(name.length > 60 ? `${name.slice(0, 60)}...` : name)

export const failingText = ({ advice, column, message, option, rows }: FailingField): string => {
  const name = JSON.stringify(shortName(column)).replaceAll("\\\\", "\\")
  const help = option === null ? advice : `${shown(option)} leaves it out`
  return `column ${name} makes ${counted(rows, "row")} fail (${message}): ${help}`
}
