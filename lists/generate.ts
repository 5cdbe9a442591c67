/**
 * Lists of leads for tests and benchmarks: of any length, from a seed, as five products export them and in three plain
 * formats. The same seed and size give the same bytes, for ever; a longer list of a seed begins with the rows of a shorter
 * one. Memory does not grow with the list.
 *
 * `node lists/generate.ts --rows 1000000 --seed 7 --as hubspot > list.csv`
 */
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { parseArgs } from "node:util"
import { type Lead, leadAt } from "./lead.ts"
import { products } from "./products.ts"
import { csv, type Format, json, ndjson } from "./serialise.ts"

const formats = {
  hubspot: csv(products.hubspot),
  apollo: csv(products.apollo),
  instantly: csv(products.instantly),
  salesforce: csv(products.salesforce),
  mailchimp: csv(products.mailchimp),
  plain: csv(products.plain),
  ndjson,
  json
} satisfies { readonly [name: string]: Format }

export type As = keyof typeof formats

export const names: ReadonlyArray<As> = [
  "hubspot",
  "apollo",
  "instantly",
  "salesforce",
  "mailchimp",
  "plain",
  "ndjson",
  "json"
]

export interface ListOptions {
  /** 0 to 1,000,000,000. */
  readonly rows: number
  /** A whole number from 0 to below 2^32. */
  readonly seed: number
}

const checked = ({ rows, seed }: ListOptions): void => {
  if (!Number.isInteger(rows) || rows < 0 || rows > 1_000_000_000)
    throw new RangeError(`rows must be a whole number from 0 to 1,000,000,000, not ${rows}`)
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw new RangeError(`seed must be a whole number from 0 to 4,294,967,295, not ${seed}`)
}

/** The leads of a list, one by one. */
export function* leadsOf({ rows, seed }: ListOptions): Generator<Lead, void> {
  checked({ rows, seed })
  for (let row = 0; row < rows; row++) yield leadAt(seed, row)
}

/** About how many characters a chunk has. */
const chunkLength = 65_536

/** The text of a list in chunks of whole rows, made as they are asked for. */
export function* listOf({ as, rows, seed }: ListOptions & { readonly as: As }): Generator<string, void> {
  checked({ rows, seed })
  const { between, head, row: write, tail } = formats[as]
  let chunk = head
  for (let row = 0; row < rows; row++) {
    chunk += row === 0 ? write(leadAt(seed, row)) : between + write(leadAt(seed, row))
    if (chunk.length >= chunkLength) {
      yield chunk
      chunk = ""
    }
  }
  yield chunk + tail
}

const help = `node lists/generate.ts --rows N [--seed N] [--as FORMAT] > FILE

Writes a list of leads to the standard output. The same seed and rows give the same bytes.

  --rows N     how many leads, 0 to 1,000,000,000
  --seed N     which list, 0 to 4,294,967,295; by default 1
  --as FORMAT  ${names.join(", ")}; by default plain
  --help       this text
`

const wholeNumber = (name: string, text: string): number => {
  if (!/^\d+$/.test(text))
    throw new RangeError(`--${name} must be a whole number, not ${JSON.stringify(text)}`)
  return Number(text)
}

const optionsOf = (args: ReadonlyArray<string>) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: "string" },
      seed: { type: "string", default: "1" },
      as: { type: "string", default: "plain" },
      help: { type: "boolean", default: false }
    }
  })
  if (values.help) return undefined
  if (values.rows === undefined) throw new RangeError("--rows is missing: how many leads?")
  const as = names.find((name) => name === values.as)
  if (as === undefined)
    throw new RangeError(`--as must be one of ${names.join(", ")}, not ${JSON.stringify(values.as)}`)
  const options = { rows: wholeNumber("rows", values.rows), seed: wholeNumber("seed", values.seed), as }
  checked(options)
  return options
}

/** True for the error of a reader that has gone, as `head` does. */
const isClosedPipe = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  (error.code === "EPIPE" || error.code === "ERR_STREAM_PREMATURE_CLOSE")

const run = async (args: ReadonlyArray<string>): Promise<void> => {
  try {
    const options = optionsOf(args)
    const chunks = options === undefined ? [help] : listOf(options)
    await pipeline(Readable.from(chunks), process.stdout)
  } catch (error) {
    if (isClosedPipe(error)) return
    console.error(`${error instanceof Error ? error.message : String(error)}\nSee --help`)
    process.exitCode = 1
  }
}

if (import.meta.main) await run(process.argv.slice(2))
