/** The statements on campaigns. Their steps are one JSON text; their counters move in one place, `count`. */
import type { Campaign, CampaignCounters, CampaignId, SequenceStep, WorkspaceId } from "@leadterra/core"
import { addCounters, noCounters } from "@leadterra/core"
import type { Database } from "better-sqlite3"
import { Refusal } from "./failure.ts"

interface CampaignRow extends CampaignCounters {
  readonly id: number
  readonly publicId: CampaignId
  readonly name: string
  readonly status: Campaign["status"]
  readonly steps: string
  readonly createdAt: number
  readonly startedAt: number | null
  readonly pausedAt: number | null
}

/** A campaign with its counters and the key of its row. */
export interface StoredCampaign {
  readonly row: number
  readonly campaign: Campaign
  readonly counters: CampaignCounters
}

const columns = `id, public_id AS publicId, name, status, steps, created_at AS createdAt, started_at AS startedAt,
  paused_at AS pausedAt, enrolled, active, pending, sent, delivered, opened, bounced, hard_bounced AS hardBounced, replied`

const parseSteps = (json: string): ReadonlyArray<SequenceStep> => JSON.parse(json)

const campaignOf = (row: CampaignRow, workspaceId: WorkspaceId): Campaign => ({
  id: row.publicId,
  workspaceId,
  name: row.name,
  status: row.status,
  steps: parseSteps(row.steps),
  createdAt: row.createdAt,
  startedAt: row.startedAt,
  pausedAt: row.pausedAt
})

const storedOf = (row: CampaignRow, workspaceId: WorkspaceId): StoredCampaign => ({
  row: row.id,
  campaign: campaignOf(row, workspaceId),
  counters: addCounters(noCounters, row)
})

/** A running campaign by its row and its id. */
interface SendingCampaign {
  readonly id: number
  readonly campaignId: CampaignId
}

/** Exported for the test of its plan: a claim walks past no campaign that holds its messages. */
export const sendingSql = `SELECT id, public_id AS campaignId FROM campaign
  WHERE workspace = ? AND status = 'running' AND pending > 0`

export const campaignStatements = (db: Database) => {
  const find = db.prepare<[number, CampaignId], CampaignRow>(
    `SELECT ${columns} FROM campaign WHERE workspace = ? AND public_id = ?`
  )
  const page = db.prepare<[number, string, number], CampaignRow>(
    `SELECT ${columns} FROM campaign WHERE workspace = ? AND public_id > ? ORDER BY public_id LIMIT ?`
  )
  const rowOf = db
    .prepare<[number, CampaignId], number>("SELECT id FROM campaign WHERE workspace = ? AND public_id = ?")
    .pluck()
  const rows = db
    .prepare<[number], number>("SELECT id FROM campaign WHERE workspace = ? AND active > 0")
    .pluck()
  const insert = db.prepare(
    `INSERT INTO campaign (workspace, public_id, name, status, steps, created_at, started_at, paused_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
  )
  const update = db.prepare(
    `UPDATE campaign SET name = ?, status = ?, steps = ?, created_at = ?, started_at = ?, paused_at = ?
     WHERE workspace = ? AND public_id = ?`
  )
  const byRow = db.prepare<[number], CampaignRow>(`SELECT ${columns} FROM campaign WHERE id = ?`)
  const sending = db.prepare<[number], SendingCampaign>(sendingSql)
  const count = db.prepare(
    `UPDATE campaign SET enrolled = enrolled + ?, active = active + ?, pending = pending + ?, sent = sent + ?,
       delivered = delivered + ?, opened = opened + ?, bounced = bounced + ?, hard_bounced = hard_bounced + ?,
       replied = replied + ? WHERE id = ?`
  )
  return {
    find: (workspace: number, workspaceId: WorkspaceId, id: CampaignId): StoredCampaign | undefined => {
      const row = find.get(workspace, id)
      return row === undefined ? undefined : storedOf(row, workspaceId)
    },
    byRow: (row: number, workspaceId: WorkspaceId): StoredCampaign | undefined => {
      const found = byRow.get(row)
      return found === undefined ? undefined : storedOf(found, workspaceId)
    },
    /** The running campaigns that have messages pending. */
    sending: (workspace: number): ReadonlyArray<SendingCampaign> => sending.all(workspace),
    /** In the order of their ids; every id sorts after the empty text. */
    page: (
      workspace: number,
      workspaceId: WorkspaceId,
      after: string,
      limit: number
    ): ReadonlyArray<Campaign> =>
      page.all(workspace, after, limit).map((row) => campaignOf(row, workspaceId)),
    rowOf: (workspace: number, id: CampaignId): number | undefined => rowOf.get(workspace, id),
    /** The campaigns that have active enrolments. */
    active: (workspace: number): ReadonlyArray<number> => rows.all(workspace),
    create: (
      workspace: number,
      { createdAt, id, name, pausedAt, startedAt, status, steps }: Campaign
    ): void => {
      insert.run(workspace, id, name, status, JSON.stringify(steps), createdAt, startedAt, pausedAt)
    },
    change: (
      workspace: number,
      { createdAt, id, name, pausedAt, startedAt, status, steps }: Campaign
    ): void => {
      const json = JSON.stringify(steps)
      const { changes } = update.run(name, status, json, createdAt, startedAt, pausedAt, workspace, id)
      if (changes === 0) throw new Refusal("a change names a campaign that exists")
    },
    count: (row: number, by: CampaignCounters): void => {
      const { active, bounced, delivered, enrolled, hardBounced, opened, pending, replied, sent } = by
      count.run(enrolled, active, pending, sent, delivered, opened, bounced, hardBounced, replied, row)
    }
  }
}
