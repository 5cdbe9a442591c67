/**
 * Loads the snapshot that a scope names, set-wise: at most six statements, whatever the number of addresses, and
 * none for what must be empty. Beside the snapshot it hands out the integer keys that it met, so that the changes
 * of the same step need not look them up again. The caller holds the transaction that makes it one moment.
 */
import {
  type CampaignId,
  type EmailAddress,
  type Enrollment,
  Ids,
  type Lead,
  noCounters,
  type PendingMessage,
  type Scope,
  type Snapshot,
  type SuppressionEntry,
  type SuppressionRecord
} from "@leadterra/core"
import type { StoredCampaign } from "./campaigns.ts"
import type { Statements } from "./Statements.ts"

type EmailKey = EmailAddress.EmailKey

/** A snapshot with the keys of its rows. */
export interface Loaded {
  readonly snapshot: Snapshot
  /** Null when nothing has been written to the workspace yet. */
  readonly workspaceRow: number | null
  readonly campaignRows: Map<CampaignId, number>
  readonly leadRows: Map<EmailKey, number>
}

export const loadSnapshot = (statements: Statements, scope: Scope): Loaded => {
  const { addresses = [], campaignId, workspaceId } = scope
  const leads = new Map<EmailKey, Lead>()
  const leadRows = new Map<EmailKey, number>()
  const campaignRows = new Map<CampaignId, number>()
  const workspace = statements.workspaces.find(workspaceId)
  if (workspace === undefined) return { snapshot: nothing, workspaceRow: null, campaignRows, leadRows }
  const stored =
    campaignId === undefined ? undefined : statements.campaigns.find(workspace.id, workspaceId, campaignId)
  if (stored !== undefined) campaignRows.set(stored.campaign.id, stored.row)
  const byRow = new Map<number, Lead>()
  if (addresses.length > 0) {
    for (const { lead, row } of statements.leads.find(workspace.id, addresses)) {
      leads.set(lead.key, lead)
      leadRows.set(lead.key, row)
      byRow.set(row, lead)
    }
  }
  const suppressions = new Map<SuppressionEntry, SuppressionRecord>()
  if (workspace.suppressions > 0 && scope.suppressions !== undefined && scope.suppressions.length > 0) {
    for (const found of statements.suppressions.find(workspace.id, scope.suppressions)) {
      suppressions.set(found.entry, found)
    }
  }
  const snapshot: Snapshot = {
    campaign: stored?.campaign ?? null,
    counters: stored?.counters ?? noCounters,
    leads,
    enrollments: loadEnrollments(statements, stored, byRow),
    pending: scope.pending === true ? loadPending(statements, stored, byRow) : new Map(),
    suppressions,
    suppressionTotal: workspace.suppressions
  }
  return { snapshot, workspaceRow: workspace.id, campaignRows, leadRows }
}

const nothing: Snapshot = {
  campaign: null,
  counters: noCounters,
  leads: new Map(),
  enrollments: new Map(),
  pending: new Map(),
  suppressions: new Map(),
  suppressionTotal: 0
}

const loadEnrollments = (
  { enrollments }: Statements,
  stored: StoredCampaign | undefined,
  leads: ReadonlyMap<number, Lead>
): ReadonlyMap<EmailKey, Enrollment> => {
  const found = new Map<EmailKey, Enrollment>()
  if (stored === undefined || leads.size === 0) return found
  const { id: campaignId } = stored.campaign
  for (const row of enrollments.find(stored.row, [...leads.keys()])) {
    const lead = leads.get(row.lead)
    if (lead === undefined) continue
    const { endReason, endedAt, enrolledAt, position, state } = row
    found.set(lead.key, {
      campaignId,
      leadId: lead.id,
      position,
      state,
      endReason,
      enrolledAt,
      endedAt
    })
  }
  return found
}

const loadPending = (
  { messages }: Statements,
  stored: StoredCampaign | undefined,
  leads: ReadonlyMap<number, Lead>
): ReadonlyMap<EmailKey, PendingMessage> => {
  const found = new Map<EmailKey, PendingMessage>()
  if (stored === undefined || leads.size === 0) return found
  const { id: campaignId, workspaceId } = stored.campaign
  for (const { dueAt, lead: row, step } of messages.find(stored.row, [...leads.keys()])) {
    const lead = leads.get(row)
    if (lead === undefined) continue
    const id = Ids.messageId(workspaceId, campaignId, lead.id, step)
    found.set(lead.key, { id, step, dueAt })
  }
  return found
}
