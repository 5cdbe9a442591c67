/** Reads the error that an answer is. */
import { LeadterraError, type ProblemCode, type ProblemItem, problemCodes } from "./LeadterraError.ts"

const isCode = (code: unknown): code is ProblemCode => problemCodes.some((known) => known === code)

const isItem = (item: unknown): item is ProblemItem =>
  typeof item === "object" &&
  item !== null &&
  ["pointer", "code", "message"].every((name) => typeof Reflect.get(item, name) === "string")

/** Milliseconds of a `Retry-After`, which is seconds or a date; null for other text. */
const retryAfterOf = (text: string | null, now: number): number | null => {
  if (text === null) return null
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}

/** Returns the object, or the list, of a JSON text; null for any other text. */
export const parse = (text: string): object | null => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" ? value : null
  } catch {
    return null
  }
}

/** Returns the problem of an answer. The text of another server is in no member of it. */
export const problemOf = ({ headers, status }: Response, text: string, now: number): LeadterraError => {
  const facts = {
    status,
    requestId: headers.get("x-request-id"),
    retryAfterMillis: retryAfterOf(headers.get("retry-after"), now)
  }
  const problem = parse(text) ?? {}
  const code: unknown = Reflect.get(problem, "code")
  const detail: unknown = Reflect.get(problem, "detail")
  if (!isCode(code) || typeof detail !== "string") return unexpected(facts)
  const errors: unknown = Reflect.get(problem, "errors")
  const items = Array.isArray(errors) ? errors.filter(isItem) : []
  const count: unknown = Reflect.get(problem, "errorCount")
  const errorCount = typeof count === "number" ? count : items.length
  return new LeadterraError({ ...facts, code, detail, errors: items, errorCount })
}

interface Facts {
  readonly status: number
  readonly requestId: string | null
  readonly retryAfterMillis: number | null
}

/** Returns the error for an answer that the API does not give. */
export const unexpected = (facts: Facts): LeadterraError =>
  new LeadterraError({
    ...facts,
    code: "unexpected_answer",
    detail: `the answer of status ${facts.status} is none of the API: check that the url leads to it, without redirects`
  })
