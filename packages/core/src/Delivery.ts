/**
 * The use cases of delivery: claim and record. A worker claims messages that are due, sends them, and records what
 * happened; the library hands out and records, and never sends. What a claim hands out stays with it for a lease;
 * handing out is at least once, recording is at most once per campaign, lead and step (SQ-3).
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type CampaignId, type ClaimToken, claimToken, type MessageId, WorkspaceId } from "./model/Ids.ts"
import type { Lead } from "./model/Lead.ts"
import * as Limits from "./model/Limits.ts"
import type { Lease, MessageInContext } from "./model/Message.ts"
import type { RowIssue } from "./model/Report.ts"
import { Repository, type RepositoryError } from "./Repository.ts"
import { decodeRequest, list, takeList } from "./request.ts"
import { decideClaim } from "./rules/claim.ts"
import { type DeliveryReport, parseReport, type ReplyClass } from "./rules/parseReport.ts"
import { decideRecord, type IgnoredReason, type Judgement, unknownMessage } from "./rules/record.ts"
import { compile, render } from "./rules/tokens.ts"
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

/** A message in hand, rendered with the lead as it was at the claim (TK-6). */
export interface ClaimedMessage {
  /** Stable over all attempts: hand it to the provider as idempotency key. */
  readonly messageId: MessageId
  /** 1 for the first time that the message is handed out. */
  readonly attempt: number
  /** Goes into a report of a failure. */
  readonly claimToken: ClaimToken
  /** When the lease runs out, in milliseconds since 1970. */
  readonly leasedUntil: number
  readonly to: string
  readonly subject: string
  readonly html: string
  readonly workspaceId: WorkspaceId
  readonly campaignId: CampaignId
  /** Counts from 0. */
  readonly step: number
  readonly lead: Lead
}

const decodeClaim = decodeRequest(
  Schema.Struct({
    workspaceId: Schema.optional(WorkspaceId),
    limit: Schema.optional(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: Limits.maxClaim }))),
    leaseSeconds: Schema.optional(
      Schema.Finite.check(Schema.isBetween({ minimum: 1, maximum: Limits.maxLeaseSeconds }))
    )
  })
)

/**
 * Leases messages that are due in running campaigns, the oldest due first, and renders them (DE-1, DE-2). Of suppressed
 * addresses there is none (SU-3). A message whose lease has run out is handed out again: same id, new token, one
 * attempt more. Fails with `InvalidRequest`.
 */
export const claim = Effect.fn("Delivery.claim")(function* (input: ClaimInput = {}) {
  const request = yield* decodeClaim(input)
  const { leaseSeconds = Limits.defaultLeaseSeconds, limit = Limits.defaultClaim, workspaceId } = request
  const now = yield* Clock.currentTimeMillis
  const lease = { token: claimToken(yield* drawUlid), until: now + leaseSeconds * 1_000 }
  const repository = yield* Repository
  const claimIn = (workspaceId: WorkspaceId, limit: number) =>
    repository.decide({ workspaceId, due: { at: now, limit } }, (snapshot) =>
      Result.succeed(decideClaim(snapshot, lease, now))
    )
  const found =
    workspaceId === undefined
      ? yield* inTurns(yield* repository.workspacesDue(now), limit, claimIn)
      : yield* claimIn(workspaceId, limit)
  yield* Effect.annotateCurrentSpan({ "delivery.claimed": found.length })
  return renderAll(found, lease)
})

/**
 * A claim that goes round: from a workspace drawn at random on, each gets an equal share of what is left. So none
 * that is small waits behind one that is large (DE-3).
 */
const inTurns = Effect.fnUntraced(function* (
  workspaces: ReadonlyArray<WorkspaceId>,
  limit: number,
  claimIn: (
    workspaceId: WorkspaceId,
    limit: number
  ) => Effect.Effect<ReadonlyArray<MessageInContext>, RepositoryError>
) {
  const first = Math.floor((yield* Random.next) * workspaces.length)
  let turn = [...workspaces.slice(first), ...workspaces.slice(0, first)]
  const claimed: Array<MessageInContext> = []
  while (turn.length > 0 && claimed.length < limit) {
    const again: Array<WorkspaceId> = []
    for (const [index, workspaceId] of turn.entries()) {
      const share = Math.ceil((limit - claimed.length) / (turn.length - index))
      if (share === 0) break
      // What is in hand is handed out, whatever becomes of the next workspace.
      const found = yield* claimIn(workspaceId, share).pipe(
        Effect.catch((error) => (claimed.length > 0 ? Effect.succeed(null) : Effect.fail(error)))
      )
      if (found === null) return claimed
      claimed.push(...found)
      if (found.length === share) again.push(workspaceId)
    }
    turn = again
  }
  return claimed
})

/** Templates are compiled once per campaign and step, however many messages use them. */
const renderAll = (found: ReadonlyArray<MessageInContext>, lease: Lease): ReadonlyArray<ClaimedMessage> => {
  const compiled = new Map<CampaignId, Array<ReturnType<typeof compileStep>>>()
  const compileStep = ({ campaign, message }: MessageInContext) => {
    const { bodyHtml = "", subject = "" } = campaign.steps[message.step] ?? {}
    return { subject: compile(subject, "text"), html: compile(bodyHtml, "html") }
  }
  return found.map((each) => {
    const { campaign, lead, message } = each
    let steps = compiled.get(campaign.id)
    if (steps === undefined) {
      steps = []
      compiled.set(campaign.id, steps)
    }
    const templates = steps[message.step] ?? compileStep(each)
    steps[message.step] = templates
    return {
      messageId: message.id,
      attempt: message.attempt,
      claimToken: lease.token,
      leasedUntil: lease.until,
      to: lead.email,
      subject: render(templates.subject, lead),
      html: render(templates.html, lead),
      workspaceId: campaign.workspaceId,
      campaignId: campaign.id,
      step: message.step,
      lead
    }
  })
}

/** What happened to a message. `at` is milliseconds since 1970 or an ISO time, by default now. */
export type Report = {
  readonly messageId: string
  readonly at?: number | string | undefined
} & (
  | { readonly type: "sent" | "delivered" | "opened" | "unsubscribed" }
  | { readonly type: "bounced"; readonly kind?: "hard" | "soft" | undefined }
  | { readonly type: "replied"; readonly class?: ReplyClass | undefined }
  | {
      readonly type: "failed"
      readonly claimToken: string
      /** When to try again; left out, the wait doubles with each attempt. */
      readonly retryAfterSeconds?: number | undefined
    }
)

/**
 * What one report came to: `recorded`, `repeated` when it told nothing new, `ignored` when it is of a claim or a
 * message that is over, `failed` when it cannot be used or the store could not keep it; then `retryable` says
 * whether the same report may be handed in again.
 */
export type ReportOutcome = { readonly index: number; readonly messageId: string | null } & (
  | { readonly outcome: "recorded" | "repeated" }
  | { readonly outcome: "ignored"; readonly reason: IgnoredReason }
  | {
      readonly outcome: "failed"
      readonly issues: ReadonlyArray<RowIssue>
      readonly retryable: boolean
    }
)

/** The counts add up to the reports; the outcomes come in their order. */
export interface RecordAnswer {
  readonly recorded: number
  readonly repeated: number
  readonly ignored: number
  readonly failed: number
  readonly outcomes: ReadonlyArray<ReportOutcome>
}

const decodeRecord = decodeRequest(
  Schema.Struct({ workspaceId: Schema.optional(WorkspaceId), reports: list("reports", "reports") })
)

/**
 * Records what happened to messages (DE-3), untrusted reports of at most 10,000, each judged for itself and in order.
 * The id of a message says which workspace it is of; each workspace is an atomic step of its own, and a failure of
 * the store is the outcome of the reports that it hit. With a `workspaceId`, messages of others are unknown. Fails
 * with `InvalidRequest` and `BatchTooLarge` alone.
 */
export const record = Effect.fn("Delivery.record")(function* (input: {
  readonly workspaceId?: string | undefined
  readonly reports: ReadonlyArray<Report>
}) {
  const { workspaceId, ...given } = yield* decodeRecord(input)
  const inputs = yield* takeList(given.reports, Limits.maxReports, "split the reports, in their order")
  const now = yield* Clock.currentTimeMillis
  const outcomes: Array<ReportOutcome> = []
  const waiting = new Map<WorkspaceId, Array<{ readonly index: number; readonly report: DeliveryReport }>>()
  for (const [index, input] of inputs.entries()) {
    const parsed = parseReport(input)
    if (Result.isFailure(parsed)) {
      const { issues, messageId } = parsed.failure
      outcomes[index] = { index, messageId, outcome: "failed", issues, retryable: false }
      continue
    }
    const report = parsed.success
    const { messageId, name } = report
    if (workspaceId !== undefined && workspaceId !== name.workspaceId) {
      outcomes[index] = { index, messageId, ...unknownMessage, retryable: false }
      continue
    }
    const entries = waiting.get(name.workspaceId) ?? []
    entries.push({ index, report })
    waiting.set(name.workspaceId, entries)
  }
  const repository = yield* Repository
  for (const [workspaceId, entries] of waiting) {
    const reports = entries.map(({ report }) => report)
    const messages = [...new Set(reports.map(({ messageId }) => messageId))]
    const judged = yield* repository
      .decide({ workspaceId, messages }, (snapshot) => Result.succeed(decideRecord(snapshot, reports, now)))
      .pipe(Effect.result)
    for (const [place, { index, report }] of entries.entries()) {
      const judgement = Result.isSuccess(judged)
        ? (judged.success[place] ?? unknownMessage)
        : notStored(judged.failure)
      const retryable = Result.isFailure(judged) && judged.failure.isRetryable
      const { messageId } = report
      outcomes[index] = outcomeOf(index, messageId, judgement, retryable)
    }
  }
  const counts = { recorded: 0, repeated: 0, ignored: 0, failed: 0 }
  for (const { outcome } of outcomes) counts[outcome]++
  const answer: RecordAnswer = { ...counts, outcomes }
  return answer
})

const outcomeOf = (
  index: number,
  messageId: MessageId,
  judgement: Judgement,
  retryable: boolean
): ReportOutcome => {
  switch (judgement.outcome) {
    case "failed":
      return { index, messageId, outcome: "failed", issues: judgement.issues, retryable }
    case "ignored":
      return { index, messageId, outcome: "ignored", reason: judgement.reason }
    default:
      return { index, messageId, outcome: judgement.outcome }
  }
}

const notStored = (error: RepositoryError): Judgement => ({
  outcome: "failed",
  issues: [{ path: "", reason: "NotStored", message: error.message }]
})
