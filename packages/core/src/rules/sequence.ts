/**
 * The life of a campaign (SQ-4, SQ-7 to SQ-10): start, pause and the change of name and steps. Start and pause are
 * idempotent and answer the current state; neither moves a position.
 */
import * as Result from "effect/Result"
import type { Campaign, CampaignStatus, SequenceStep } from "../model/Campaign.ts"
import { answer, type Decision, events } from "../model/Decision.ts"
import {
  CampaignChanged,
  CampaignNotEditable,
  CampaignNotFound,
  NoLeadsEnrolled,
  NoSequenceSteps
} from "../model/Errors.ts"
import type { CampaignId } from "../model/Ids.ts"
import type { Snapshot } from "../model/Snapshot.ts"
import { revisionOf } from "./revision.ts"

/** A campaign after `start` (SQ-9); `startedAt` is milliseconds since 1970. */
export interface Started {
  readonly id: CampaignId
  readonly status: CampaignStatus
  readonly startedAt: number
  readonly leadsEnrolled: number
  readonly queuedMessages: number
}

/** A campaign after `pause`; `pausedAt` is milliseconds since 1970, null for a draft. */
export interface Paused {
  readonly id: CampaignId
  readonly status: CampaignStatus
  readonly pausedAt: number | null
}

const notFound = (campaignId: string): Result.Result<never, CampaignNotFound> =>
  Result.fail(CampaignNotFound.make({ campaignId }))

/** Starts a draft, resumes a paused campaign, or answers the state of a running one (SQ-4, SQ-7, SQ-9). */
export const decideStart = (
  { campaign, counters }: Snapshot,
  campaignId: CampaignId,
  now: number
): Result.Result<Decision<Started>, CampaignNotFound | NoSequenceSteps | NoLeadsEnrolled> => {
  if (campaign === null) return notFound(campaignId)
  const started = (startedAt: number, queuedMessages: number): Started => ({
    id: campaign.id,
    status: "running",
    startedAt,
    leadsEnrolled: counters.enrolled,
    queuedMessages
  })
  const told = ({ leadsEnrolled, queuedMessages }: Started) =>
    events(now, [{ kind: "campaign.started", campaignId: campaign.id, leadsEnrolled, queuedMessages }])
  if (campaign.startedAt !== null) {
    const state = started(campaign.startedAt, counters.pending)
    return Result.succeed(
      campaign.status === "running"
        ? answer(state)
        : {
            changes: [changed(campaign, { status: "running", pausedAt: null }), ...told(state)],
            answer: state
          }
    )
  }
  if (campaign.steps.length === 0) return Result.fail(NoSequenceSteps.make({ campaignId }))
  if (counters.enrolled === 0) return Result.fail(NoLeadsEnrolled.make({ campaignId }))
  const state = started(now, counters.active)
  return Result.succeed({
    changes: [
      changed(campaign, { status: "running", startedAt: now }),
      { _tag: "FirstStepQueued", campaignId: campaign.id, dueAt: now },
      ...told(state)
    ],
    answer: state
  })
}

/** Pauses a running campaign; a no-op on a draft or a paused one (SQ-7). */
export const decidePause = (
  { campaign }: Snapshot,
  campaignId: CampaignId,
  now: number
): Result.Result<Decision<Paused>, CampaignNotFound> => {
  if (campaign === null) return notFound(campaignId)
  return Result.succeed(
    campaign.status === "running"
      ? {
          changes: [
            changed(campaign, { status: "paused", pausedAt: now }),
            ...events(now, [{ kind: "campaign.paused", campaignId: campaign.id }])
          ],
          answer: { id: campaign.id, status: "paused", pausedAt: now }
        }
      : answer({ id: campaign.id, status: campaign.status, pausedAt: campaign.pausedAt })
  )
}

/** Renames a draft. A campaign that has started keeps its name (SQ-8). */
export const decideUpdate = (
  snapshot: Snapshot,
  campaignId: CampaignId,
  name: string,
  ifRevision?: string
): EditDecision => decideEdit(snapshot, campaignId, { name }, () => false, ifRevision)

/** Replaces the steps: freely in a draft, copy and delays alone while paused, never while running (SQ-8). */
export const decideReplaceSteps = (
  snapshot: Snapshot,
  campaignId: CampaignId,
  steps: ReadonlyArray<SequenceStep>,
  ifRevision?: string
): EditDecision =>
  decideEdit(snapshot, campaignId, { steps }, (paused) => paused.steps.length === steps.length, ifRevision)

type EditDecision = Result.Result<
  Decision<Campaign>,
  CampaignNotFound | CampaignChanged | CampaignNotEditable
>

/**
 * Changes a draft, or a paused campaign where the change allows it. A revision, if there is one, is
 * judged first (SQ-10): a caller who has read another campaign learns that, and not what else is wrong.
 */
const decideEdit = (
  { campaign }: Snapshot,
  campaignId: CampaignId,
  fields: Pick<Campaign, "name"> | Pick<Campaign, "steps">,
  isAllowedWhilePaused: (paused: Campaign) => boolean,
  ifRevision: string | undefined
): EditDecision => {
  if (campaign === null) return notFound(campaignId)
  if (ifRevision !== undefined && ifRevision !== revisionOf(campaign))
    return Result.fail(CampaignChanged.make({ campaignId }))
  const { status } = campaign
  if (status === "running" || (status === "paused" && !isAllowedWhilePaused(campaign)))
    return Result.fail(CampaignNotEditable.make({ campaignId, status }))
  const change = changed(campaign, fields)
  return Result.succeed({ changes: [change], answer: change.campaign })
}

const changed = (campaign: Campaign, fields: Partial<Campaign>) =>
  ({ _tag: "CampaignChanged", campaign: { ...campaign, ...fields } }) as const
