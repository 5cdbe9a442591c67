/** Lists whose entries the core judges one by one, so that a bad one never refuses the call. */
import * as Schema from "effect/Schema"

/** A list of anything, typed as what its entries should be. */
export const listOf = <A>(description: string): Schema.Codec<ReadonlyArray<A>, ReadonlyArray<unknown>> =>
  Schema.Array(Schema.Unknown).annotate({ description }) as unknown as Schema.Codec<
    ReadonlyArray<A>,
    ReadonlyArray<unknown>
  >
