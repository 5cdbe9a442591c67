/** The use case `Delivery.record`, and how reports of several workspaces are judged. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decisionMoment } from "./decisionMoment.ts"
import { mapInTurns } from "./inTurns.ts"
import { type CampaignId, type MessageId, WorkspaceId } from "./model/Ids.ts"
import * as Limits from "./model/Limits.ts"
import type { RowIssue } from "./model/Report.ts"
import { Repository, type RepositoryError } from "./Repository.ts"
import { decodeRequest, list, takeList } from "./request.ts"
import { type DeliveryReport, type InvalidReport, parseReport, type ReplyClass } from "./rules/parseReport.ts"
import { decideRecord, type IgnoredReason, type Judgement, unknownMessage } from "./rules/record.ts"

/** A fact about a message. `at` is milliseconds since 1970 or an ISO time, by default now. */
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
      /** `"throttled"` waits and counts no failure; `"error"` is the default (DE-4). */
      readonly kind?: "error" | "throttled" | undefined
      /** When to try again; left out, the wait doubles with each failure. */
      readonly retryAfterSeconds?: number | undefined
    }
)

/**
 * The outcome of one report: `recorded`, `repeated` when it told nothing new, `ignored` when its
 * claim or message is over, `failed` when it is invalid or the store could not keep it. `retryable`
 * then says whether the same report may be handed in again.
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
 * Records what happened to messages (DE-3). Takes at most 10,000 untrusted reports, each judged for
 * itself and in order. The id of a message names its workspace. The reports of each workspace are
 * recorded in atomic steps of up to 250 messages and 50 campaigns. When a step fails in the store, the outcomes of
 * its reports, and of those after them in the workspace, say so. With a `workspaceId`, messages of
 * others are unknown. Fails with `InvalidRequest` and `BatchTooLarge` alone.
 */
export const record = Effect.fn("Delivery.record")(function* (input: {
  readonly workspaceId?: string | undefined
  readonly reports: ReadonlyArray<Report>
}) {
  const { workspaceId, ...given } = yield* decodeRecord(input)
  const inputs = yield* takeList(given.reports, Limits.maxReports, "split the reports, in their order")
  return yield* judgeAll(inputs, parseReport, workspaceId)
})

/** A report and its index among the inputs. */
interface Entry {
  readonly index: number
  readonly report: DeliveryReport
}

/** Reports of one workspace that one decision judges, and the messages that they are about. */
interface Piece {
  readonly workspaceId: WorkspaceId
  readonly entries: Array<Entry>
  readonly messages: Set<MessageId>
  readonly campaigns: Set<CampaignId>
}

/** Whether one decision cannot judge a report too, beside those that it judges. */
const isFullFor = ({ campaigns, messages }: Piece, { messageId, name }: DeliveryReport): boolean =>
  !messages.has(messageId) &&
  (messages.size === Limits.maxMessagesInDecision ||
    (campaigns.size === Limits.maxCampaignsInDecision && !campaigns.has(name.campaignId)))

/** Cuts the reports of each workspace, in their order, into pieces for one decision each. */
const piecesOf = (entries: Iterable<Entry>): ReadonlyArray<Piece> => {
  const pieces = new Map<WorkspaceId, Array<Piece>>()
  for (const entry of entries) {
    const { messageId, name } = entry.report
    const { campaignId, workspaceId } = name
    const own = pieces.get(workspaceId) ?? []
    pieces.set(workspaceId, own)
    let piece = own.at(-1)
    if (piece === undefined || isFullFor(piece, entry.report)) {
      piece = { workspaceId, entries: [], messages: new Set(), campaigns: new Set() }
      own.push(piece)
    }
    piece.entries.push(entry)
    piece.messages.add(messageId)
    piece.campaigns.add(campaignId)
  }
  return [...pieces.values()].flat()
}

/**
 * Parses and judges each of the inputs, in one decision or more per workspace. With a
 * `workspaceId`, messages of others are unknown.
 */
export const judgeAll = Effect.fnUntraced(function* (
  inputs: ReadonlyArray<unknown>,
  parse: (input: unknown) => Result.Result<DeliveryReport, InvalidReport>,
  workspaceId: WorkspaceId | undefined
) {
  const outcomes: Array<ReportOutcome> = []
  const known: Array<Entry> = []
  for (const [index, parsed] of (yield* mapInTurns(inputs, parse)).entries()) {
    if (Result.isFailure(parsed)) {
      const { issues, messageId } = parsed.failure
      outcomes[index] = { index, messageId, outcome: "failed", issues, retryable: false }
      continue
    }
    const report = parsed.success
    const { messageId, name } = report
    if (workspaceId !== undefined && workspaceId !== name.workspaceId)
      outcomes[index] = { index, messageId, ...unknownMessage, retryable: false }
    else known.push({ index, report })
  }
  const repository = yield* Repository
  const moment = yield* decisionMoment
  const pieces = piecesOf(known)
  const failed = new Map<WorkspaceId, RepositoryError>()
  for (const { entries, messages, workspaceId } of pieces) {
    if (pieces.length > 1) yield* Effect.yieldNow
    const reports = entries.map(({ report }) => report)
    // A report may rest on one before it: after a failure the rest of the workspace is not tried.
    const earlier = failed.get(workspaceId)
    const judged = yield* (
      earlier === undefined
        ? repository.decide({ workspaceId, messages: [...messages] }, (snapshot) =>
            Result.succeed(decideRecord(snapshot, reports, moment(snapshot)))
          )
        : Effect.fail(earlier)
    ).pipe(Effect.result)
    if (Result.isFailure(judged)) failed.set(workspaceId, judged.failure)
    for (const [at, { index, report }] of entries.entries()) {
      const judgement = Result.isSuccess(judged)
        ? (judged.success[at] ?? unknownMessage)
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
