/**
 * What an import of a list into an empty campaign must answer, counted without any of the code that imports. CSV by its
 * email column; NDJSON, and JSON with one element a line, as rows of `bulkUpsert`. It refuses what it could only guess:
 * rows of another length than the heading, two columns of one name, text that is not UTF-8. Memory holds the keys alone.
 *
 * `node lists/count.ts list.csv --suppressed entries.txt`
 */
import { createReadStream, readFileSync } from "node:fs"
import { extname } from "node:path"
import { parseArgs } from "node:util"
import { CsvRows } from "./csvRows.ts"
import { cellsBreakRules, customNamesOf, isObject } from "./fieldRules.ts"
import { type Count, Tally } from "./tally.ts"

export interface CountOptions {
  /** Addresses and `@domains` that are suppressed before the import. */
  readonly suppressed?: Iterable<string> | undefined
  /** What the email column is called, where it is none of the usual names. */
  readonly emailColumn?: string | undefined
}

/** How each product calls it, most telling first. */
const emailColumns = ["Email Address", "Email", "email"]

/** Takes the pieces of a list's text, one after the other. */
interface Reader {
  readonly add: (text: string) => void
  readonly end: () => void
}

const csvReader = (tally: Tally, emailColumn: string | undefined): Reader => {
  const rows = new CsvRows()
  let columns: ReadonlyArray<string> | undefined
  let emailAt = -1
  const readHeading = (cells: ReadonlyArray<string>): void => {
    const name = (emailColumn === undefined ? emailColumns : [emailColumn]).find((name) =>
      cells.includes(name)
    )
    if (name === undefined) throw new Error(`No column of addresses among ${cells.join(", ")}`)
    if (new Set(cells).size < cells.length) throw new Error("Two columns have the same name")
    if (cells.length > 500) throw new Error("More columns than a lead may have fields")
    columns = cells
    emailAt = cells.indexOf(name)
  }
  const take = (cells: ReadonlyArray<string>): void => {
    if (columns === undefined) readHeading(cells)
    else if (cells.length === columns.length) tally.add(cells[emailAt], cellsBreakRules(cells, emailAt))
    else throw new Error(`A row has ${cells.length} cells under a heading of ${columns.length}: ${cells[0]}`)
  }
  return { add: (text) => rows.add(text).forEach(take), end: () => rows.end().forEach(take) }
}

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

const oneElementALine = "JSON is counted only as an array with one element a line, each bracket on its own"

const jsonReader = (tally: Tally, isArray: boolean): Reader => {
  const allNames = new Set<string>()
  let rest = ""
  /** Of an array: the line that must come, or whether elements may come. */
  let place: "before" | "inside" | "behind" = isArray ? "before" : "inside"
  const takeBracket = (text: string): boolean => {
    const [bracket, next] = place === "before" ? ["[", "inside" as const] : ["]", "behind" as const]
    if (!isArray || text !== bracket || place === "behind") return false
    place = next
    return true
  }
  const take = (line: string): void => {
    const text = line.trim()
    if (text === "" || takeBracket(text)) return
    const row = parsed(isArray && text.endsWith(",") ? text.slice(0, -1) : text)
    if (isArray && (row === undefined || place !== "inside")) throw new Error(oneElementALine)
    const names = isObject(row) ? customNamesOf(row) : undefined
    for (const name of names ?? []) allNames.add(name)
    if (allNames.size > 500)
      throw new Error("With more than 500 names of fields a merge may fail: not counted here")
    tally.add(isObject(row) ? Reflect.get(row, "email") : undefined, names === undefined)
  }
  return {
    add: (text) => {
      const lines = (rest + text).split("\n")
      rest = lines.pop() ?? ""
      lines.forEach(take)
    },
    end: () => {
      take(rest)
      if (isArray && place !== "behind") throw new Error(oneElementALine)
    }
  }
}

/** Counts a file: `.ndjson` and `.jsonl`, `.json`, and CSV under any other name. */
export const countFile = async (path: string, options: CountOptions = {}): Promise<Count> => {
  const tally = new Tally(options.suppressed)
  const kind = extname(path)
  const isJson = [".json", ".ndjson", ".jsonl"].includes(kind)
  const reader = isJson ? jsonReader(tally, kind === ".json") : csvReader(tally, options.emailColumn)
  const decoder = new TextDecoder("utf-8", { fatal: true })
  const bytes: AsyncIterable<Uint8Array> = createReadStream(path, { highWaterMark: 262_144 })
  for await (const chunk of bytes) reader.add(decoder.decode(chunk, { stream: true }))
  reader.add(decoder.decode())
  reader.end()
  return tally.count
}

const help = `node lists/count.ts FILE [--suppressed FILE] [--email-column NAME]

Prints what an import of the list into an empty campaign must answer.

  --suppressed FILE    addresses and @domains that are suppressed, one a line
  --email-column NAME  the heading of the column of addresses
  --help               this text
`

const run = async (args: ReadonlyArray<string>): Promise<void> => {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        suppressed: { type: "string" },
        "email-column": { type: "string" },
        help: { type: "boolean", default: false }
      }
    })
    if (values.help) return void process.stdout.write(help)
    const [path, ...more] = positionals
    if (path === undefined || more.length > 0) throw new Error("Name one list")
    const entries = values.suppressed === undefined ? "" : readFileSync(values.suppressed, "utf8")
    const suppressed = entries.split("\n").filter((entry) => entry.trim() !== "")
    const { emails, ...count } = await countFile(path, { suppressed, emailColumn: values["email-column"] })
    console.log(JSON.stringify({ ...count, emails: emails.size }))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\nSee --help`)
    process.exitCode = 1
  }
}

if (import.meta.main) await run(process.argv.slice(2))
