/** Entries of a suppression list out of arguments: addresses and domains as they stand, files of them, or what is piped in. */
import { createReadStream, existsSync, statSync } from "node:fs"
import type { Column, LeadFile } from "@leadterra/files"
import { UsageError } from "./failure.ts"
import { columnOption, keyOption } from "./hints.ts"
import { entriesOfObject, type Origin, originOf } from "./jsonKeys.ts"
import { type ListOptions, openList, stdinOf } from "./list.ts"
import type { Terminal } from "./Terminal.ts"
import { type Given, linesOf, looksLikeAddress } from "./textEntries.ts"

/** The columns of a list that hold addresses. */
export interface ReadList {
  readonly file: string
  /** The column of the addresses; null for JSON and for a list of one column. */
  readonly column: string | null
  readonly leftOut: ReadonlyArray<LeftOut>
}

/** Another column, or key, that holds addresses. */
export interface LeftOut {
  readonly column: string
  /** The option that reads it instead; null where none does. */
  readonly option: string | null
  /** A change of the list that helps, where no option does. */
  readonly advice: string | null
}

/** A field with addresses. */
interface Other {
  readonly origin: Origin
  /** Whether a cell holds one address and nothing else. */
  isPlain: boolean
}

const isList = (path: string): boolean => /\.(csv|tsv|tab|ndjson|jsonl|json)(\.gz)?$/i.test(path)

/** Whether an argument is a file. What is there and may be an address as well is not guessed. */
const isFile = (arg: string): boolean => {
  if (!existsSync(arg)) {
    if (arg.includes("@")) return false
    throw new UsageError(`${arg} is neither an address, nor a domain such as @acme.com, nor a file`)
  }
  if (statSync(arg).isDirectory()) throw new UsageError(`${arg} is a folder: name the files in it`)
  if (arg.includes("@") && !isList(arg) && !/[\\/]/.test(arg)) {
    throw new UsageError(`${arg} is a file and may be an address: write ./${arg} for the file`)
  }
  return true
}

/** Whether the options are about columns or records, which lines of text do not have. */
const describesList = ({ delimiter, format, header, map, skipLines }: ListOptions): boolean =>
  [delimiter, format, map, skipLines].some((option) => option !== undefined) || header === false

/** Gives the entries in order, and tells about each list when it has been read to its end. */
export async function* entriesOf(
  args: ReadonlyArray<string>,
  options: ListOptions,
  terminal: Terminal,
  onList: (list: ReadList) => void
): AsyncGenerator<Given> {
  for (const arg of args) {
    if (arg !== "-" && !isFile(arg)) yield { entry: arg, where: arg }
    else if (describesList(options) || isList(arg)) yield* leadsOf(arg, options, terminal, onList)
    else if (arg === "-") yield* linesOf("standard input", stdinOf(terminal), options)
    else yield* linesOf(arg, createReadStream(arg), options)
  }
}

async function* leadsOf(
  path: string,
  options: ListOptions,
  terminal: Terminal,
  onList: (list: ReadList) => void
): AsyncGenerator<Given> {
  const list = await openList(path, options, terminal)
  const others = new Map<string, Other>()
  for await (const source of list) {
    const { issues, line, row } = source
    const where = path === "-" ? `line ${line}` : `${path}, line ${line}`
    const [issue] = issues
    if (issue !== undefined) {
      yield { entry: "", where, problem: issue.message }
      continue
    }
    if (typeof row === "string") {
      yield { entry: row, where }
      continue
    }
    const { email, ...fields } = fieldsOf(row)
    for (const [field, value] of Object.entries(fields)) {
      const isPlain = looksLikeAddress(value)
      if (!isPlain && !holdsAddresses(value)) continue
      const other = others.get(field)
      if (other !== undefined) other.isPlain ||= isPlain
      else if (others.size < othersAtMost) others.set(field, { origin: originOf(source, field), isPlain })
    }
    yield { entry: typeof email === "string" ? email : "", where }
  }
  onList(readListOf(path, list, others))
}

/** Other columns with addresses that are told. */
const othersAtMost = 20

/** Characters of a cell in which addresses are looked for. */
const lookedAt = 10_000

/** Whether a cell holds several addresses, or addresses behind names, and is no other text. */
const holdsAddresses = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.some((item) => looksLikeAddress(item) || holdsAddresses(item))
  return (
    typeof value === "string" &&
    value.includes("@") &&
    value
      .slice(0, lookedAt)
      .split(/[,;|\r\n]/)
      .some((part) => {
        const words = (/<([^<>]*)>\s*$/.exec(part)?.[1] ?? part).trim().split(/\s+/)
        return words.every(looksLikeAddress)
      })
  )
}

/** The fields of a row by name, standard ones and custom ones. */
const fieldsOf = (row: unknown): Readonly<Record<string, unknown>> => {
  const { customFields, ...fields } = Object.fromEntries(entriesOfObject(row))
  return { ...Object.fromEntries(entriesOfObject(customFields)), ...fields }
}

const readListOf = (file: string, { columns }: LeadFile, others: ReadonlyMap<string, Other>): ReadList => {
  const columnOf = (field: string) => columns.find(({ fields }) => fields.includes(field))
  const titleOf = ({ name, number }: Column) => (name === "" ? `column ${number}` : name)
  const email = columnOf("email")
  const leftOut = [...others].map(([field, { isPlain, origin }]): LeftOut => {
    const column = columnOf(field)
    const title = column === undefined ? field : titleOf(column)
    if (!isPlain) {
      const advice = "several addresses or names in a cell: put one address a row, and nothing else"
      return { column: title, option: null, advice }
    }
    const option = column === undefined ? keyToEmail(origin) : columnOption(column, columns, "email")
    if (option !== undefined) return { column: title, option, advice: null }
    const where = origin === "customFields" ? "it is in customFields" : "no option reaches it"
    return { column: title, option: null, advice: `${where}: name it email in the list` }
  })
  return { file, column: email === undefined || columns.length === 1 ? null : titleOf(email), leftOut }
}

const keyToEmail = (origin: Origin): string | undefined =>
  typeof origin === "object" ? keyOption(origin.key, "email") : undefined
