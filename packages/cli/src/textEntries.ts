/** Entries of a suppression list in text: one a line, or several between separators. */
import { gunzipSync } from "node:zlib"
import { readText } from "@leadterra/files"
import { CannotRead, codeIn } from "./failure.ts"
import type { ListOptions } from "./list.ts"

/** An entry as it was given, and where; one that cannot be read has its problem instead. */
export interface Given {
  readonly entry: string
  readonly where: string
  readonly problem?: string
}

/**
 * Most bytes of a list of lines, some million addresses. A list of leads is read in pieces and has
 * no limit.
 */
const maxBytes = 50_000_000

const tooLong = () =>
  new CannotRead(
    `the list of entries is longer than ${maxBytes} bytes: split it, or save it as CSV with the column email`
  )

/** Gives the entries of a text, also gzipped. Throws `CannotRead`, with a hint, for a list of leads. */
export async function* linesOf(
  name: string,
  source: AsyncIterable<Uint8Array>,
  { encoding }: ListOptions
): AsyncGenerator<Given> {
  const text = await readText(unpacked(name, await readAll(source)), { encoding })
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.trim())
  refuseList(name, text, lines)
  const before = name === "standard input" ? "" : `${name}, `
  for (const [index, line] of lines.entries()) {
    const where = `${before}line ${index + 1}`
    if (line !== "") for (const entry of entriesIn(line)) yield { entry, where }
  }
}

const readAll = async (source: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const chunks: Array<Uint8Array> = []
  let length = 0
  for await (const chunk of source) {
    length += chunk.length
    if (length > maxBytes) throw tooLong()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const unpacked = (name: string, bytes: Uint8Array): Uint8Array => {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    if (codeIn(error) === "ERR_BUFFER_TOO_LARGE") throw tooLong()
    throw new CannotRead(`${name} is gzipped, and damaged or cut off: make it again`)
  }
}

/** Refuses text that is a list of leads, and names the option that reads it. */
const refuseList = (name: string, text: string, lines: ReadonlyArray<string>): void => {
  const begins = /^\s*(?:\[\s*["{\]]|\{\s*")/.exec(text)?.[0]
  if (begins !== undefined) throw asList(name, "JSON", begins.includes("[") ? "json" : "ndjson")
  const [first = "", second = ""] = lines.filter((line) => line !== "")
  if (separators.some((separator) => isTable(first.split(separator), second.split(separator)))) {
    throw asList(name, "columns", "csv")
  }
}

const asList = (name: string, what: string, format: string): CannotRead =>
  new CannotRead(`${name} holds ${what}, and no entry a line: read it as a list`, [`--format ${format}`])

const separators = [";", ",", "\t", "|"]

/** Whether the cells of the first lines are columns: a header above entries, or entries beside other text. */
const isTable = (first: ReadonlyArray<string>, second: ReadonlyArray<string>): boolean => {
  const [above, below] = [entriesAmong(first), entriesAmong(second)]
  if ([above, below].some(({ cells, entries }) => entries > 0 && entries < cells)) return true
  return first.length > 1 && first.length === second.length && above.entries === 0 && below.entries > 0
}

/** Counts of cells that are not empty, and of entries among them. */
const entriesAmong = (cells: ReadonlyArray<string>) => {
  const filled = cells.map((cell) => cell.trim().replace(/^"(.*)"$/, "$1")).filter((cell) => cell !== "")
  return { cells: filled.length, entries: filled.filter(isEntry).length }
}

/** The entries between separators; text with anything else among them is one entry, to be told. */
const entriesIn = (line: string): ReadonlyArray<string> => {
  const parts = line.split(/[,;|\s]+/).filter((part) => part !== "")
  return parts.length > 0 && parts.every(isEntry) ? parts : [line]
}

/** Characters of the longest address. */
const maxAddressLength = 320

export const looksLikeAddress = (value: unknown): boolean =>
  typeof value === "string" &&
  value.length <= maxAddressLength &&
  /^\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*$/.test(value)

/** Whether text is an address or a domain alone. */
const isEntry = (text: string): boolean =>
  !/[<>,;|":]/.test(text) && (looksLikeAddress(text) || /^@[^\s@]+\.[^\s@]+$/.test(text))
