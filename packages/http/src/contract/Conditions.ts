/** Headers that bind a call to the state that its caller has read, or make it safe to repeat. */
import * as Context from "effect/Context"
import { HttpApiMiddleware } from "effect/http-api"
import * as Schema from "effect/Schema"
import type { Caller } from "./Authentication.ts"
import { InvalidRequest } from "./problems.ts"

/** `If-Match` of an endpoint that judges the revision of its campaign (SQ-10). */
export const ifMatch = {
  "if-match": Schema.optionalKey(
    Schema.String.annotate({
      description: "The ETag of the campaign as it was read; 412 once it has another"
    })
  )
}

/** `Idempotency-Key` of an endpoint that keeps it (UP-10). */
export const idempotencyKey = {
  "idempotency-key": Schema.optionalKey(
    Schema.String.annotate({
      description: "Names the batch in 1 to 255 characters: for a week the same key and rows land once"
    })
  )
}

/**
 * Annotates an endpoint that keeps no `Idempotency-Key` and does more with each repeat. The header is
 * refused there: its caller would take the call for safe to repeat.
 */
export const KeepsNoKey = Context.Reference<boolean>("leadterra/http/KeepsNoKey", {
  defaultValue: () => false
})

/** Refuses by name the `If-Match` and the `Idempotency-Key` of calls that do not honour them. */
export class Conditions extends HttpApiMiddleware.Service<Conditions, { requires: Caller }>()(
  "leadterra/http/Conditions",
  { error: InvalidRequest }
) {}
