/** A request that its schema refuses, and a failure of the server, are problems like all others. */
import { HttpApiMiddleware } from "effect/http-api"
import { Internal, InvalidRequest, Unavailable } from "./problems.ts"

export class Failures extends HttpApiMiddleware.Service<Failures>()("leadterra/http/Failures", {
  error: [InvalidRequest, Internal, Unavailable]
}) {}
