/**
 * One value of JSON, for both readers of it (LF-1, LF-4). Values that are too deep or have too many
 * members are refused: no lead has them, and they cost many times their text. Names with escapes
 * are read one by one: V8, as of Node 24.21, confuses such a name with one that it read before,
 * when both are the same up to an escape. Numbers that would change keep their text.
 */
import { holds, isLarge, LargeNumber, mayHoldLarge } from "./LargeNumber.ts"
import { setOwn } from "./rows.ts"
import { copied, quote } from "./text.ts"

/** Brackets and braces around a value. A lead has two: its own, and those of `customFields`. */
export const maxDepth = 64

/** Values in a value, at all depths. */
export const maxMembers = 16_384

/** Why a value is refused; its text may be kept. */
export type JsonProblem = "NotJson" | "TooDeep" | "TooManyMembers"

export const jsonProblems: Readonly<Record<JsonProblem, string>> = {
  NotJson: "it is not valid JSON",
  TooDeep: `its values are nested more than ${maxDepth} deep: a lead has fields of text, numbers and booleans`,
  TooManyMembers: `it has more than ${maxMembers} values: leave out those that are no fields of a lead`
}

const backslash = 92
const colon = 58
const closeBrace = 125
const closeBracket = 93
const openBrace = 123
const openBracket = 91
const comma = 44

export type ParsedJson =
  | {
      readonly value: unknown
      /** Whether numbers in it are `LargeNumber`s. */
      readonly hasLarge: boolean
    }
  | { readonly problem: JsonProblem }

export const parseJson = (text: string): ParsedJson => {
  const problem = excessOf(text)
  if (problem !== undefined) return { problem }
  try {
    const value: unknown = JSON.parse(text)
    const hasLarge = mayHoldLarge(text) && holds(value, isLarge)
    return { value: hasLarge || hasEscapedName(text) ? new Rebuilding(text).value() : value, hasLarge }
  } catch {
    return { problem: "NotJson" }
  }
}

/**
 * The index of the closing quote of the string that opens here; -1 when the text ends before it.
 */
export const endOfString = (text: string, from: number): number => {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = 0
    while (text.charCodeAt(at - 1 - escapes) === backslash) escapes++
    if (escapes % 2 === 0) return at
  }
  return -1
}

/**
 * Counts by the text, before it is parsed: a megabyte of brackets takes 20 megabytes and a quarter
 * of a second as values. Invalid JSON may be counted wrongly, and is refused in any case.
 */
const excessOf = (text: string): JsonProblem | undefined => {
  if (text.length < 2 * maxDepth) return undefined
  let depth = 0
  let members = 0
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at)
    if (sign === quote) {
      at = endOfString(text, at)
      if (at === -1) return undefined
    } else if (sign === comma) members++
    else if (sign === openBrace || sign === openBracket) {
      members++
      if (++depth > maxDepth) return "TooDeep"
    } else if (sign === closeBrace || sign === closeBracket) depth--
    if (members > maxMembers) return "TooManyMembers"
  }
  return undefined
}

export const isJsonBlank = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9

/** Whether a string that a colon follows has an escape in it. */
const hasEscapedName = (text: string): boolean => {
  let escapeAt = text.indexOf("\\")
  for (let at = text.indexOf('"'); at !== -1 && escapeAt !== -1; ) {
    const end = endOfString(text, at)
    if (escapeAt < at) escapeAt = text.indexOf("\\", at)
    if (escapeAt !== -1 && escapeAt < end) {
      let after = end + 1
      while (isJsonBlank(text.charCodeAt(after))) after++
      if (text.charCodeAt(after) === colon) return true
    }
    at = text.indexOf('"', end + 1)
  }
  return false
}

/** Reads text again that is known to be JSON and not deep, each string and number for itself. */
class Rebuilding {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(): unknown {
    const sign = this.#next()
    if (sign === openBrace) return this.#object()
    if (sign === openBracket) return this.#array()
    return this.#scalar()
  }

  /** The sign that comes next, past white space. */
  #next(): number {
    while (isJsonBlank(this.#text.charCodeAt(this.#at))) this.#at++
    return this.#text.charCodeAt(this.#at)
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    this.#at++
    while (this.#next() !== closeBrace) {
      const name = String(this.#scalar())
      this.#next()
      this.#at++
      setOwn(object, name, this.value())
      if (this.#next() === comma) this.#at++
    }
    this.#at++
    return object
  }

  #array(): Array<unknown> {
    const array: Array<unknown> = []
    this.#at++
    while (this.#next() !== closeBracket) {
      array.push(this.value())
      if (this.#next() === comma) this.#at++
    }
    this.#at++
    return array
  }

  #scalar(): unknown {
    const text = this.#text
    const start = this.#at
    if (text.charCodeAt(start) === quote) this.#at = endOfString(text, start) + 1
    else while (this.#at < text.length && !this.#endsScalar(text.charCodeAt(this.#at))) this.#at++
    const scalar: unknown = JSON.parse(text.slice(start, this.#at))
    return isLarge(scalar) ? new LargeNumber(copied(text.slice(start, this.#at))) : scalar
  }

  #endsScalar(code: number): boolean {
    return isJsonBlank(code) || code === comma || code === closeBrace || code === closeBracket
  }
}
