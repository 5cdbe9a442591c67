/** The calls of a workspace that are under way at once are few; the next ones wait for them. */
import { HttpApiMiddleware } from "effect/http-api"
import type { Caller } from "./Authentication.ts"
import { TooManyRequests } from "./problems.ts"

export class Concurrency extends HttpApiMiddleware.Service<Concurrency, { requires: Caller }>()(
  "leadterra/http/Concurrency",
  { error: [TooManyRequests] }
) {}
