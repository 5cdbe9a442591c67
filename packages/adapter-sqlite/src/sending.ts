/**
 * The statements that find messages together with lead and enrolment: those that reports name, and those that can be
 * claimed. What is due is found campaign by campaign, along an index that ends in the due time, so that a claim reads
 * what it hands out, and nothing of campaigns that are paused.
 */
import {
  type Campaign,
  type EmailAddress,
  type Enrollment,
  Ids,
  type MessageInContext,
  type WorkspaceId
} from "@leadterra/core"
import type { Database } from "better-sqlite3"
import { type EnrollmentRow, enrollmentColumns } from "./enrollments.ts"
import type { IdOf, LeadRows } from "./leadRows.ts"
import { type LeadRow, leadColumns, leadOf } from "./leads.ts"
import { type MessageRow, messageColumns, messageOf } from "./messages.ts"

/** A message beside its lead and its enrolment. */
type SendingRow = [...MessageRow, ...LeadRow, key: EmailAddress.EmailKey, ...EnrollmentRow]

/** The index of the first column of the lead: after the columns of the message. */
const leadAt = 14

/** A message that was found, with the row of its lead, by which those of one time are ordered. */
export interface Found extends MessageInContext {
  readonly row: number
}

const columns = `${messageColumns}, ${leadColumns}, l.key, ${enrollmentColumns}`

const foundOf = (idOf: IdOf, campaign: Campaign, row: SendingRow): Found => {
  const lead = leadOf(idOf, row[23], [
    row[14],
    row[15],
    row[16],
    row[17],
    row[18],
    row[19],
    row[20],
    row[21],
    row[22]
  ])
  const names = {
    id: Ids.messageId(campaign.workspaceId, campaign.id, lead.id, row[0]),
    campaignId: campaign.id,
    leadId: lead.id
  }
  const enrollment: Enrollment = {
    campaignId: campaign.id,
    leadId: lead.id,
    position: row[24],
    state: row[25],
    endReason: row[26],
    enrolledAt: row[27],
    endedAt: row[28],
    repliedAt: row[29]
  }
  return { row: row[leadAt], campaign, lead, message: messageOf(names, row), enrollment }
}

export const namedSql = `SELECT ${columns} FROM json_each(?) AS k
  CROSS JOIN message AS m ON m.campaign = ? AND m.lead = k.value AND m.step = ?
  CROSS JOIN enrollment AS e ON e.campaign = m.campaign AND e.lead = m.lead
  CROSS JOIN lead AS l ON l.id = m.lead`

/** A lease that a clock gone back has not yet ended may stand among what is queued. */
export const dueSql = `SELECT ${columns} FROM message AS m
  CROSS JOIN enrollment AS e ON e.campaign = m.campaign AND e.lead = m.lead
  CROSS JOIN lead AS l ON l.id = m.lead
  WHERE m.campaign = ? AND m.state = 'queued' AND m.due_at <= ? AND (m.leased_until IS NULL OR m.leased_until <= ?)
  ORDER BY m.due_at, m.lead LIMIT ?`

export const firstDueSql = `SELECT due_at FROM message WHERE campaign = ? AND state = 'queued' AND due_at <= ?
  ORDER BY due_at LIMIT 1`

export const workspacesDueSql = `SELECT DISTINCT w.name FROM campaign AS c CROSS JOIN workspace AS w ON w.id = c.workspace
  WHERE w.test_clock IS NULL AND c.status = 'running' AND c.pending > 0 AND (
    EXISTS (SELECT 1 FROM message AS m WHERE m.campaign = c.id AND m.state = 'queued' AND m.due_at <= :at
      AND (m.leased_until IS NULL OR m.leased_until <= :at))
    OR EXISTS (SELECT 1 FROM message AS m WHERE m.campaign = c.id AND m.state = 'leased' AND m.leased_until <= :at
      AND m.due_at <= :at))
  ORDER BY w.name`

export const sendingStatements = (db: Database, rows: LeadRows) => {
  const named = db.prepare<[string, number, number], SendingRow>(namedSql).raw()
  const due = db.prepare<[number, number, number, number], SendingRow>(dueSql).raw()
  const firstDue = db.prepare<[number, number], number>(firstDueSql).pluck()
  const workspacesDue = db.prepare<[{ at: number }], WorkspaceId>(workspacesDueSql).pluck()
  const allOf = (campaign: Campaign, found: ReadonlyArray<SendingRow>): ReadonlyArray<Found> => {
    const idOf = rows.idsOf(found.map((row) => row[leadAt]))
    return found.map((row) => foundOf(idOf, campaign, row))
  }
  return {
    /** The messages of one campaign and step for these leads. */
    named: (
      row: number,
      campaign: Campaign,
      step: number,
      leads: ReadonlyArray<number>
    ): ReadonlyArray<Found> => allOf(campaign, named.all(JSON.stringify(leads), row, step)),
    /** The messages of one campaign that are due until a time and free at another, the oldest due first. */
    due: (row: number, campaign: Campaign, until: number, at: number, limit: number): ReadonlyArray<Found> =>
      allOf(campaign, due.all(row, until, at, limit)),
    /** When the first message of a campaign is due, if one is. */
    firstDue: (campaign: number, at: number): number | undefined => firstDue.get(campaign, at),
    /** The live workspaces with a message that can be claimed. */
    workspacesDue: (at: number): ReadonlyArray<WorkspaceId> => workspacesDue.all({ at })
  }
}
