/**
 * The use cases `Delivery.release` and `Delivery.extend`: a worker gives claimed messages back, or
 * keeps them longer (DE-4).
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { leaseSeconds } from "./claim.ts"
import { WorkspaceId } from "./model/Ids.ts"
import * as Limits from "./model/Limits.ts"
import { judgeAll } from "./reports.ts"
import { decodeRequest, list, takeList } from "./request.ts"
import { parseClaimRef } from "./rules/parseReport.ts"

/** Names a claimed message by its id and the token of its claim. */
export interface ClaimRef {
  readonly messageId: string
  readonly claimToken: string
}

const messages = list("messages", "messages")
const decodeRelease = decodeRequest(Schema.Struct({ workspaceId: Schema.optional(WorkspaceId), messages }))
const decodeExtend = decodeRequest(
  Schema.Struct({ workspaceId: Schema.optional(WorkspaceId), messages, leaseSeconds })
)

const takeMessages = (given: unknown) =>
  takeList(given, Limits.maxReports, "split the messages into several calls")

/**
 * Gives claimed messages back (DE-4): the due time stays, the lease ends, and no failure is
 * counted. At most 10,000 untrusted messages, each with an outcome of its own, in order, as
 * `record` answers them. A message under an older token, or no longer pending, is `ignored`. Fails
 * with `InvalidRequest` and `BatchTooLarge` alone.
 */
export const release = Effect.fn("Delivery.release")(function* (input: {
  readonly workspaceId?: string | undefined
  readonly messages: ReadonlyArray<ClaimRef>
}) {
  const { messages, workspaceId } = yield* decodeRelease(input)
  const inputs = yield* takeMessages(messages)
  const parse = parseClaimRef((claimToken) => ({ type: "released", claimToken }))
  return yield* judgeAll(inputs, parse, workspaceId)
})

/**
 * Lengthens the leases of claimed messages to `leaseSeconds` from the decision of the store, 1 to
 * 86,400 and by default 300, while they hold; a lease is never shortened, and no failure is counted
 * (DE-4). At most 10,000 untrusted messages, each with an outcome of its own, in order, as `record`
 * answers them; `ignored` with the reason `LeaseExpired` means that another worker may have the
 * message by now. Fails with `InvalidRequest` and `BatchTooLarge` alone.
 */
export const extend = Effect.fn("Delivery.extend")(function* (input: {
  readonly workspaceId?: string | undefined
  readonly messages: ReadonlyArray<ClaimRef>
  readonly leaseSeconds?: number | undefined
}) {
  const request = yield* decodeExtend(input)
  const { leaseSeconds = Limits.defaultLeaseSeconds, messages, workspaceId } = request
  const inputs = yield* takeMessages(messages)
  const parse = parseClaimRef((claimToken) => ({ type: "extended", claimToken, leaseSeconds }))
  return yield* judgeAll(inputs, parse, workspaceId)
})
