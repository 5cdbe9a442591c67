/**
 * The use case `Delivery.claim`: the arguments, the turns between workspaces, and the decisions
 * that a claim takes.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
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

/** The messages claimed so far. */
class Hand {
  readonly messages: Array<ClaimedMessage> = []
  bytes = 0
  isFull = false
}

/**
 * Leases messages that are due in running campaigns, the oldest due first, and renders them (DE-1,
 * DE-2). It never returns messages to suppressed addresses (SU-3). A message whose lease has run
 * out is handed out again: same id, new token, one attempt and one failure more. A message that has
 * failed too often, or is too large, ends its enrolment instead (DE-4, TK-6). A claim ends at its
 * limit, or when its messages are 16 MB. Fails with `InvalidRequest`.
 */
export const claim = Effect.fn("Delivery.claim")(function* (input: ClaimInput = {}) {
  const request = yield* decodeClaim(input)
  const { leaseSeconds = Limits.defaultLeaseSeconds, limit = Limits.defaultClaim, workspaceId } = request
  const now = yield* Clock.currentTimeMillis
  const lease = { token: claimToken(yield* drawUlid), until: now + leaseSeconds * 1_000 }
  const repository = yield* Repository
  const hand = new Hand()

  /**
   * Claims in one workspace until that many messages are claimed or none is left. Returns their
   * number.
   */
  const claimIn = Effect.fnUntraced(function* (workspaceId: WorkspaceId, limit: number) {
    const before = hand.messages.length
    // Messages that ended took the place of others behind them: look further.
    for (let reach = limit; ; reach = Math.min(2 * reach, Limits.maxClaim)) {
      const { bytes, ended, isFull, messages } = yield* repository.decide(
        { workspaceId, due: { at: now, limit: reach } },
        (snapshot) =>
          Result.succeed(
            decideClaim(snapshot, {
              lease,
              now,
              limit: limit - (hand.messages.length - before),
              maxBytes: Limits.maxClaimBytes - hand.bytes
            })
          )
      )
      hand.messages.push(...messages)
      hand.bytes += bytes
      hand.isFull = isFull
      const claimed = hand.messages.length - before
      if (ended === 0 || isFull || claimed === limit) return claimed
    }
  })

  /** Messages claimed so far are returned, even when the store fails at the next decision. */
  const claimOrEnd = (workspaceId: WorkspaceId, limit: number) =>
    claimIn(workspaceId, limit).pipe(
      Effect.catch((error) => (hand.messages.length > 0 ? Effect.succeed(null) : Effect.fail(error)))
    )

  if (workspaceId !== undefined) yield* claimOrEnd(workspaceId, limit)
  else yield* claimFairly(yield* repository.workspacesDue(now), limit, hand, claimOrEnd)
  yield* Effect.annotateCurrentSpan({ "delivery.claimed": hand.messages.length })
  const answer: ReadonlyArray<ClaimedMessage> = hand.messages
  return answer
})

/**
 * Claims in several workspaces: beginning with a random one, each gets an equal share of the rest.
 * So a small workspace never waits for a large one (DE-3).
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
      if (share === 0) return
      if (index > 0) yield* Effect.yieldNow
      const claimed = yield* claimIn(workspaceId, share)
      if (claimed === null || hand.isFull) return
      if (claimed === share) again.push(workspaceId)
    }
    turn = again
  }
})
