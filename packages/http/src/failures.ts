/** Makes problems of requests that a schema refuses, and of failures that nothing else stands for. */
import * as Effect from "effect/Effect"
import { HttpServerRequest } from "effect/http"
import { HttpApiError } from "effect/http-api"
import * as Layer from "effect/Layer"
import { Unforeseen } from "./attempt.ts"
import { Failures } from "./contract/Failures.ts"
import { Internal, InvalidRequest, listed } from "./contract/problems.ts"
import { itemsOfSchemaError } from "./itemsOf.ts"

const isOfRequest = (error: unknown): error is HttpApiError.HttpApiSchemaError =>
  HttpApiError.HttpApiSchemaError.is(error) && error.kind !== "Body" && error.kind !== "ResponseHeaders"

const refused = (error: HttpApiError.HttpApiSchemaError) =>
  new InvalidRequest({
    detail: "The request is not well-formed: see its errors",
    ...listed(itemsOfSchemaError(error))
  })

/** The caller learns no more than that the server failed; `report` is given the error and its request. */
export const failures = (report: (error: unknown, request: object) => void): Layer.Layer<Failures> =>
  Layer.succeed(Failures, (handler) =>
    Effect.catchDefect(
      Effect.mapError(handler, (error) => (isOfRequest(error) ? refused(error) : error)),
      (defect) =>
        Effect.gen(function* () {
          const { source } = yield* HttpServerRequest.HttpServerRequest
          report(defect instanceof Unforeseen ? defect.error : defect, source)
          return yield* new Internal({ detail: "Name the request id to the operator" })
        })
    )
  )
