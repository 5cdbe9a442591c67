/**
 * The use cases of a campaign: create, get, list, update, replaceSteps, start, pause, stats. Each
 * hands a pure rule to `Repository.decide`, and reports. Besides its own errors each fails with `RepositoryError`
 * alone, and with `InvalidRequest` where an argument has the wrong shape.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Semaphore from "effect/Semaphore"
import { decisionMoment } from "./decisionMoment.ts"
import { inTurns } from "./inTurns.ts"
import { iso } from "./iso.ts"
import { type Campaign, CampaignName, type SequenceStep, SequenceStepInput } from "./model/Campaign.ts"
import { CampaignNotFound, InvalidRequest, type Issue } from "./model/Errors.ts"
import { type CampaignId, campaignId as makeCampaignId } from "./model/Ids.ts"
import * as Limits from "./model/Limits.ts"
import { utf8Length } from "./model/utf8.ts"
import { pageByBytes } from "./pageByBytes.ts"
import { Repository } from "./Repository.ts"
import {
  type CampaignRef,
  decodeExactly,
  inCampaign,
  inWorkspace,
  type PageInput,
  pageRequest,
  parseCampaignRef,
  unknownKey
} from "./request.ts"
import type { Lint } from "./rules/lint.ts"
import { decidePause, decideReplaceSteps, decideStart, decideUpdate } from "./rules/sequence.ts"
import { templateProblem } from "./rules/tokens.ts"
import { drawUlid } from "./ulid.ts"

/** A lint of one step: the message would be sent, but likely not as it was meant (TK-1, TK-5). */
export interface StepLint extends Lint {
  /** The step, from 0. */
  readonly step: number
  readonly field: "subject" | "bodyHtml"
}

/** A campaign and the lints of its templates. */
export type LintedCampaign = Campaign & { readonly lints: ReadonlyArray<StepLint> }

/** The published answer of `start` (SQ-9); `startedAt` is ISO 8601 in UTC. */
export interface StartAnswer {
  readonly id: CampaignId
  readonly status: "draft" | "running" | "paused"
  readonly startedAt: string
  /** All enrolments, whatever their state. */
  readonly leadsEnrolled: number
  /** Messages pending now. */
  readonly queuedMessages: number
}

/** The published answer of `pause`; `pausedAt` is ISO 8601 in UTC, null for a draft. */
export interface PauseAnswer {
  readonly id: CampaignId
  readonly status: "draft" | "running" | "paused"
  readonly pausedAt: string | null
}

const stepKeys = Object.keys(SequenceStepInput.fields)

/**
 * The first unknown key of each step, in an argument with `steps`: a misspelled `delayDays` would send
 * the next message at once.
 */
const unknownInSteps = (input: unknown): ReadonlyArray<Issue> => {
  const steps = typeof input === "object" && input !== null && "steps" in input ? input.steps : undefined
  if (!Array.isArray(steps) || steps.length > Limits.maxSteps) return []
  return steps.flatMap((step, index) =>
    unknownKey(step, stepKeys).map(({ message, path }) => ({ path: `steps.${index}.${path}`, message }))
  )
}

/** Its length is looked at before its steps are: an array may be longer than memory has room for their problems. */
const Steps = Schema.Unknown.check(
  Schema.makeFilter((value: unknown) =>
    !Array.isArray(value)
      ? "steps must be an array of steps"
      : value.length > Limits.maxSteps
        ? `a campaign has at most ${Limits.maxSteps} steps`
        : undefined
  )
).pipe(Schema.decodeTo(Schema.Array(SequenceStepInput), SchemaTransformation.passthrough({ strict: false })))

const ifRevision = Schema.optional(Schema.String)
const decodeUpdate = decodeExactly(Schema.Struct({ ...inCampaign, name: CampaignName, ifRevision }))
const decodeSteps = decodeExactly(Schema.Struct({ ...inCampaign, steps: Steps, ifRevision }), unknownInSteps)
const decodeDraft = decodeExactly(
  Schema.Struct({ ...inWorkspace, name: CampaignName, steps: Schema.optional(Steps) }),
  unknownInSteps
)

/** Loaded with the first template: the HTML parser that it brings would be an eighth of the time to load core. */
const loadLints = Effect.promise(() => import("./rules/lint.ts"))

const tooManyBytes: Issue = {
  path: "steps",
  message: `the subjects and bodies have more than ${Limits.maxStepsBytes} bytes in all: shorten them`
}

/**
 * Whether the subjects and bodies of all steps together exceed the limit. A unit of UTF-16 has at
 * least one byte in UTF-8.
 */
const passLimit = (steps: ReadonlyArray<SequenceStepInput>): boolean => {
  const texts = steps.flatMap(({ bodyHtml, subject }) => [subject, bodyHtml])
  const units = texts.reduce((sum, { length }) => sum + length, 0)
  return units > Limits.maxStepsBytes || utf8Length(texts.join("")) > Limits.maxStepsBytes
}

const parseSteps = (
  inputs: ReadonlyArray<SequenceStepInput>
): Result.Result<ReadonlyArray<SequenceStep>, InvalidRequest> => {
  if (passLimit(inputs)) return Result.fail(new InvalidRequest({ issues: [tooManyBytes] }))
  // No store keeps minus zero.
  const steps = inputs.map(({ bodyHtml, delayDays, subject }) => ({
    subject,
    bodyHtml,
    delayDays: delayDays || 0
  }))
  const issues: ReadonlyArray<Issue> = steps.flatMap((step, index) =>
    templates(step).flatMap(({ field, source }) => {
      const message = templateProblem(source)
      return message === undefined ? [] : [{ path: `steps.${index}.${field}`, message }]
    })
  )
  return issues.length > 0 ? Result.fail(new InvalidRequest({ issues })) : Result.succeed(steps)
}

const templates = (step: SequenceStep) =>
  [
    { field: "subject", mode: "text", source: step.subject },
    { field: "bodyHtml", mode: "html", source: step.bodyHtml }
  ] as const

/**
 * A process lints one template at a time: a tree of HTML takes hundreds of times the bytes of its
 * source.
 */
const oneAtATime = Semaphore.makeUnsafe(1)

/** The lints of all steps. The event loop gets a turn between two pieces of the work. */
const lintSteps = Effect.fnUntraced(function* (steps: ReadonlyArray<SequenceStep>) {
  const found: Array<StepLint> = []
  if (steps.length === 0) return found
  const { lintsInPieces } = yield* loadLints
  for (const [index, step] of steps.entries()) {
    for (const { field, mode, source } of templates(step)) {
      const lints = yield* oneAtATime.withPermit(inTurns(lintsInPieces(source, mode)))
      found.push(...lints.map((lint): StepLint => ({ ...lint, step: index, field })))
    }
  }
  return found
})

/**
 * Creates a draft. Steps may be left out and added before the start. The answer carries the lints of its templates.
 * Fails with `InvalidRequest`.
 */
export const create = Effect.fn("Campaigns.create")(function* (input: {
  readonly workspaceId: string
  readonly name: string
  readonly steps?: ReadonlyArray<SequenceStepInput> | undefined
}) {
  const repository = yield* Repository
  const { name, workspaceId, ...draft } = yield* decodeDraft(input)
  const steps = yield* Effect.fromResult(parseSteps(draft.steps ?? []))
  const lints = yield* lintSteps(steps)
  const id = makeCampaignId(yield* drawUlid)
  const moment = yield* decisionMoment
  return yield* repository.decide({ workspaceId }, (snapshot) => {
    const campaign: Campaign = {
      id,
      workspaceId,
      name,
      status: "draft",
      steps,
      createdAt: moment(snapshot).now,
      startedAt: null,
      pausedAt: null
    }
    const created: LintedCampaign = { ...campaign, lints }
    return Result.succeed({ changes: [{ _tag: "CampaignCreated", campaign }], answer: created })
  })
})

/** Gets a campaign. Fails with `CampaignNotFound`, also for one of another workspace. */
export const get = Effect.fn("Campaigns.get")(function* (input: CampaignRef) {
  const repository = yield* Repository
  const scope = yield* parseCampaignRef(input)
  const { campaign } = yield* repository.read(scope)
  return campaign ?? (yield* new CampaignNotFound({ campaignId: scope.campaignId }))
})

/**
 * Lists the campaigns of a workspace, oldest first; `after` is the `next` of the page before. A
 * page also ends at 8 MB of steps.
 */
export const list = Effect.fn("Campaigns.list")(function* (input: PageInput) {
  const repository = yield* Repository
  const { after, limit, workspaceId } = yield* pageRequest(input)
  return yield* pageByBytes(
    {
      read: (after, limit) => repository.campaigns({ workspaceId, after, limit }),
      cursorOf: ({ id }): string => id,
      bytesOf: ({ steps }) =>
        steps.reduce((bytes, step) => bytes + utf8Length(step.subject) + utf8Length(step.bodyHtml), 0),
      mostBytes: Limits.maxStepsBytes
    },
    after,
    limit
  )
})

/** A condition of a change: the campaign is as its caller has read it (SQ-10). */
export interface IfRevision {
  /** The `revisionOf` of the campaign that was read. */
  readonly ifRevision?: string | undefined
}

/**
 * Renames a draft, and returns the campaign (SQ-8). With an `ifRevision` it does so only if the campaign has that
 * revision (SQ-10). Fails with `CampaignNotFound`, `CampaignChanged`, `CampaignNotEditable`, `InvalidRequest`.
 *
 * @example
 * const campaign = yield* Campaigns.get(ref)
 * yield* Campaigns.update({ ...ref, name: "Spring", ifRevision: revisionOf(campaign) })
 */
export const update = Effect.fn("Campaigns.update")(function* (
  input: CampaignRef & IfRevision & { readonly name: string }
) {
  const repository = yield* Repository
  const { ifRevision, name, ...scope } = yield* decodeUpdate(input)
  return yield* repository.decide(scope, (snapshot) =>
    decideUpdate(snapshot, scope.campaignId, name, ifRevision)
  )
})

/**
 * Replaces the steps of a draft, or the copy and delays of a paused campaign (SQ-8). Delays that are edited hold
 * for what is queued later (SQ-5). With an `ifRevision` it does so only if the campaign has that revision (SQ-10).
 * Fails with `CampaignNotFound`, `CampaignChanged`, `CampaignNotEditable`, `InvalidRequest`.
 */
export const replaceSteps = Effect.fn("Campaigns.replaceSteps")(function* (
  input: CampaignRef & IfRevision & { readonly steps: ReadonlyArray<SequenceStepInput> }
) {
  const repository = yield* Repository
  const { ifRevision, steps: inputs, ...scope } = yield* decodeSteps(input)
  const steps = yield* Effect.fromResult(parseSteps(inputs))
  const lints = yield* lintSteps(steps)
  const campaign = yield* repository.decide(scope, (snapshot) =>
    decideReplaceSteps(snapshot, scope.campaignId, steps, ifRevision)
  )
  const linted: LintedCampaign = { ...campaign, lints }
  return linted
})

/**
 * Starts a draft and queues the first step for every active enrolment in the same atomic step (SQ-4); resumes a
 * paused campaign; answers the state of a running one (SQ-7). Fails with `CampaignNotFound`, `NoSequenceSteps`,
 * `NoLeadsEnrolled`.
 */
export const start = Effect.fn("Campaigns.start")(function* (input: CampaignRef) {
  const repository = yield* Repository
  const scope = yield* parseCampaignRef(input)
  const moment = yield* decisionMoment
  const started = yield* repository.decide(scope, (snapshot) =>
    decideStart(snapshot, scope.campaignId, moment(snapshot).now)
  )
  const answer: StartAnswer = { ...started, startedAt: iso(started.startedAt) }
  return answer
})

/** Holds a running campaign; a no-op on a draft and on a paused one (SQ-7). Fails with `CampaignNotFound`. */
export const pause = Effect.fn("Campaigns.pause")(function* (input: CampaignRef) {
  const repository = yield* Repository
  const scope = yield* parseCampaignRef(input)
  const moment = yield* decisionMoment
  const paused = yield* repository.decide(scope, (snapshot) =>
    decidePause(snapshot, scope.campaignId, moment(snapshot).now)
  )
  const answer: PauseAnswer = { ...paused, pausedAt: paused.pausedAt === null ? null : iso(paused.pausedAt) }
  return answer
})

/**
 * The numbers of a campaign, as published (DE-5). The rates are shares of `delivered`, from 0 to 1.
 */
export interface CampaignStats {
  readonly campaignId: CampaignId
  readonly totalEnrolled: number
  /** Messages submitted for delivery. */
  readonly sent: number
  /** Messages that the receiving server accepted. */
  readonly delivered: number
  /** Messages with a hard or a soft bounce. */
  readonly bounced: number
  /** Messages with a hard bounce. */
  readonly hardBounced: number
  /** Enrolments with at least one reply of a person, whichever the step. */
  readonly replied: number
  /** Messages pending, also those that a paused campaign holds. */
  readonly queued: number
  readonly openRate: number
  readonly replyRate: number
}

/** The stats of a campaign, as counters have them: the cost does not grow with the campaign. Fails with `CampaignNotFound`. */
export const stats = Effect.fn("Campaigns.stats")(function* (input: CampaignRef) {
  const repository = yield* Repository
  const scope = yield* parseCampaignRef(input)
  const { campaign, counters } = yield* repository.read(scope)
  if (campaign === null) return yield* new CampaignNotFound({ campaignId: scope.campaignId })
  const { bounced, delivered, enrolled, hardBounced, opened, pending, replied, sent } = counters
  const rate = (count: number) => (delivered === 0 ? 0 : count / delivered)
  const answer: CampaignStats = {
    campaignId: campaign.id,
    totalEnrolled: enrolled,
    sent,
    delivered,
    bounced,
    hardBounced,
    replied,
    queued: pending,
    openRate: rate(opened),
    replyRate: rate(replied)
  }
  return answer
})
