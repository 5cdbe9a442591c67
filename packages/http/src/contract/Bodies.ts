/** A body is bounded in bytes, and JSON in UTF-8. */
import { HttpApiMiddleware } from "effect/http-api"
import { InvalidRequest, TooLarge, TooManyRequests, UnsupportedMediaType } from "./problems.ts"

export class Bodies extends HttpApiMiddleware.Service<Bodies>()("leadterra/http/Bodies", {
  error: [InvalidRequest, TooLarge, UnsupportedMediaType, TooManyRequests]
}) {}
