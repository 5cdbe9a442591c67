/**
 * An array of JSON values, one at a time (LF-1): this finds where each ends, and JSON.parse reads it, which takes a key
 * `__proto__` for a key and is several times faster than a parser of streams. What is no array, or breaks, ends the reading
 * with its line.
 */
import type { SourceRow } from "@leadterra/core"
import { type FileError, fileError, optionHint } from "./FileError.ts"
import type { ObjectRows } from "./objectRows.ts"
import { endOfString, isJsonBlank, jsonProblems, parseJson } from "./parseJson.ts"
import { isLonger, type RowReader, tooLong } from "./RowReader.ts"
import { issue } from "./rows.ts"
import { cr, lineEndsIn, quote } from "./text.ts"

const comma = 44
const openBracket = 91
const closeBracket = 93
const openBrace = 123
const closeBrace = 125

/** What may come next. */
type Place = "array" | "first" | "value" | "comma" | "end"

export class JsonReader implements RowReader {
  failure: FileError | null = null
  readonly #rows: ObjectRows
  readonly #maxBytes: number
  #place: Place = "array"
  #rest = ""
  #line: number

  constructor(rows: ObjectRows, maxBytes: number, firstLine: number) {
    this.#rows = rows
    this.#maxBytes = maxBytes
    this.#line = firstLine
  }

  get pending() {
    return this.#rest.length
  }

  get lineReached() {
    return this.#line + lineEndsIn(this.#rest)
  }

  push(text: string) {
    return this.#read(text, false)
  }

  end() {
    const rows = this.#read("", true)
    if (this.failure === null && this.#place === "array" && this.#rest.startsWith("{")) {
      this.#refuse(true)
    } else if (this.failure === null && this.#place !== "end") {
      this.#fail(this.lineReached, "the JSON breaks off on", "the array is not closed")
    }
    return rows
  }

  /** Refuses text that is no array, but lines of objects or an object around the array. */
  #refuse(isInObject: boolean): void {
    const instead = isInObject
      ? "keep the array alone, without the object around it"
      : "read objects that stand one to a line as NDJSON"
    this.failure = fileError(
      "BadJson",
      `this is no JSON array, on line ${this.#line}: a list of leads is an array of objects; ${instead}`,
      this.#line,
      isInObject ? [] : [optionHint("format", "ndjson")]
    )
  }

  #fail(line: number, where: string, why: string): void {
    this.failure = fileError("BadJson", `${where} line ${line}: ${why}`, line)
  }

  #read(more: string, isLast: boolean): ReadonlyArray<SourceRow> {
    const text = this.#rest === "" ? more : this.#rest + more
    const rows: Array<SourceRow> = []
    let at = 0
    while (this.failure === null) {
      const start = skipBlank(text, at)
      const isHalfLineEnd = start === text.length && text.charCodeAt(start - 1) === cr && !isLast
      const end = isHalfLineEnd ? start - 1 : start
      this.#line += lineEndsIn(text.slice(at, end))
      at = end
      if (start === text.length) break
      const next = this.#step(text, start, rows)
      if (next === start) break
      at = next
    }
    this.#rest = text.slice(at)
    return rows
  }

  /** Takes a sign or a value; gives the index after it, or the same one when there must be more text. */
  #step(text: string, at: number, rows: Array<SourceRow>): number {
    const sign = text.charCodeAt(at)
    if (this.#place === "array") {
      if (sign !== openBracket) {
        const end = sign === openBrace ? endOfValue(text, at) : at
        if (end === -1 && !isLonger(text, at, text.length, this.#maxBytes)) return at
        this.#refuse(end === -1 || isWrapped(text.slice(at, end)))
      }
      this.#place = "first"
      return at + 1
    }
    if (this.#place === "end") {
      this.#fail(this.#line, "the JSON breaks on", "something follows the array")
      return at
    }
    if (sign === closeBracket && this.#place !== "value") {
      this.#place = "end"
      return at + 1
    }
    if (this.#place === "comma") {
      if (sign !== comma)
        this.#fail(this.#line, "the JSON breaks on", "a comma is missing between two values")
      this.#place = "value"
      return at + 1
    }
    const end = endOfValue(text, at)
    if (isLonger(text, at, end === -1 ? text.length : end, this.#maxBytes)) {
      this.failure = tooLong(this.#line, this.#maxBytes)
      return at
    }
    if (end === -1) return at
    const slice = text.slice(at, end)
    const parsed = parseJson(slice)
    if ("value" in parsed) rows.push(this.#rows.rowOf(parsed, this.#line))
    else if (parsed.problem === "NotJson") {
      this.#fail(this.#line, "the JSON breaks in the value that begins on", jsonProblems.NotJson)
    } else {
      const issues = issue(parsed.problem, `the value cannot be a lead: ${jsonProblems[parsed.problem]}`)
      rows.push(this.#rows.unread(slice, this.#line, issues))
    }
    this.#place = "comma"
    this.#line += lineEndsIn(slice)
    return end
  }
}

/** Whether an object holds the list. Objects of NDJSON have one line each, and no list inside. */
const isWrapped = (object: string): boolean => /[\r\n]/.test(object) || /:\s*\[\s*\{/.test(object)

const skipBlank = (text: string, from: number): number => {
  let at = from
  while (isJsonBlank(text.charCodeAt(at))) at++
  return at
}

/** The index after the value that begins here; -1 when the text ends before it does. */
export const endOfValue = (text: string, from: number): number => {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const sign = text.charCodeAt(at)
    if (sign === quote) {
      at = endOfString(text, at)
      if (at === -1) return -1
    } else if (sign === openBrace || sign === openBracket) depth++
    else if (sign === closeBrace || sign === closeBracket || sign === comma) {
      if (depth === 0) return at
      if (sign !== comma && --depth === 0) return at + 1
    }
  }
  return -1
}
