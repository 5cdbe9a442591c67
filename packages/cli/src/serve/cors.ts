/**
 * Cross-origin calls of browsers (CORS), which are off unless origins are named. Only the API is
 * opened to them: no probe, no metrics and no unsubscribe link.
 */
import { UsageError } from "../failure.ts"

const methods = "GET, POST, PUT, PATCH, DELETE"
const requestHeaders =
  "authorization, content-type, idempotency-key, if-match, last-event-id, traceparent, tracestate"
const answerHeaders =
  "etag, idempotent-replayed, location, ratelimit, ratelimit-policy, retry-after, x-request-id"

/** Seconds for which a browser remembers the answer to its question. */
const maxAgeSeconds = 600

export interface Cors {
  /** Answers the question of a browser before a call; undefined for any other request. */
  readonly preflight: (request: Request) => Response | undefined
  /** Lets the page of an origin that was named read an answer. */
  readonly open: (request: Request, answer: Response) => Response
}

/** Opens the API to the pages of origins such as `https://app.example.com`. Throws `UsageError` for any other text. */
export const makeCors = (origins: ReadonlyArray<string>): Cors => {
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      throw new UsageError(
        "--cors-origin takes an origin without a slash at its end, such as https://app.example.com"
      )
  }
  const known = new Set(origins)
  const originOf = (request: Request): string | undefined => {
    const origin = request.headers.get("origin")
    const { pathname } = new URL(request.url)
    const isOfApi = pathname.startsWith("/v1/") || pathname === "/openapi.json"
    return origin !== null && isOfApi && known.has(origin) ? origin : undefined
  }
  return {
    preflight: (request) => {
      const origin = originOf(request)
      const isAsked = request.method === "OPTIONS" && request.headers.has("access-control-request-method")
      if (origin === undefined || !isAsked) return undefined
      const headers = {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": methods,
        "access-control-allow-headers": requestHeaders,
        "access-control-max-age": String(maxAgeSeconds),
        vary: "origin"
      }
      return new Response(null, { status: 204, headers })
    },
    open: (request, answer) => {
      const origin = originOf(request)
      answer.headers.append("vary", "origin")
      if (origin === undefined) return answer
      answer.headers.set("access-control-allow-origin", origin)
      answer.headers.set("access-control-expose-headers", answerHeaders)
      return answer
    }
  }
}
