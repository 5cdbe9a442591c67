/** Lists whose entries the core judges one by one, so that a bad one never refuses the call. */
import * as Schema from "effect/Schema"

/**
 * A list of anything, typed and described as what its entries should be. The list is passed on as
 * JSON.parse made it: `Schema.Unknown` would be walked entry by entry, as deep as it goes, to prove
 * that it is JSON, and one number out of range would refuse all of it.
 */
export const listOf = <A>(
  description: string,
  entry: Schema.Top = Schema.Unknown
): Schema.Codec<ReadonlyArray<A>, ReadonlyArray<unknown>> =>
  Schema.Any.check(
    Schema.makeFilter((value: unknown) => Array.isArray(value) || "the member must be a list", {
      representation: { id: "leadterra/http/listOf", payload: null, schemas: [entry.ast] },
      toJsonSchema: ({ schemas: [items] }) => ({
        type: "array",
        ...(entry === Schema.Unknown ? {} : { items }),
        description
      })
    })
  )
