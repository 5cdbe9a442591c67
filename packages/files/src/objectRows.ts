/**
 * The keys of JSON objects as fields (LF-2), by the same names and map as columns, object by object. Values stay as they are:
 * null clears a field, and a nested `customFields` stays what it is. Keys that are no field's stay at the top level.
 */
import { SourceRow } from "@leadterra/core"
import { customName, isMark, meaningOf, plain } from "./fields.ts"
import type { FieldMap } from "./ReadOptions.ts"
import { issue, JsonRow, setOwn } from "./rows.ts"

interface Target {
  /** null leaves the key out. */
  readonly name: string | null
  /** Of a field's name how strong it is; -1 by the map. */
  readonly rank: number
}

/** Gives the reader of one list's values. */
export const objectRows = (map: FieldMap): ((value: unknown, line: number) => SourceRow) => {
  const byKey = new Map(Object.entries(map))
  const byPlain = new Map(Object.entries(map).map(([key, field]) => [plain(key), field]))
  byPlain.delete("")
  const taken = new Set(Object.values(map))
  const targets = new Map<string, Target>()

  const explicitOf = (key: string): string | null | undefined => {
    const exact = byKey.get(key)
    return exact === undefined ? byPlain.get(plain(key)) : exact
  }

  const settle = (key: string): Target => {
    const explicit = explicitOf(key)
    if (explicit !== undefined) return { name: explicit?.trim() ?? null, rank: -1 }
    if (isMark(key)) return { name: null, rank: -1 }
    const meaning = meaningOf(key)
    if (meaning === undefined || taken.has(meaning.field)) return { name: customName(key), rank: -1 }
    return { name: meaning.field, rank: meaning.rank }
  }

  const targetOf = (key: string): Target => {
    const known = targets.get(key)
    if (known !== undefined) return known
    const target = settle(key)
    // Keys may be data, and then without end.
    if (targets.size < 10_000) targets.set(key, target)
    return target
  }

  /** The strongest of the keys that mean a field takes it. */
  const bestRanks = (keys: ReadonlyArray<string>) => {
    const best = new Map<string, number>()
    for (const key of keys) {
      const { name, rank } = targetOf(key)
      if (name !== null && rank < (best.get(name) ?? Infinity)) best.set(name, rank)
    }
    return best
  }

  return (value, line) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return new SourceRow(value, line)
    const keys = Object.keys(value)
    if (keys.every((key) => targetOf(key).name === key)) return new SourceRow(value, line)
    const best = bestRanks(keys)
    const row: Record<string, unknown> = {}
    let clash: string | undefined
    for (const key of keys) {
      const { name, rank } = targetOf(key)
      if (name === null) continue
      const target = rank === best.get(name) ? name : customName(key)
      if (Object.hasOwn(row, target)) clash = target
      setOwn(row, target, Reflect.get(value, key))
    }
    if (clash === undefined) return new JsonRow(row, line, value)
    const message = "two keys of the row mean the same field: leave one out, or name it in a map"
    return new JsonRow(row, line, value, issue("KeysClash", message))
  }
}
