/** Entries of a suppression list out of arguments: addresses and domains as they stand, files of them, or what is piped in. */
import { createReadStream, existsSync, statSync } from "node:fs"
import { CannotRead, UsageError } from "./failure.ts"
import { type ListOptions, openList } from "./list.ts"
import type { Terminal } from "./Terminal.ts"

/** An entry as it was given, and where; one that cannot be read has its problem instead. */
export interface Given {
  readonly entry: string
  readonly where: string
  readonly problem?: string
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

export async function* entriesOf(
  args: ReadonlyArray<string>,
  options: ListOptions,
  terminal: Terminal
): AsyncGenerator<Given> {
  for (const arg of args) {
    if (arg === "-") yield* linesOf(await readAll(terminal.stdin), "line")
    else if (!isFile(arg)) yield { entry: arg, where: arg }
    else if (isList(arg)) yield* leadsOf(arg, options, terminal)
    else yield* linesOf(await readAll(createReadStream(arg)), `${arg}, line`)
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

async function* leadsOf(path: string, options: ListOptions, terminal: Terminal): AsyncGenerator<Given> {
  for await (const { issues, line, row } of await openList(path, options, terminal)) {
    const where = `${path}, line ${line}`
    const [issue] = issues
    const email: unknown = typeof row === "object" && row !== null ? Reflect.get(row, "email") : undefined
    if (issue !== undefined) yield { entry: "", where, problem: issue.message }
    else yield { entry: typeof email === "string" ? email : "", where }
  }
}

function* linesOf(bytes: Uint8Array, where: string): Generator<Given> {
  let text: string
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    const [name] = where.split(", line")
    throw new CannotRead(
      `${name === "line" ? "what is piped in" : name} is no UTF-8 text: save it as UTF-8, or as CSV`
    )
  }
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    if (line.trim() !== "") yield { entry: line.trim(), where: `${where} ${index + 1}` }
  }
}
