/**
 * Holds the calls of each workspace to a rate, and tells callers of it: `RateLimit-Policy` and
 * `RateLimit` of draft-ietf-httpapi-ratelimit-headers-11. A process counts its own calls.
 */
import * as Effect from "effect/Effect"
import { HttpServerRequest } from "effect/http"
import * as Layer from "effect/Layer"
import type { Calls } from "./authentication.ts"
import { Caller } from "./contract/Authentication.ts"
import { TooManyRequests } from "./contract/problems.ts"
import { Rate } from "./contract/Rate.ts"
import type { JudgedCall, RateLimit } from "./rate/judgeCall.ts"
import { Rates } from "./rate/Rates.ts"

/** Seconds of the rate that a workspace may use at once. */
const burstSeconds = 10

/** The rate of so many calls a second. */
export const rateOf = (callsPerSecond: number): RateLimit => ({
  calls: callsPerSecond * burstSeconds,
  seconds: burstSeconds
})

export const rate = (limit: RateLimit, calls: Calls): Layer.Layer<Rate> => {
  const rates = new Rates(limit)
  const perSecond = limit.calls / limit.seconds
  return Layer.succeed(Rate, (handler) =>
    Effect.gen(function* () {
      const { source } = yield* HttpServerRequest.HttpServerRequest
      const { workspaceId } = yield* Caller
      const judged = rates.take(workspaceId, performance.now())
      const call = calls.get(source)
      if (call !== undefined) call.rate = judged
      if (judged.isAllowed) return yield* handler
      return yield* new TooManyRequests({
        detail: `A workspace makes ${perSecond} calls a second, and as many at once as in ${burstSeconds} seconds: send it again after Retry-After`
      })
    })
  )
}

/** The headers of an answer that tell of the rate. */
export const rateHeaders = (
  { calls, seconds }: RateLimit,
  { remaining, secondsToNext }: JudgedCall
): Readonly<Record<string, string>> => ({
  "ratelimit-policy": `"calls";q=${calls};w=${seconds}`,
  ratelimit: `"calls";r=${remaining};t=${secondsToNext}`
})
