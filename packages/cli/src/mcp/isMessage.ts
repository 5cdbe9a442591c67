/** The messages of JSON-RPC 2.0, as MCP has them: an id is text or a number, and never null. */
import * as Schema from "effect/Schema"

const jsonrpc = Schema.Literal("2.0")
const Id = Schema.Union([Schema.String, Schema.Finite])
const params = Schema.optionalKey(
  Schema.Union([Schema.Record(Schema.String, Schema.Unknown), Schema.Array(Schema.Unknown)])
)

const Message = Schema.Union([
  Schema.Struct({ jsonrpc, id: Schema.optionalKey(Id), method: Schema.String, params }),
  Schema.Struct({ jsonrpc, id: Id, result: Schema.Unknown }),
  Schema.Struct({ jsonrpc, id: Schema.NullOr(Id), error: Schema.Unknown })
])

/** Whether a value is a message, or a batch of some. */
export const isMessage = Schema.is(Schema.Union([Message, Schema.NonEmptyArray(Message)]))
