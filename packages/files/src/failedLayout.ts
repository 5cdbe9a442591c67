/**
 * Recognises a file of failed rows by the marks of its writer, before any option is looked at (LF-5).
 * Its rows are often imported with the options of the list that they came from, and the lines to
 * skip, the encoding and the delimiter of that list are not those of the file.
 */
import { candidatesIn, delimiters } from "./detect.ts"
import { isMark } from "./fields.ts"
import { endOfValue } from "./JsonReader.ts"
import { patience } from "./LeadFile.ts"
import { parseJson } from "./parseJson.ts"
import type { Format, ReadOptions } from "./ReadOptions.ts"

/** Options that read the file; they replace those of the caller. */
export type FailedLayout = Required<Pick<ReadOptions, "format">> & Pick<ReadOptions, "delimiter">

/** Reads the first text of a list: null for an ordinary list, undefined when more is needed. */
type Finding = FailedLayout | null | undefined

const csvLayout = (text: string, delimiter: string | undefined, isLast: boolean): Finding => {
  const extra = delimiter === undefined || delimiters.includes(delimiter) ? [] : [delimiter]
  const all = [...delimiters, ...extra].flatMap((one) => candidatesIn(text, { delimiter: one }, 1, isLast))
  const marked = all.find(({ records: [record] }) => record?.cells.some(isMark) === true)
  if (marked !== undefined) {
    return { format: marked.delimiter === "\t" ? "tsv" : "csv", delimiter: marked.delimiter }
  }
  return isLast || all.every(({ records }) => records.length > 0) ? null : undefined
}

const jsonLayout = (text: string, isLast: boolean): Finding => {
  const format: Format = text.startsWith("[") ? "json" : "ndjson"
  const first = format === "json" ? text.slice(1).trimStart() : text
  if (first === "" && !isLast) return undefined
  if (!first.startsWith("{")) return null
  const end = endOfValue(first, 0)
  if (end === -1) return isLast ? null : undefined
  const object = first.slice(0, end)
  if (format === "ndjson" && /[\r\n]/.test(object)) return null
  const parsed = parseJson(object)
  const isMarked = "value" in parsed && Object.keys(Object(parsed.value)).some(isMark)
  return isMarked ? { format } : null
}

const layoutOf = (text: string, delimiter: string | undefined, isLast: boolean): Finding => {
  const begins = text.trimStart()
  return /^[[{]/.test(begins) ? jsonLayout(begins, isLast) : csvLayout(text, delimiter, isLast)
}

export interface Recognised {
  /** Null for an ordinary list. */
  readonly layout: FailedLayout | null
  /** The bytes that were looked at. */
  readonly head: Uint8Array
  /** The error that came in place of more bytes. */
  readonly failure: unknown
}

/**
 * Takes as many bytes as tell the first record. Marks, delimiters and quotes are ASCII, so that
 * text without a byte order mark can be looked at as Latin-1, whatever it is.
 */
export const recogniseFailedRows = async (
  bytes: AsyncIterator<Uint8Array>,
  label: string,
  delimiter: string | undefined,
  maxBytes: number
): Promise<Recognised> => {
  const decoder = new TextDecoder(label)
  const taken: Array<Uint8Array> = []
  let text = ""
  let looked = 0
  let layout: Finding
  let failure: unknown
  try {
    while (layout === undefined) {
      const { done, value } = await bytes.next()
      if (done !== true) {
        taken.push(value)
        text += decoder.decode(value, { stream: true })
        // Looked at again only when there is twice as much, so that small chunks do not add up.
        if (text.length < looked * 2 && looked > patience) continue
      }
      looked = text.length
      layout = layoutOf(text, delimiter, done === true || looked > maxBytes)
    }
  } catch (error) {
    failure = error
  }
  return { layout: layout ?? null, head: Buffer.concat(taken), failure }
}
