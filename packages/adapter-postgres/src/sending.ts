/**
 * The statements that find messages together with lead and enrolment: those that reports name, and those that can be claimed.
 * What is due is found campaign by campaign, along an index that ends in the due time, so that a claim reads what it hands out,
 * and nothing of campaigns that are paused.
 */
import type { CampaignId, WorkspaceId } from "@leadterra/core"
import { type EnrollmentRow, enrollmentColumns } from "./enrollments.ts"
import { type LeadRow, leadBy, leadColumns } from "./leads.ts"
import { changing, type MessageRow, messageColumns } from "./messages.ts"
import { statement } from "./Session.ts"

/** A message beside its lead and its enrolment. */
export type SendingRow = MessageRow & LeadRow & EnrollmentRow

const columns = `${messageColumns}, ${leadColumns}, ${enrollmentColumns}`
const beside = `CROSS JOIN LATERAL (
     SELECT * FROM enrollment WHERE workspace = $1 AND campaign = $2 AND lead = m.lead OFFSET 0
   ) AS e
   CROSS JOIN LATERAL ${leadBy("m.lead")} AS l`

/** Messages of one campaign and step. */
export const namedMessages = statement<SendingRow>(
  `SELECT ${columns} FROM unnest($4::bigint[]) AS k (lead)
   CROSS JOIN LATERAL (
     SELECT * FROM message WHERE workspace = $1 AND campaign = $2 AND lead = k.lead AND step = $3 OFFSET 0
   ) AS m ${beside}`
)

/** A lease that a clock gone back has not yet ended may stand among what is queued. */
export const dueMessages = statement<SendingRow>(
  `SELECT ${columns} FROM (
     SELECT * FROM message
     WHERE workspace = $1 AND campaign = $2 AND state = 'queued' AND due_at <= $3
       AND (leased_until IS NULL OR leased_until <= $4)
     ORDER BY due_at, lead LIMIT $5
   ) AS m ${beside}`
)

/** The campaigns of a workspace that send. */
const sending = "c.workspace = $1 AND c.status = 'running' AND c.pending > 0"

/** Puts what leases have run out on back among what is due: for the index alone, the token stays. */
export const releaseMessages = statement(
  `INSERT INTO message (workspace, campaign, lead, step, due_at)
   SELECT $1, v.campaign, v.lead, v.step, 0 FROM campaign AS c
   CROSS JOIN LATERAL (
     SELECT campaign, lead, step FROM message
     WHERE workspace = $1 AND campaign = c.number AND state = 'leased' AND leased_until <= $2 OFFSET 0
   ) AS v
   WHERE ${sending} ${changing} state = 'queued'`
)

/** When the first message of each campaign that has one is due. */
export const firstDueTimes = statement<{
  readonly number: number
  readonly campaignId: CampaignId
  readonly dueAt: number
}>(
  `SELECT c.number, c.id AS "campaignId", f.due_at AS "dueAt" FROM campaign AS c
   CROSS JOIN LATERAL (
     SELECT due_at FROM message
     WHERE workspace = $1 AND campaign = c.number AND state = 'queued' AND due_at <= $2 ORDER BY due_at LIMIT 1
   ) AS f
   WHERE ${sending} ORDER BY f.due_at, c.id`
)

/** The one statement that looks into all workspaces: it finds the live ones among those that have something due. */
export const workspacesDue = statement<{ readonly workspace: WorkspaceId }>(
  `SELECT d.workspace FROM (
     SELECT DISTINCT c.workspace FROM campaign AS c CROSS JOIN LATERAL (
       (SELECT FROM message AS m WHERE m.workspace = c.workspace AND m.campaign = c.number AND m.state = 'queued'
          AND m.due_at <= $1 AND (m.leased_until IS NULL OR m.leased_until <= $1) LIMIT 1)
       UNION ALL
       (SELECT FROM message AS m WHERE m.workspace = c.workspace AND m.campaign = c.number AND m.state = 'leased'
          AND m.leased_until <= $1 AND m.due_at <= $1 LIMIT 1)
     ) AS m
     WHERE c.status = 'running' AND c.pending > 0
   ) AS d
   CROSS JOIN LATERAL (
     SELECT FROM workspace WHERE workspace = d.workspace AND test_clock IS NULL OFFSET 0
   ) AS w
   ORDER BY d.workspace`
)
