/**
 * The statements that find messages together with lead and enrolment: those that reports name, and those that can be
 * claimed. What is due is found campaign by campaign, along an index that ends in the due time, so that a claim reads
 * what it hands out, and nothing of campaigns that are paused.
 */
import type { EndReason, EnrollmentState, MessageName, WorkspaceId } from "@leadterra/core"
import type { Database } from "better-sqlite3"
import { type LeadRow, leadColumns, publicIdOf } from "./leads.ts"
import { type MessageRow, messageColumns } from "./messages.ts"

/** A message beside its lead and its enrolment. */
export interface SendingRow extends MessageRow, LeadRow {
  readonly position: number
  readonly enrollmentState: EnrollmentState
  readonly endReason: EndReason | null
  readonly enrolledAt: number
  readonly endedAt: number | null
}

const columns = `${messageColumns}, ${leadColumns}, e.position, e.state AS enrollmentState,
  e.end_reason AS endReason, e.enrolled_at AS enrolledAt, e.ended_at AS endedAt`

export const namedSql = `SELECT ${columns} FROM json_each(?) AS k
  CROSS JOIN lead AS l ON l.workspace = ? AND l.public_id = json_extract(k.value, '$[0]')
  CROSS JOIN message AS m ON m.campaign = ? AND m.lead = l.id AND m.step = json_extract(k.value, '$[1]')
  CROSS JOIN enrollment AS e ON e.campaign = m.campaign AND e.lead = m.lead`

/** A lease that a clock gone back has not yet ended may stand among what is queued. */
export const dueSql = `SELECT ${columns} FROM message AS m
  CROSS JOIN enrollment AS e ON e.campaign = m.campaign AND e.lead = m.lead
  CROSS JOIN lead AS l ON l.id = m.lead
  WHERE m.campaign = ? AND m.state = 'queued' AND m.due_at <= ? AND (m.leased_until IS NULL OR m.leased_until <= ?)
  ORDER BY m.due_at, m.lead LIMIT ?`

export const firstDueSql = `SELECT due_at FROM message WHERE campaign = ? AND state = 'queued' AND due_at <= ?
  ORDER BY due_at LIMIT 1`

export const workspacesDueSql = `SELECT DISTINCT w.name FROM campaign AS c CROSS JOIN workspace AS w ON w.id = c.workspace
  WHERE c.status = 'running' AND c.pending > 0 AND (
    EXISTS (SELECT 1 FROM message AS m WHERE m.campaign = c.id AND m.state = 'queued' AND m.due_at <= :at
      AND (m.leased_until IS NULL OR m.leased_until <= :at))
    OR EXISTS (SELECT 1 FROM message AS m WHERE m.campaign = c.id AND m.state = 'leased' AND m.leased_until <= :at
      AND m.due_at <= :at))
  ORDER BY w.name`

export const sendingStatements = (db: Database) => {
  const named = db.prepare<[string, number, number], SendingRow>(namedSql)
  const due = db.prepare<[number, number, number, number], SendingRow>(dueSql)
  const firstDue = db.prepare<[number, number], number>(firstDueSql).pluck()
  const workspacesDue = db.prepare<[{ at: number }], WorkspaceId>(workspacesDueSql).pluck()
  return {
    named: (
      workspace: number,
      campaign: number,
      names: ReadonlyArray<MessageName>
    ): ReadonlyArray<SendingRow> =>
      named.all(
        JSON.stringify(names.map(({ leadId, step }) => [publicIdOf(leadId), step])),
        workspace,
        campaign
      ),
    /** The messages of one campaign that are due until a time and free at another, the oldest due first. */
    due: (campaign: number, until: number, at: number, limit: number): ReadonlyArray<SendingRow> =>
      due.all(campaign, until, at, limit),
    /** When the first message of a campaign is due, if one is. */
    firstDue: (campaign: number, at: number): number | undefined => firstDue.get(campaign, at),
    workspacesDue: (at: number): ReadonlyArray<WorkspaceId> => workspacesDue.all({ at })
  }
}
