/** A body is bounded in bytes, and JSON in UTF-8. */
import { HttpApiMiddleware } from "effect/http-api"
import type { Caller } from "./Authentication.ts"
import {
  InvalidRequest,
  RequestTimeout,
  TooLarge,
  TooManyRequests,
  UnsupportedMediaType
} from "./problems.ts"

export class Bodies extends HttpApiMiddleware.Service<Bodies, { requires: Caller }>()(
  "leadterra/http/Bodies",
  {
    error: [InvalidRequest, RequestTimeout, TooLarge, UnsupportedMediaType, TooManyRequests]
  }
) {}
