/** Refuses an `Idempotency-Key` by name where none is kept: a caller would take the call for safe to repeat. */
import * as Schema from "effect/Schema"

const sentence = "no key is kept for this call: leave the header out"

export const noKey = {
  "idempotency-key": Schema.optionalKey(
    Schema.String.check(Schema.makeFilter(() => sentence)).annotate({ description: sentence })
  )
}
