/** The calls of a workspace have a rate, which is judged before a body is read. */
import { HttpApiMiddleware } from "effect/http-api"
import type { Caller } from "./Authentication.ts"
import { TooManyRequests } from "./problems.ts"

export class Rate extends HttpApiMiddleware.Service<Rate, { requires: Caller }>()("leadterra/http/Rate", {
  error: [TooManyRequests]
}) {}
