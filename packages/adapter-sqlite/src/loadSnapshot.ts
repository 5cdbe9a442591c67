/**
 * Loads the snapshot that a scope names, set-wise: at most eight statements, whatever the number of addresses, and
 * none for what must be empty. Beside the snapshot it hands out the integer keys that it met, so that the changes
 * of the same step need not look them up again. The caller holds the transaction that makes it one moment.
 */
import {
  type Campaign,
  type CampaignId,
  domainEntryOf,
  type EmailAddress,
  type Enrollment,
  Ids,
  isAddressEntry,
  type Lead,
  type LeadId,
  type Message,
  type MessageId,
  type MessageInContext,
  type MessageName,
  noCounters,
  type Scope,
  type Snapshot,
  type SuppressionEntry,
  type SuppressionRecord,
  type WorkspaceId
} from "@leadterra/core"
import type { StoredCampaign } from "./campaigns.ts"
import { leadOf } from "./leads.ts"
import { messageOf } from "./messages.ts"
import type { Statements } from "./Statements.ts"
import type { SendingRow } from "./sending.ts"
import type { WorkspaceRow } from "./workspaces.ts"

type EmailKey = EmailAddress.EmailKey

/** The keys of rows that were met. */
export interface Rows {
  readonly campaigns: Map<CampaignId, number>
  readonly leads: Map<EmailKey, number>
  /** Of leads whose messages were loaded. */
  readonly leadsById: Map<LeadId, number>
}

/** A snapshot with the keys of its rows. */
export interface Loaded {
  readonly snapshot: Snapshot
  /** Null when nothing has been written to the workspace yet. */
  readonly workspace: WorkspaceRow | null
  readonly rows: Rows
}

export const loadSnapshot = (statements: Statements, scope: Scope): Loaded => {
  const { addresses = [], campaignId, workspaceId } = scope
  const leads = new Map<EmailKey, Lead>()
  const rows: Rows = { campaigns: new Map(), leads: new Map(), leadsById: new Map() }
  const workspace = statements.workspaces.find(workspaceId)
  if (workspace === undefined) return { snapshot: nothing, workspace: null, rows }
  const stored =
    campaignId === undefined ? undefined : statements.campaigns.find(workspace.id, workspaceId, campaignId)
  if (stored !== undefined) rows.campaigns.set(stored.campaign.id, stored.row)
  const byRow = new Map<number, Lead>()
  if (addresses.length > 0) {
    for (const { lead, row } of statements.leads.find(workspace.id, addresses)) {
      leads.set(lead.key, lead)
      rows.leads.set(lead.key, row)
      byRow.set(row, lead)
    }
  }
  const messages = loadMessages(statements, workspace.id, scope, rows)
  const suppressions = new Map<SuppressionEntry, SuppressionRecord>()
  if (workspace.suppressions > 0) {
    const entries = new Set(scope.suppressions)
    for (const { lead } of messages.values()) entries.add(lead.key).add(domainEntryOf(lead.key))
    if (entries.size > 0) {
      for (const found of statements.suppressions.find(workspace.id, [...entries]))
        suppressions.set(found.entry, found)
    }
    const keys = workspace.erased === 0 ? [] : [...entries].filter(isAddressEntry)
    if (keys.length > 0) {
      for (const found of statements.erasures.find(workspace.id, workspaceId, keys))
        suppressions.set(found.entry, found)
    }
  }
  const snapshot: Snapshot = {
    campaign: stored?.campaign ?? null,
    counters: stored?.counters ?? noCounters,
    leads,
    enrollments: loadEnrollments(statements, stored, byRow),
    history: scope.history === true ? loadHistory(statements, stored, byRow) : new Map(),
    messages,
    suppressions,
    suppressionTotal: workspace.suppressions,
    remembered:
      scope.idempotencyKey === undefined ? null : statements.answers.find(workspace.id, scope.idempotencyKey)
  }
  return { snapshot, workspace, rows }
}

const nothing: Snapshot = {
  campaign: null,
  counters: noCounters,
  leads: new Map(),
  enrollments: new Map(),
  history: new Map(),
  messages: new Map(),
  suppressions: new Map(),
  suppressionTotal: 0,
  remembered: null
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

const loadHistory = (
  { messages }: Statements,
  stored: StoredCampaign | undefined,
  leads: ReadonlyMap<number, Lead>
): ReadonlyMap<EmailKey, ReadonlyArray<Message>> => {
  const found = new Map<EmailKey, Array<Message>>()
  if (stored === undefined || leads.size === 0) return found
  for (const row of messages.history(stored.row, [...leads.keys()])) {
    const lead = leads.get(row.lead)
    if (lead === undefined) continue
    const history = found.get(lead.key) ?? []
    history.push(messageOf(row, namesOf(stored.campaign, lead, row.step)))
    found.set(lead.key, history)
  }
  for (const history of found.values()) history.sort((a, b) => a.step - b.step)
  return found
}

const namesOf = (campaign: Campaign, lead: Lead, step: number) => ({
  id: Ids.messageId(campaign.workspaceId, campaign.id, lead.id, step),
  campaignId: campaign.id,
  leadId: lead.id
})

/** A message that was found, with what it is ordered by. */
interface Found {
  readonly row: SendingRow
  readonly campaign: Campaign
}

/** The messages that the scope names and those that are due, the oldest due first. */
const loadMessages = (
  statements: Statements,
  workspace: number,
  { due, messages = [], workspaceId }: Scope,
  rows: Rows
): ReadonlyMap<MessageId, MessageInContext> => {
  const found: Array<Found> = []
  for (const [campaignId, names] of Map.groupBy(
    messagesNamed(messages, workspaceId),
    (it) => it.campaignId
  )) {
    const stored = statements.campaigns.find(workspace, workspaceId, campaignId)
    if (stored === undefined) continue
    rows.campaigns.set(campaignId, stored.row)
    for (const row of statements.sending.named(workspace, stored.row, names))
      found.push({ row, campaign: stored.campaign })
  }
  if (due !== undefined) found.push(...loadDue(statements, workspace, workspaceId, due, rows))
  const loaded = new Map<MessageId, MessageInContext>()
  for (const { campaign, row } of found.sort(byDue)) {
    const lead = leadOf(row)
    const message = messageOf(row, namesOf(campaign, lead, row.step))
    rows.leads.set(lead.key, row.row)
    rows.leadsById.set(lead.id, row.row)
    const enrollment: Enrollment = {
      campaignId: campaign.id,
      leadId: lead.id,
      position: row.position,
      state: row.enrollmentState,
      endReason: row.endReason,
      enrolledAt: row.enrolledAt,
      endedAt: row.endedAt
    }
    loaded.set(message.id, { message, campaign, lead, enrollment })
  }
  return loaded
}

const messagesNamed = (ids: ReadonlyArray<MessageId>, workspaceId: WorkspaceId): ReadonlyArray<MessageName> =>
  ids.flatMap((id) => {
    const name = Ids.parseMessageId(id)
    return name === undefined || name.workspaceId !== workspaceId ? [] : [name]
  })

/** The oldest due first; of one time by campaign, and within it by lead, in the order in which they were made. */
const byDue = (a: Found, b: Found): number =>
  a.row.dueAt - b.row.dueAt ||
  (a.campaign.id < b.campaign.id ? -1 : a.campaign.id > b.campaign.id ? 1 : 0) ||
  a.row.row - b.row.row ||
  a.row.step - b.row.step

/**
 * Takes the running campaigns by when their first message is due, and reads of each no more than can still be among
 * the oldest: what comes after the last one found so far is left alone.
 */
const loadDue = (
  { campaigns, messages, sending }: Statements,
  workspace: number,
  workspaceId: WorkspaceId,
  { at, limit }: { readonly at: number; readonly limit: number },
  rows: Rows
): ReadonlyArray<Found> => {
  const waiting: Array<{ readonly campaign: number; readonly firstDue: number }> = []
  for (const campaign of campaigns.sending(workspace)) {
    messages.release(campaign, at)
    const firstDue = sending.firstDue(campaign, at)
    if (firstDue !== undefined) waiting.push({ campaign, firstDue })
  }
  let found: ReadonlyArray<Found> = []
  for (const { campaign: row, firstDue } of waiting.sort((a, b) => a.firstDue - b.firstDue)) {
    const last = found.length < limit ? at : (found.at(-1)?.row.dueAt ?? at)
    if (firstDue > last) break
    const stored = campaigns.byRow(row, workspaceId)
    if (stored === undefined) continue
    const { campaign } = stored
    rows.campaigns.set(campaign.id, row)
    const more = sending.due(row, last, at, limit).map((row): Found => ({ row, campaign }))
    found = more.length === 0 ? found : [...found, ...more].sort(byDue).slice(0, limit)
  }
  return found
}
