/** The headers of an answer: those of its own, and those of every answer. */
import type { Call } from "./authentication.ts"
import type { RateLimit } from "./rate/judgeCall.ts"
import { rateHeaders } from "./rate.ts"

/** No cache keeps an answer that does not say so itself, and no browser guesses its type. */
const always = { "cache-control": "no-store", "x-content-type-options": "nosniff" }

export const answerHeaders = (answer: Response, call: Call, rateLimit: RateLimit): Headers => {
  const headers = new Headers(answer.headers)
  const told = call.rate === null ? {} : rateHeaders(rateLimit, call.rate)
  for (const [name, value] of Object.entries({ ...always, ...told }))
    if (!headers.has(name)) headers.set(name, value)
  headers.set("x-request-id", call.requestId)
  if (answer.status === 401) headers.set("www-authenticate", "Bearer")
  if (answer.status === 429 || answer.status === 503)
    headers.set("retry-after", String(call.rate?.isAllowed === false ? call.rate.secondsToNext : 1))
  return headers
}
