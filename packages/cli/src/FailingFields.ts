/**
 * Counts the rows that fail because of a field other than the address, and names the column and the
 * option that leaves it out: a column of long notes fails every row that has one.
 */
import { type Leads, Limits } from "@leadterra/core"
import type { Column, LeadFile } from "@leadterra/files"
import { counted, shown } from "./format.ts"
import { mapKey, quoted } from "./hints.ts"

export interface FailingField {
  readonly column: string
  readonly rows: number
  /** The problem of its first row. */
  readonly message: string
  /** The option that leaves the column out. */
  readonly option: string
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
  readonly #byField = new Map<string, { rows: number; readonly message: string }>()
  readonly #columns: ReadonlyArray<Column>

  constructor({ columns }: LeadFile) {
    this.#columns = columns
  }

  add({ issues }: Leads.FailedRow): void {
    const seen = new Set<string>()
    for (const { message, path, reason } of issues) {
      for (const field of reason === "NameTooLong" ? this.#longNames() : [fieldAt(path)]) {
        if (field === undefined || seen.has(field)) continue
        seen.add(field)
        const known = this.#byField.get(field)
        if (known !== undefined) known.rows++
        else if (this.#byField.size < keptAtMost) this.#byField.set(field, { rows: 1, message })
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
      .map(([field, { message, rows }]) => {
        const column = this.#columns.find(({ fields }) => fields.includes(field))
        const name = column?.name ?? field
        const key = column === undefined ? field : mapKey(name, column.number, this.#isOnly(name))
        return { column: name, rows, message, option: `--map ${quoted(`${key}=`)}` }
      })
  }

  #isOnly(name: string): boolean {
    return this.#columns.filter((column) => column.name === name).length === 1
  }
}

/** A column's name on one line of a terminal. */
const shortName = (name: string): string => shown(name.length > 60 ? `${name.slice(0, 60)}...` : name)

export const failingText = ({ column, message, option, rows }: FailingField): string =>
  `column ${JSON.stringify(shortName(column)).replaceAll("\\\\", "\\")} makes ${counted(rows, "row")} fail (${message}): ${shown(option)} leaves it out`
