/**
 * The keys of JSON objects as fields (LF-2), by the same names and map as columns, object by object. Values stay as they are:
 * null clears a field, and a nested `customFields` stays what it is. Keys that are no field's stay at the top level.
 */
import { type RetryAdvice, type RowIssue, SourceRow } from "@leadterra/core"
import { leadIn } from "./exportLayout.ts"
import { customName, isAmbiguous, isFullName, isMark, meaningBeside, meaningOf, plain } from "./fields.ts"
import { splitName } from "./fullName.ts"
import { LargeNumber, largeNumberIssues } from "./LargeNumber.ts"
import { type JsonProblem, jsonProblems } from "./parseJson.ts"
import type { KeyOptions } from "./ReadOptions.ts"
import { issue, JsonRow, KeylessRow, setOwn } from "./rows.ts"
import { copied } from "./text.ts"

interface Target {
  /** null leaves the key out. */
  readonly name: string | null
  /** Of a field's name how strong it is; -1 by the map. */
  readonly rank: number
}

interface Key extends Target {
  /** Without case and punctuation. */
  readonly plain: string
  /** Whether the other keys of the object decide. */
  readonly isAmbiguous: boolean
  readonly isFullName: boolean
}

/** Keys that are remembered: they may be data, and then without end. */
const maxKnownKeys = 10_000

export interface ObjectOptions extends KeyOptions {
  /** Keys of the map that no object has had so far; those that one has are taken out. */
  readonly unused?: Set<string>
}

/** A value that was read; its numbers may be `LargeNumber`s. */
export interface Parsed {
  readonly value: unknown
  readonly hasLarge: boolean
}

/** Makes the rows of a list of JSON. */
export interface ObjectRows {
  readonly rowOf: (parsed: Parsed, line: number) => SourceRow
  /** A failed row of text that could not be read. */
  readonly unread: (
    text: string,
    line: number,
    issues: ReadonlyArray<RowIssue>,
    retry?: RetryAdvice
  ) => SourceRow
}

/** Gives the reader of one list's values. A row with a number that cannot be kept fails (LF-4). */
export const objectRows = (options: ObjectOptions): ObjectRows => {
  const byKeys = rowsByKeys(options)
  const { map, splitName } = options
  const shared: KeyOptions = { map, splitName }
  return {
    rowOf: ({ hasLarge, value }, line) => {
      const isObject = typeof value === "object" && value !== null && !Array.isArray(value)
      if (isObject && !(value instanceof LargeNumber)) {
        const made = byKeys(leadIn(value), line)
        return hasLarge ? withLargeNumbers(made, value) : made
      }
      return new KeylessRow(value, line, shared, hasLarge ? largeNumberIssues(value) : [])
    },
    unread: (text, line, issues, retry) => new KeylessRow(copied(text), line, shared, issues, retry)
  }
}

/** The row, failed where it has numbers that cannot be kept. */
export const withLargeNumbers = (made: SourceRow, value: unknown): SourceRow => {
  if (made.issues.length > 0) return made
  const issues = largeNumberIssues(made.row)
  return issues.length === 0 ? made : new JsonRow(made.row, made.line, value, issues)
}

/** The issues of a line that is no value of a lead. */
export const unreadLine = (problem: JsonProblem): ReadonlyArray<RowIssue> =>
  issue(problem, `the line cannot be a lead: ${jsonProblems[problem]}`)

const rowsByKeys = ({ map, splitName: isSplit, unused }: ObjectOptions) => {
  const byKey = new Map(Object.entries(map))
  const byPlain = new Map(Object.entries(map).map(([key, field]) => [plain(key), field]))
  byPlain.delete("")
  const keysByPlain = Map.groupBy(Object.keys(map), plain)
  keysByPlain.delete("")
  const taken = new Set(Object.values(map))
  const known = new Map<string, Key>()

  const settle = (key: string): Key => {
    const shape = plain(key)
    if (byKey.has(key)) unused?.delete(key)
    else for (const one of keysByPlain.get(shape) ?? []) unused?.delete(one)
    const explicit = byKey.has(key) ? byKey.get(key) : byPlain.get(shape)
    const fixed = { plain: shape, isAmbiguous: false, isFullName: false, rank: -1 }
    if (explicit === null || isMark(key)) return { ...fixed, name: null }
    if (explicit !== undefined) {
      const name = explicit.trim()
      return { ...fixed, name, isFullName: isFullName(name) }
    }
    const meaning = meaningOf(key)
    if (meaning !== undefined && !taken.has(meaning.field)) {
      return { ...fixed, name: meaning.field, rank: meaning.rank }
    }
    return { ...fixed, name: customName(key), isAmbiguous: isAmbiguous(key), isFullName: isFullName(key) }
  }

  const keyOf = (key: string): Key => {
    const found = known.get(key)
    if (found !== undefined) return found
    const settled = settle(key)
    if (known.size < maxKnownKeys) known.set(key, settled)
    return settled
  }

  const isKept = (name: string): boolean => {
    const key = keyOf(name)
    return key.name === name && !key.isAmbiguous && !(isSplit && key.isFullName)
  }

  /**
   * The targets of an object's keys. Other keys decide ambiguous ones; a full name may become two
   * fields.
   */
  const targetsOf = (names: ReadonlyArray<string>): ReadonlyArray<Target | "split"> => {
    const keys = names.map(keyOf)
    const others = new Set(keys.some((key) => key.isAmbiguous) ? keys.map((key) => key.plain) : [])
    const targets = keys.map((key, index): Target => {
      const meaning = key.isAmbiguous ? meaningBeside(names[index] ?? "", others) : undefined
      if (meaning === undefined || taken.has(meaning.field)) return key
      return { name: meaning.field, rank: meaning.rank }
    })
    if (!isSplit || targets.some(({ name }) => name === "firstName" || name === "lastName")) return targets
    const full = keys.findIndex((key) => key.isFullName)
    return targets.map((target, index) => (index === full ? "split" : target))
  }

  return (value: unknown, line: number): SourceRow => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return new SourceRow(value, line)
    const names = Object.keys(value)
    if (names.every(isKept)) return new SourceRow(value, line)
    const targets = targetsOf(names)
    const best = bestRanks(targets)
    const row: Record<string, unknown> = {}
    const keyByName = new Map<string, string>()
    let clash: readonly [string, string] | undefined
    // All values of a field, so that none is lost in a file of failed rows, and the row fails there.
    const clashing = new Map<string, Array<unknown>>()
    for (const [index, key] of names.entries()) {
      const target = targets[index]
      const content: unknown = Reflect.get(value, key)
      if (target === "split") {
        if (typeof content === "string") {
          const split = splitName(content)
          for (const name of Object.keys(split)) keyByName.set(name, key)
          Object.assign(row, split)
        } else setOwn(row, customName(key), content)
        continue
      }
      if (target === undefined || target.name === null) continue
      const name = target.rank === best.get(target.name) ? target.name : customName(key)
      if (Object.hasOwn(row, name)) {
        clash = [keyByName.get(name) ?? name, key]
        const values = clashing.get(name) ?? [Reflect.get(row, name)]
        values.push(content)
        clashing.set(name, values)
        setOwn(row, name, values)
      } else setOwn(row, name, content)
      keyByName.set(name, key)
    }
    if (clash === undefined) return new JsonRow(row, line, value)
    const [one, other] = clash.map(quotedKey)
    const message = `${one} and ${other} mean the same field: leave one of these keys out, or name it in a map`
    return new JsonRow(row, line, value, issue("KeysClash", message))
  }
}

/** Characters of a key that a message repeats. */
const keyLength = 60

const quotedKey = (key: string): string =>
  JSON.stringify(key.length > keyLength ? `${key.slice(0, keyLength)}...` : key)

/** The strongest of the keys that mean a field takes it. */
const bestRanks = (targets: ReadonlyArray<Target | "split">): ReadonlyMap<string, number> => {
  const best = new Map<string, number>()
  for (const target of targets) {
    if (target === "split" || target.name === null) continue
    if (target.rank < (best.get(target.name) ?? Number.POSITIVE_INFINITY)) best.set(target.name, target.rank)
  }
  return best
}
