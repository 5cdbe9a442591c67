/** Lists of answers that are written as the core made them. */
import * as Schema from "effect/Schema"

/**
 * A list whose entries are JSON already, described as what they are. To encode a thousand entries one
 * by one would take longer than to write them.
 */
export const asMade = <A>(entry: Schema.Codec<A, A>): Schema.Codec<ReadonlyArray<A>, ReadonlyArray<A>> =>
  Schema.Any.check(
    Schema.makeFilter((value: unknown) => Array.isArray(value), {
      representation: { id: "leadterra/http/asMade", payload: null, schemas: [entry.ast] },
      toJsonSchema: ({ schemas: [items] }) => ({ type: "array", ...(items === undefined ? {} : { items }) })
    })
  )
