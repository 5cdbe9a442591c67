/**
 * Takes a row from the source of an import: reads its properties once, and measures it. Rows are
 * untrusted: they may be proxies, cycles or getters that throw. The measure bounds what a batch
 * holds, so it is cheap for the rows of real lists, and linear for all.
 */
import * as Limits from "./model/Limits.ts"
import { SourceRow } from "./model/SourceRow.ts"
import { unreadableElement } from "./request.ts"

/** A row of a source. */
export interface TakenRow {
  /** As it was handed over. */
  readonly row: unknown
  /**
   * The row for `Leads.bulkUpsert`: a copy, since a property may be a getter and is read only once.
   */
  readonly lead: unknown
  /** About how many bytes the row holds, up to those of a batch. */
  readonly bytes: number
}

/** Bytes of a value besides its text, and of an object besides its values. */
const bytesPerValue = 16
const bytesPerObject = 48

const most = Limits.maxImportBatchBytes

/**
 * The length of a list of bytes or of characters, whose elements are too many to list as
 * properties.
 */
const denseBytes = (value: object): number | undefined => {
  try {
    return ArrayBuffer.isView(value) || value instanceof ArrayBuffer
      ? value.byteLength
      : value instanceof String
        ? value.length
        : undefined
  } catch {
    // A proxy that does not show its prototype.
    return undefined
  }
}

const ownValue = (object: object, name: string | number): unknown =>
  Object.getOwnPropertyDescriptor(object, name)?.value

/**
 * The bytes of a value and its parts, by data properties alone: no getter is called, and no part
 * counts twice.
 */
export const bytesOf = (value: unknown): number => {
  const seen = new Set<object>()
  const open: Array<unknown> = [value]
  let bytes = 0
  const meet = (part: unknown): void => {
    bytes += bytesPerValue
    if (typeof part === "string") bytes += part.length
    else if (typeof part === "object" && part !== null) {
      bytes += bytesPerObject
      open.push(part)
    }
  }
  try {
    while (open.length > 0 && bytes < most) {
      const part = open.pop()
      if (typeof part === "string") bytes += part.length
      if (typeof part !== "object" || part === null || seen.has(part)) continue
      seen.add(part)
      const dense = denseBytes(part)
      if (dense !== undefined) bytes += dense
      else if (Array.isArray(part))
        for (let index = 0; index < part.length && bytes < most; index++) meet(ownValue(part, index))
      else
        for (const name of Object.keys(part)) {
          if (bytes >= most) break
          bytes += name.length
          meet(ownValue(part, name))
        }
    }
  } catch {
    // A proxy that throws: the bytes counted so far stand.
  }
  return Math.min(bytes, most)
}

/**
 * The bytes of an object whose own properties are safe to read; deeper values are read with care.
 */
const flatBytes = (object: Readonly<Record<string, unknown>>): number => {
  let bytes = 0
  for (const name of Object.keys(object)) {
    const value = object[name]
    bytes += name.length + bytesPerValue
    if (typeof value === "string") bytes += value.length
    else if (typeof value === "object" && value !== null) bytes += bytesOf(value)
  }
  return bytes
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && denseBytes(value) === undefined

/** The bytes that a reader keeps beside the row itself, such as the cells of a line. */
const keptBeside = (source: SourceRow): number => {
  let bytes = 0
  for (const [name, value] of Object.entries(source)) {
    if (name === "row") continue
    if (Array.isArray(value)) {
      for (const cell of value)
        bytes += bytesPerValue + (typeof cell === "string" ? cell.length : bytesOf(cell))
    } else if (typeof value === "string") bytes += value.length
    else if (isRecord(value)) bytes += flatBytes(value)
  }
  return bytes
}

/** A copy of the two levels that a lead is parsed from. */
const copyOf = (row: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const copy = { ...row }
  const { customFields } = copy
  if (isRecord(customFields)) copy["customFields"] = { ...customFields }
  return copy
}

const sizeOfCopy = ({ customFields, ...fields }: Readonly<Record<string, unknown>>): number =>
  flatBytes(fields) + (isRecord(customFields) ? flatBytes(customFields) : bytesOf(customFields))

/** Takes a row. One that its reader could not read is measured, and never asked for its content. */
export const takeRow = (row: unknown): TakenRow => {
  try {
    const isSource = SourceRow.is(row)
    if (isSource && row.issues.length > 0) return { row, lead: undefined, bytes: bytesOf(row) }
    const content = isSource ? row.row : row
    const beside = isSource ? keptBeside(row) : 0
    if (!isRecord(content)) return { row, lead: content, bytes: bytesOf(content) + beside }
    const lead = copyOf(content)
    return { row, lead, bytes: sizeOfCopy(lead) + beside }
  } catch {
    return { row, lead: unreadableElement, bytes: bytesPerValue }
  }
}
