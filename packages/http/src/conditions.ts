/** Refuses the headers of a call that it would not honour, before its body is read. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { HttpServerRequest } from "effect/http"
import type { HttpApiEndpoint } from "effect/http-api"
import * as Layer from "effect/Layer"
import * as SchemaAST from "effect/SchemaAST"
import { Conditions, KeepsNoKey } from "./contract/Conditions.ts"
import { InvalidRequest, listed } from "./contract/problems.ts"

const declares = ({ headers }: HttpApiEndpoint.Top, name: string): boolean =>
  headers !== undefined &&
  SchemaAST.isObjects(headers.ast) &&
  headers.ast.propertySignatures.some((property) => property.name === name)

/** The headers that an endpoint refuses, each with a sentence. */
const refusedBy = (endpoint: HttpApiEndpoint.Top): ReadonlyArray<readonly [name: string, why: string]> => [
  ...(declares(endpoint, "if-match")
    ? []
    : [["if-match", "no revision is judged by this call: leave the header out"] as const]),
  ...(Context.get(endpoint.annotations, KeepsNoKey)
    ? [["idempotency-key", "no key is kept for this call: leave the header out"] as const]
    : [])
]

export const conditions: Layer.Layer<Conditions> = Layer.succeed(Conditions, (handler, { endpoint }) =>
  Effect.gen(function* () {
    const { headers } = yield* HttpServerRequest.HttpServerRequest
    const refused = refusedBy(endpoint).filter(([name]) => headers[name] !== undefined)
    if (refused.length === 0) return yield* handler
    return yield* new InvalidRequest({
      detail: "The request is not well-formed: see its errors",
      ...listed(
        refused.map(([name, why]) => ({ pointer: "", code: "invalid", message: `headers ${name}: ${why}` }))
      )
    })
  })
)
