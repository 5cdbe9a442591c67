/** Calls of the engine, with their errors as problems of the contract. */
import type * as Core from "@leadterra/core"
import * as Effect from "effect/Effect"
import { isoTime } from "./contract/isoTime.ts"
import * as Problems from "./contract/problems.ts"
import { detailOf, itemsOfIssues, listedRows } from "./itemsOf.ts"

/** An error that no problem stands for. It is reported to the host, and the caller gets `Internal`. */
export class Unforeseen {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}

const problems = {
  CampaignNotFound: ({ message }: Core.CampaignNotFound) =>
    new Problems.CampaignNotFound({ detail: message }),
  LeadNotFound: ({ message }: Core.LeadNotFound) => new Problems.LeadNotFound({ detail: message }),
  NoLeadsEnrolled: (_: Core.NoLeadsEnrolled) =>
    new Problems.NoLeadsEnrolled({ detail: "Enrol at least one lead before the start" }),
  NoSequenceSteps: (_: Core.NoSequenceSteps) =>
    new Problems.NoSequenceSteps({ detail: "Add at least one step before the start" }),
  CampaignNotEditable: ({ message }: Core.CampaignNotEditable) =>
    new Problems.CampaignNotEditable({ detail: message }),
  CampaignChanged: ({ message }: Core.CampaignChanged) => new Problems.CampaignChanged({ detail: message }),
  CursorUnknown: ({ message }: Core.CursorUnknown) => new Problems.CursorUnknown({ detail: message }),
  InvalidLeads: ({ issues, message }: Core.InvalidLeads) =>
    new Problems.InvalidLeads({ detail: message, ...listedRows("leads", issues) }),
  InvalidSuppressionEntries: ({ issues, message }: Core.InvalidSuppressionEntries) =>
    new Problems.InvalidSuppressionEntries({
      detail: message,
      ...listedRows("emails", issues)
    }),
  NotATestWorkspace: (_: Core.NotATestWorkspace) =>
    new Problems.PathNotFound({ detail: "A live workspace has no test clock: use a test key" }),
  TestClockIsLater: ({ now }: Core.TestClockIsLater) =>
    new Problems.TestClockIsLater({
      detail: `The test clock only goes forward: advance to ${isoTime(now)} or later`
    }),
  IdempotencyConflict: ({ message }: Core.IdempotencyConflict) =>
    new Problems.IdempotencyConflict({ detail: message })
}
type Named = typeof problems

/** The problems that every call may have. */
const common = {
  InvalidRequest: ({ issues }: Core.InvalidRequest) => {
    const items = itemsOfIssues(issues)
    return new Problems.InvalidRequest({ detail: detailOf(items), ...Problems.listed(items) })
  },
  BatchTooLarge: ({ limit }: Core.BatchTooLarge) =>
    new Problems.TooLarge({
      detail: `A call takes at most ${limit} entries: split the list into several calls`,
      limit,
      unit: "entries"
    }),
  EngineClosed: () => new Problems.Unavailable({ detail: "The server is stopping: send the call again" })
}

const isTagged = (error: unknown): error is { readonly _tag: string } =>
  typeof error === "object" && error !== null && "_tag" in error && typeof error._tag === "string"

const isRetryable = (error: object): boolean => "isRetryable" in error && error.isRetryable === true

type Answered<Tag extends keyof Named> =
  | ReturnType<Named[Tag]>
  | ReturnType<(typeof common)[keyof typeof common]>
  | Problems.Unavailable

/**
 * Calls the engine. Errors with the tags of `declared`, and those that every call may have, become
 * problems; a store that is busy or away is `Unavailable`. Any other error dies as `Unforeseen`.
 */
export const attempt = <A, Tag extends keyof Named = never>(
  call: (signal: AbortSignal) => Promise<A>,
  ...declared: ReadonlyArray<Tag>
): Effect.Effect<A, Answered<Tag>> =>
  Effect.catch(Effect.tryPromise({ try: call, catch: (error) => error }), (error) => {
    const die = Effect.die(new Unforeseen(error))
    if (!isTagged(error)) return die
    const named: Readonly<Record<string, (error: never) => Answered<Tag>>> = {
      ...common,
      ...Object.fromEntries(declared.map((tag) => [tag, problems[tag]]))
    }
    const problem = Object.hasOwn(named, error._tag) ? named[error._tag] : undefined
    if (problem !== undefined) return Effect.fail(problem(error as never))
    return isRetryable(error)
      ? Effect.fail(new Problems.Unavailable({ detail: "The store is busy or away: send the call again" }))
      : die
  })
