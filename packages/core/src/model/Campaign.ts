/**
 * A campaign and its sequence. Three states and no others: a draft is inert, a running campaign sends, a
 * paused one holds (SQ-7). Counters are kept beside the campaign by the store, from row transitions; they are
 * never counted by scanning.
 */
import * as Schema from "effect/Schema"
import type { CampaignId, WorkspaceId } from "./Ids.ts"
import * as Limits from "./Limits.ts"
import { storable } from "./text.ts"

const text = (name: string, max: number) =>
  Schema.String.check(
    Schema.makeFilter((value: string) =>
      value.length > max ? `${name} must have at most ${max} characters` : undefined
    ),
    storable(name)
  )

const line = (name: string, max: number) =>
  text(name, max).check(
    Schema.makeFilter((value: string) =>
      value.trim() === ""
        ? `${name} must not be blank`
        : /[\p{Cc}\u2028\u2029]/u.test(value)
          ? `${name} must be one line without control characters`
          : undefined
    )
  )

/** One step of a sequence. `delayDays` is the wait after the step before it; the first step's is ignored (SQ-4). */
export const SequenceStep = Schema.Struct({
  subject: line("subject", Limits.maxSubjectLength),
  bodyHtml: text("bodyHtml", Limits.maxBodyLength),
  delayDays: Schema.Finite.check(
    Schema.isBetween(
      { minimum: 0, maximum: Limits.maxDelayDays },
      { expected: `delayDays between 0 and ${Limits.maxDelayDays}` }
    )
  )
})
export interface SequenceStep extends Schema.Schema.Type<typeof SequenceStep> {}

/** A step as a caller hands it over: `delayDays` may be left out and is then 0. */
export const SequenceStepInput = SequenceStep.mapFields((fields) => ({
  ...fields,
  delayDays: Schema.optional(fields.delayDays)
}))
export interface SequenceStepInput extends Schema.Schema.Type<typeof SequenceStepInput> {}

export const CampaignName = line("name", Limits.maxNameLength)

export type CampaignStatus = "draft" | "running" | "paused"

/** A campaign. Times are milliseconds since 1970, or null where the thing has not happened. */
export interface Campaign {
  readonly id: CampaignId
  readonly workspaceId: WorkspaceId
  readonly name: string
  readonly status: CampaignStatus
  readonly steps: ReadonlyArray<SequenceStep>
  readonly createdAt: number
  /** The first start; a resume keeps it. */
  readonly startedAt: number | null
  /** The pause that holds now; null while running. */
  readonly pausedAt: number | null
}
