/** Entries of a suppression list out of arguments: addresses and domains as they stand, files of them, or what is piped in. */
import { createReadStream, existsSync, statSync } from "node:fs"
import { type Column, type LeadFile, readText } from "@leadterra/files"
import { CannotRead, UsageError } from "./failure.ts"
import { mapKey, quoted } from "./hints.ts"
import { type ListOptions, openList, stdinOf } from "./list.ts"
import type { Terminal } from "./Terminal.ts"

/** An entry as it was given, and where; one that cannot be read has its problem instead. */
export interface Given {
  readonly entry: string
  readonly where: string
  readonly problem?: string
}

/** The columns of a list that hold addresses. */
export interface ReadList {
  readonly file: string
  /** The column of the addresses; null for JSON and for a list of one column. */
  readonly column: string | null
  /** Other columns, or keys, that hold addresses, each with the option that reads it instead. */
  readonly leftOut: ReadonlyArray<{ readonly column: string; readonly option: string }>
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
    else if (arg === "-") yield* linesOf(await readAll(stdinOf(terminal)), "", options)
    else yield* linesOf(await readAll(createReadStream(arg)), `${arg}, `, options)
  }
}

/**
 * Most bytes of a list of lines, some million addresses. A list of leads is read in pieces and has
 * no limit.
 */
const maxBytes = 50_000_000

const readAll = async (source: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const chunks: Array<Uint8Array> = []
  let length = 0
  for await (const chunk of source) {
    length += chunk.length
    if (length > maxBytes) {
      throw new CannotRead(
        `the list of entries is longer than ${maxBytes} bytes: split it, or save it as CSV with the column email`
      )
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function* leadsOf(
  path: string,
  options: ListOptions,
  terminal: Terminal,
  onList: (list: ReadList) => void
): AsyncGenerator<Given> {
  const list = await openList(path, options, terminal)
  const others = new Set<string>()
  for await (const { issues, line, row } of list) {
    const where = path === "-" ? `line ${line}` : `${path}, line ${line}`
    const [issue] = issues
    if (issue !== undefined) {
      yield { entry: "", where, problem: issue.message }
      continue
    }
    const { email, ...fields } = fieldsOf(row)
    for (const [field, value] of Object.entries(fields)) {
      if (others.size < othersAtMost && looksLikeAddress(value)) others.add(field)
    }
    yield { entry: typeof email === "string" ? email : "", where }
  }
  onList(readListOf(path, list, others))
}

/** Other columns with addresses that are told. */
const othersAtMost = 20

/** Characters of the longest address. */
const maxAddressLength = 320

const looksLikeAddress = (value: unknown): boolean =>
  typeof value === "string" &&
  value.length <= maxAddressLength &&
  /^\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*$/.test(value)

/** The fields of a row by name, standard ones and custom ones. */
const fieldsOf = (row: unknown): Readonly<Record<string, unknown>> => {
  if (typeof row !== "object" || row === null) return {}
  const { customFields, ...fields } = Object.fromEntries(Object.entries(row))
  return { ...(typeof customFields === "object" ? customFields : {}), ...fields }
}

const readListOf = (file: string, { columns }: LeadFile, others: ReadonlySet<string>): ReadList => {
  const columnOf = (field: string) => columns.find(({ fields }) => fields.includes(field))
  const titleOf = ({ name, number }: Column) => (name === "" ? `column ${number}` : name)
  const email = columnOf("email")
  const leftOut = [...others].map((field) => {
    const column = columnOf(field)
    if (column === undefined) return { column: field, option: `--map ${quoted(`${field}=email`)}` }
    const isOnly = columns.filter(({ name }) => name === column.name).length === 1
    const key = mapKey(column.name, column.number, isOnly)
    return { column: titleOf(column), option: `--map ${quoted(`${key}=email`)}` }
  })
  return { file, column: email === undefined || columns.length === 1 ? null : titleOf(email), leftOut }
}

async function* linesOf(bytes: Uint8Array, where: string, { encoding }: ListOptions): AsyncGenerator<Given> {
  const text = await readText(bytes, { encoding })
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    if (line.trim() !== "") yield { entry: line.trim(), where: `${where}line ${index + 1}` }
  }
}
