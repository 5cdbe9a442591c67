/**
 * What a row says, by docs/spec/upsert.md (UP-3, UP-8, Limits, Decided here) written down a second time: the paths of
 * its problems, or the fields that it sets. Problems first go to one list; what is merely absent leaves no trace.
 */
import { keyByTheSpec } from "./addressOracle.ts"

export interface Reading {
  readonly paths: ReadonlyArray<string>
  readonly key: string | undefined
  readonly standard: ReadonlyMap<string, unknown>
  readonly custom: ReadonlyMap<string, unknown>
}

const standardNames = ["firstName", "lastName", "company", "jobTitle"]

/** The own enumerable properties with text keys, each read once and in order. */
const propertiesOf = function* (object: object): Generator<readonly [string, () => unknown]> {
  for (const name of Reflect.ownKeys(object)) {
    if (typeof name === "symbol" || Reflect.getOwnPropertyDescriptor(object, name)?.enumerable !== true)
      continue
    yield [name, () => Reflect.get(object, name)]
  }
}

const isText = (value: unknown): boolean =>
  typeof value === "string" && value.length <= 5_000 && isStorable(value)
const isStorable = (value: string): boolean =>
  Array.from(value).every((character) => character !== "\0" && !/\p{Cs}/u.test(character))
const isValue = (value: unknown): boolean =>
  value === null ||
  typeof value === "boolean" ||
  isText(value) ||
  (typeof value === "number" && Number.isFinite(value))
const isRecord = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/**
 * The UTF-8 bytes of the address and the standard fields, and of names and values of custom fields;
 * 8 for a value that is no text.
 */
const bytesOf = (texts: ReadonlyArray<unknown>, custom: ReadonlyMap<string, unknown>): number => {
  let bytes = 0
  for (const text of texts) if (typeof text === "string") bytes += Buffer.byteLength(text)
  for (const [name, value] of custom)
    bytes += Buffer.byteLength(name) + (typeof value === "string" ? Buffer.byteLength(value) : 8)
  return bytes
}

const readFields = (row: object): Reading => {
  const paths: Array<string> = []
  const standard = new Map<string, unknown>()
  const custom = new Map<string, unknown>()
  let email: unknown
  let customFields: unknown
  const setCustom = (name: string, value: unknown, path: string) => {
    if (value === undefined) return
    if (name.length > 200 || !isStorable(name)) paths.push("customFields")
    else if (isValue(value)) custom.set(name, Object.is(value, -0) ? 0 : value)
    else paths.push(path)
  }
  const properties = [...propertiesOf(row)]
  const isWide = properties.length > 1_000
  for (const [name, read] of properties) {
    if (isWide && name !== "email") continue
    const value = read()
    if (name === "email") email = value
    else if (name === "customFields") customFields = value
    else if (!standardNames.includes(name)) setCustom(name, value, name)
    else if (value === null || isText(value)) standard.set(name, value)
    else if (value !== undefined) paths.push(name)
  }
  const inside = isRecord(customFields) ? [...propertiesOf(customFields)] : []
  if (isRecord(customFields)) {
    for (const [name, read] of inside.length > 1_000 ? [] : inside) {
      if (name === "email" || standardNames.includes(name)) paths.push(`customFields.${name}`)
      else setCustom(name, read(), `customFields.${name}`)
    }
  } else if (customFields !== undefined) paths.push("customFields")
  const unlisted = paths.splice(100).length
  if (isWide || inside.length > 1_000 || custom.size > 500) paths.push("customFields")
  const key = keyByTheSpec(email)
  if (key === undefined) paths.push("email")
  if (unlisted > 0) paths.push("")
  if (paths.length === 0 && bytesOf([String(email).trim(), ...standard.values()], custom) > 65_536)
    paths.push("")
  return { paths, key, standard, custom }
}

export const readByTheSpec = (row: unknown): Reading => {
  const unread = { paths: [""], key: undefined, standard: new Map(), custom: new Map() }
  try {
    return isRecord(row) ? readFields(row) : unread
  } catch {
    return unread
  }
}
