/**
 * The use case `Delivery.claim`: the arguments, the turns between workspaces, and the decisions
 * that a claim takes.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decisionMoment } from "./decisionMoment.ts"
import { claimToken, WorkspaceId } from "./model/Ids.ts"
import * as Limits from "./model/Limits.ts"
import { Repository, type RepositoryError } from "./Repository.ts"
import { decodeRequest } from "./request.ts"
import { type ClaimedMessage, decideClaim } from "./rules/claim.ts"
import { drawUlid } from "./ulid.ts"

/** The arguments of `claim`. */
export interface ClaimInput {
  /** Left out, the claim goes round the workspaces that have something due. */
  readonly workspaceId?: string | undefined
  /** 1 to 1,000, by default 100. */
  readonly limit?: number | undefined
  /** 1 to 86,400, by default 300: how long nobody else is given the messages. */
  readonly leaseSeconds?: number | undefined
}

/** Seconds of a lease, as part of an argument. */
export const leaseSeconds = Schema.optional(
  Schema.Finite.check(Schema.isBetween({ minimum: 1, maximum: Limits.maxLeaseSeconds }))
)

const decodeClaim = decodeRequest(
  Schema.Struct({
    workspaceId: Schema.optional(WorkspaceId),
    limit: Schema.optional(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: Limits.maxClaim }))),
    leaseSeconds
  })
)

/** The messages claimed so far, and the number of those that ended instead. */
class Hand {
  readonly messages: Array<ClaimedMessage> = []
  bytes = 0
  ended = 0
  decisions = 0
  isFull = false

  /** Whether the messages claimed so far are to be returned before others are looked for. */
  isComplete(limit: number): boolean {
    const { ended, isFull, messages } = this
    return isFull || messages.length >= limit || (messages.length > 0 && ended >= Limits.maxEndedInClaim)
  }
}

/**
 * Leases messages that are due in running campaigns, the oldest due first, and renders them (DE-1,
 * DE-2). It never returns messages to suppressed addresses (SU-3). A message whose lease has run
 * out is handed out again: same id, new token, one attempt and one failure more. A message that has
 * failed too often, or is too large, ends its enrolment instead (DE-4, TK-6). A claim ends at its
 * limit, when its messages are 16 MB, or when it has ended 1,000 messages in each workspace: then
 * it may return none while messages are due. A lease counts from the moment at which the store
 * decides. Fails with `InvalidRequest`.
 */
export const claim = Effect.fn("Delivery.claim")(function* (input: ClaimInput = {}) {
  const request = yield* decodeClaim(input)
  const { leaseSeconds = Limits.defaultLeaseSeconds, limit = Limits.defaultClaim, workspaceId } = request
  const moment = yield* decisionMoment
  const startedAt = yield* Clock.currentTimeMillis
  const token = claimToken(yield* drawUlid)
  const repository = yield* Repository
  const hand = new Hand()

  /** Takes one decision, over at most `reach` messages, and returns how many it had to decide over. */
  const decide = Effect.fnUntraced(function* (workspaceId: WorkspaceId, limit: number, reach: number) {
    if (hand.decisions++ > 0) yield* Effect.yieldNow
    // The time of the call in each scope: no claim is handed a message twice.
    const campaigns = Limits.maxCampaignsInDecision
    const scope = { workspaceId, due: { at: startedAt, limit: reach, campaigns } }
    const { bytes, ended, isCut, isFull, messages } = yield* repository.decide(scope, (snapshot) => {
      // The store may have been waited for, and a lease begins when its message is handed out.
      const decided = moment(snapshot, startedAt)
      const lease = { token, until: decided.realNow + leaseSeconds * 1_000 }
      const maxBytes = Limits.maxClaimBytes - hand.bytes
      return Result.succeed(decideClaim(snapshot, { lease, moment: decided, limit, maxBytes }))
    })
    hand.messages.push(...messages)
    hand.bytes += bytes
    hand.ended += ended
    hand.isFull = isFull
    return { claimed: messages.length, ended, isCut }
  })

  /**
   * Claims in one workspace until that many messages are claimed, none is left, or too many have
   * ended. Returns the number of claimed messages.
   */
  const claimIn = Effect.fnUntraced(function* (workspaceId: WorkspaceId, limit: number) {
    let [claimed, ended] = [0, 0]
    let reach = Math.min(limit, Limits.maxMessagesInDecision)
    for (;;) {
      const step = yield* decide(workspaceId, limit - claimed, reach)
      claimed += step.claimed
      ended += step.ended
      const isExhausted = step.ended === 0 && step.claimed < reach && !step.isCut
      if (isExhausted || claimed === limit || hand.isFull || ended >= Limits.maxEndedInClaim) return claimed
      // Messages that ended took the place of others behind them: look further. Messages behind a
      // decision that was cut were loaded in vain: load fewer.
      const next = step.isCut ? 2 * (step.claimed + step.ended) : step.ended > 0 ? 2 * reach : limit - claimed
      reach = Math.min(next, Limits.maxMessagesInDecision)
    }
  })

  /** Messages claimed so far are returned, even when the store fails at the next decision. */
  const claimOrEnd = (workspaceId: WorkspaceId, limit: number) =>
    claimIn(workspaceId, limit).pipe(
      Effect.catch((error) => (hand.messages.length > 0 ? Effect.succeed(null) : Effect.fail(error)))
    )

  if (workspaceId !== undefined) yield* claimOrEnd(workspaceId, limit)
  else yield* claimFairly(yield* repository.workspacesDue(startedAt), limit, hand, claimOrEnd)
  yield* Effect.annotateCurrentSpan({ "delivery.claimed": hand.messages.length })
  const answer: ReadonlyArray<ClaimedMessage> = hand.messages
  return answer
})

/**
 * Claims in several workspaces: beginning with a random one, each gets an equal share of the rest.
 * So a small workspace never waits for a large one (DE-3), nor for one whose messages all end.
 */
const claimFairly = Effect.fnUntraced(function* (
  workspaces: ReadonlyArray<WorkspaceId>,
  limit: number,
  hand: Hand,
  claimIn: (workspaceId: WorkspaceId, limit: number) => Effect.Effect<number | null, RepositoryError>
) {
  const first = Math.floor((yield* Random.next) * workspaces.length)
  let turn = [...workspaces.slice(first), ...workspaces.slice(0, first)]
  while (turn.length > 0) {
    const again: Array<WorkspaceId> = []
    for (const [index, workspaceId] of turn.entries()) {
      const share = Math.ceil((limit - hand.messages.length) / (turn.length - index))
      const claimed = yield* claimIn(workspaceId, share)
      if (claimed === null || hand.isComplete(limit)) return
      if (claimed === share) again.push(workspaceId)
    }
    turn = again
  }
})
