/** The statements on campaigns, which are numbered within their workspace, and on their counters. */
import {
  addCounters,
  type Campaign,
  type CampaignCounters,
  type CampaignId,
  noCounters,
  type SequenceStep,
  type WorkspaceId
} from "@leadterra/core"
import { Refusal } from "./failure.ts"
import { type Session, statement } from "./Session.ts"

interface CampaignRow {
  readonly number: number
  readonly id: CampaignId
  readonly name: string
  readonly status: Campaign["status"]
  readonly steps: ReadonlyArray<SequenceStep>
  readonly createdAt: number
  readonly startedAt: number | null
  readonly pausedAt: number | null
}

/** A campaign with its counters and its number. */
export interface StoredCampaign {
  readonly number: number
  readonly campaign: Campaign
  readonly counters: CampaignCounters
}

const columns = `c.number, c.id, c.name, c.status, c.steps, c.created_at AS "createdAt", c.started_at AS "startedAt",
  c.paused_at AS "pausedAt"`
const counters = `c.enrolled, c.active, c.pending, c.sent, c.delivered, c.opened, c.bounced, c.replied,
  c.hard_bounced AS "hardBounced"`

const find = statement<CampaignRow & CampaignCounters>(
  `SELECT ${columns}, ${counters} FROM campaign AS c WHERE c.workspace = $1 AND c.id = ANY($2::text[])`
)
const byNumber = statement<CampaignRow & CampaignCounters>(
  `SELECT ${columns}, ${counters} FROM campaign AS c WHERE c.workspace = $1 AND c.number = ANY($2::int[])`
)
const page = statement<CampaignRow>(
  `SELECT ${columns} FROM campaign AS c WHERE c.workspace = $1 AND c.id > $2 ORDER BY c.id LIMIT $3`
)
const create = statement<{ readonly number: number }>(
  `WITH next AS (UPDATE workspace SET campaigns = campaigns + 1 WHERE workspace = $1 RETURNING campaigns)
   INSERT INTO campaign (workspace, number, id, name, status, steps, created_at, started_at, paused_at)
   SELECT $1, campaigns, $2, $3, $4, $5::json, $6, $7, $8 FROM next RETURNING number`
)
const change = statement(
  `UPDATE campaign SET name = $3, status = $4, steps = $5::json, created_at = $6, started_at = $7, paused_at = $8
   WHERE workspace = $1 AND id = $2`
)
const active = statement<{ readonly campaign: number }>(
  "SELECT number AS campaign FROM campaign WHERE workspace = $1 AND active > 0"
)
const count = statement(
  `UPDATE campaign SET enrolled = enrolled + $3, active = active + $4, pending = pending + $5, sent = sent + $6,
     delivered = delivered + $7, opened = opened + $8, bounced = bounced + $9, replied = replied + $10,
     hard_bounced = hard_bounced + $11
   WHERE workspace = $1 AND number = $2`
)

const campaignOf = ({ number: _, ...campaign }: CampaignRow, workspaceId: WorkspaceId): Campaign => ({
  id: campaign.id,
  workspaceId,
  name: campaign.name,
  status: campaign.status,
  steps: campaign.steps,
  createdAt: campaign.createdAt,
  startedAt: campaign.startedAt,
  pausedAt: campaign.pausedAt
})

const storedOf = (row: CampaignRow & CampaignCounters, workspaceId: WorkspaceId): StoredCampaign => ({
  number: row.number,
  campaign: campaignOf(row, workspaceId),
  counters: addCounters(noCounters, row)
})

export const findCampaigns = async (
  session: Session,
  workspaceId: WorkspaceId,
  ids: ReadonlyArray<CampaignId>
): Promise<ReadonlyArray<StoredCampaign>> => {
  // Any text may stand for an id here, and no text of the server's holds a NUL.
  const storable = ids.filter((id) => !id.includes("\0"))
  return (await session.rows(find, workspaceId, storable)).map((row) => storedOf(row, workspaceId))
}

export const campaignsByNumber = async (
  session: Session,
  workspaceId: WorkspaceId,
  numbers: ReadonlyArray<number>
): Promise<ReadonlyArray<StoredCampaign>> =>
  (await session.rows(byNumber, workspaceId, numbers)).map((row) => storedOf(row, workspaceId))

/** In the order of their ids; every id sorts after the empty text. */
export const pageOfCampaigns = async (
  session: Session,
  workspaceId: WorkspaceId,
  after: string,
  limit: number
): Promise<ReadonlyArray<Campaign>> =>
  (await session.rows(page, workspaceId, after, limit)).map((row) => campaignOf(row, workspaceId))

const written = ({ createdAt, name, pausedAt, startedAt, status, steps }: Campaign) => [
  name,
  status,
  JSON.stringify(steps),
  createdAt,
  startedAt,
  pausedAt
]

/** Gives the new campaign's number. */
export const createCampaign = async (
  session: Session,
  workspaceId: WorkspaceId,
  campaign: Campaign
): Promise<number> => {
  const made = await session.first(create, workspaceId, campaign.id, ...written(campaign))
  if (made === undefined) throw new Error("a workspace that is written to has a row")
  return made.number
}

export const changeCampaign = async (
  session: Session,
  workspaceId: WorkspaceId,
  campaign: Campaign
): Promise<void> => {
  if ((await session.write(change, workspaceId, campaign.id, ...written(campaign))) === 0)
    throw new Refusal("a change names a campaign that exists")
}

/** The numbers of the campaigns that have active enrolments. */
export const activeCampaigns = async (
  session: Session,
  workspaceId: WorkspaceId
): Promise<ReadonlyArray<number>> => (await session.rows(active, workspaceId)).map(({ campaign }) => campaign)

export const countCampaign = async (
  session: Session,
  workspaceId: WorkspaceId,
  campaign: number,
  { active, bounced, delivered, enrolled, hardBounced, opened, pending, replied, sent }: CampaignCounters
): Promise<void> => {
  await session.write(
    count,
    workspaceId,
    campaign,
    enrolled,
    active,
    pending,
    sent,
    delivered,
    opened,
    bounced,
    replied,
    hardBounced
  )
}
