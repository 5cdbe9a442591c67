/**
 * Loads the snapshot that a scope names, set-wise: at most eight statements, whatever the number of addresses, and
 * none for what must be empty. Beside the snapshot it hands out the rows of the campaigns that it met, so that the
 * changes of the same step need not look them up again. The caller holds the transaction that makes it one moment.
 */
import {
  type CampaignId,
  coveringEntries,
  type DueScope,
  type EmailAddress,
  type Enrollment,
  emptySnapshot,
  firstDue,
  Ids,
  isAddressEntry,
  type Lead,
  type Message,
  type MessageId,
  type MessageInContext,
  type Moment,
  momentIn,
  noCounters,
  type Scope,
  type Snapshot,
  type SuppressionEntry,
  type SuppressionRecord,
  type WorkspaceId
} from "@leadterra/core"
import type { StoredCampaign } from "./campaigns.ts"
import { isEnrolled, leadOf, placeOf } from "./leads.ts"
import { messageOf } from "./messages.ts"
import type { Statements } from "./Statements.ts"
import type { Found } from "./sending.ts"
import type { WorkspaceRow } from "./workspaces.ts"

type EmailKey = EmailAddress.EmailKey

/** The rows of the campaigns that were met. Those of leads follow from their ids. */
type CampaignRows = Map<CampaignId, number>

/** A snapshot with the keys of its rows. */
export interface Loaded {
  readonly snapshot: Snapshot
  /** Null when nothing has been written to the workspace yet. */
  readonly workspace: WorkspaceRow | null
  readonly campaigns: CampaignRows
}

export const loadSnapshot = (statements: Statements, scope: Scope): Loaded => {
  const { campaignId, leadIds = [], workspaceId } = scope
  const leads = new Map<EmailKey, Lead>()
  const enrolled = new Set<EmailKey>()
  const byRow = new Map<number, Lead>()
  const campaigns: CampaignRows = new Map()
  const workspace = statements.workspaces.find(workspaceId)
  if (workspace === undefined) return { snapshot: emptySnapshot, workspace: null, campaigns }
  const stored =
    campaignId === undefined ? undefined : statements.campaigns.find(workspace.id, workspaceId, campaignId)
  if (stored !== undefined) campaigns.set(stored.campaign.id, stored.row)
  const named = scope.addresses ?? []
  const addresses =
    leadIds.length === 0 ? named : union(named, statements.leads.keysOf(workspace.id, leadIds))
  if (addresses.length > 0) {
    const found = statements.leads.find(workspace.id, stored?.row ?? noCampaign, addresses)
    const idOf = statements.leadRows.idsOf(found.map(([row]) => row))
    for (const row of found) {
      const key = addresses[placeOf(row)]
      if (key === undefined) continue
      const lead = leadOf(idOf, key, row)
      leads.set(key, lead)
      if (scope.history === true) byRow.set(row[0], lead)
      if (isEnrolled(row)) enrolled.add(key)
    }
  }
  const messages = loadMessages(statements, workspace, scope, campaigns)
  const suppressions = new Map<SuppressionEntry, SuppressionRecord>()
  if (workspace.suppressions > 0) {
    const { erased, id } = workspace
    const covers = [...(scope.covers ?? []), ...Array.from(messages.values(), ({ lead }) => lead.key)]
    // Domains are asked for where the list holds one.
    const asksAll = erased > 0 || (covers.length > 0 && statements.suppressions.hasDomains(id))
    const covering = asksAll ? coveringEntries(covers) : covers
    const entries = [...(scope.suppressions ?? []), ...covering]
    if (entries.length > 0) {
      for (const found of statements.suppressions.find(id, entries)) suppressions.set(found.entry, found)
    }
    const keys = erased === 0 ? [] : entries.filter(isAddressEntry)
    if (keys.length > 0) {
      for (const found of statements.erasures.find(id, workspaceId, keys))
        suppressions.set(found.entry, found)
    }
  }
  const past = scope.history === true ? stored : undefined
  const snapshot: Snapshot = {
    workspace: { testClock: workspace.testClock },
    campaign: stored?.campaign ?? null,
    counters: stored?.counters ?? noCounters,
    leads,
    enrolled,
    enrollments: past === undefined ? emptySnapshot.enrollments : loadEnrollments(statements, past, byRow),
    history: past === undefined ? emptySnapshot.history : loadHistory(statements, past, byRow),
    messages,
    suppressions,
    suppressionTotal: workspace.suppressions,
    idempotency:
      scope.idempotency === undefined
        ? null
        : statements.idempotency.find(workspace.id, workspaceId, scope.idempotency)
  }
  return { snapshot, workspace, campaigns }
}

const union = (one: ReadonlyArray<EmailKey>, other: ReadonlyArray<EmailKey>): ReadonlyArray<EmailKey> => [
  ...new Set([...one, ...other])
]

/** Rows count from 1. */
const noCampaign = 0

const loadEnrollments = (
  { enrollments }: Statements,
  { campaign, row }: StoredCampaign,
  leads: ReadonlyMap<number, Lead>
): ReadonlyMap<EmailKey, Enrollment> => {
  const found = new Map<EmailKey, Enrollment>()
  for (const [position, state, endReason, enrolledAt, endedAt, repliedAt, of] of enrollments.find(row, [
    ...leads.keys()
  ])) {
    const lead = leads.get(of)
    if (lead === undefined) continue
    const names = { campaignId: campaign.id, leadId: lead.id }
    found.set(lead.key, { ...names, position, state, endReason, enrolledAt, endedAt, repliedAt })
  }
  return found
}

const loadHistory = (
  { messages }: Statements,
  stored: StoredCampaign,
  leads: ReadonlyMap<number, Lead>
): ReadonlyMap<EmailKey, ReadonlyArray<Message>> => {
  const found = new Map<EmailKey, Array<Message>>()
  const { id: campaignId, workspaceId } = stored.campaign
  for (const row of messages.history(stored.row, [...leads.keys()])) {
    const lead = leads.get(row[14])
    if (lead === undefined) continue
    const history = found.get(lead.key) ?? []
    const id = Ids.messageId(workspaceId, campaignId, lead.id, row[0])
    history.push(messageOf({ id, campaignId, leadId: lead.id }, row))
    found.set(lead.key, history)
  }
  for (const history of found.values()) history.sort((a, b) => a.step - b.step)
  return found
}

/** The messages that the scope names and those that are due, the oldest due first. */
const loadMessages = (
  statements: Statements,
  { id: workspace, testClock }: WorkspaceRow,
  { due, messages = [], workspaceId }: Scope,
  campaigns: CampaignRows
): ReadonlyMap<MessageId, MessageInContext> => {
  const found: Array<Found> = []
  for (const [campaignId, steps] of placesOf(statements, workspace, workspaceId, messages)) {
    const stored = statements.campaigns.find(workspace, workspaceId, campaignId)
    if (stored === undefined) continue
    campaigns.set(campaignId, stored.row)
    for (const [step, leads] of steps)
      found.push(...statements.sending.named(stored.row, stored.campaign, step, leads))
  }
  if (due !== undefined) {
    const { now, realNow } = momentIn({ workspace: { testClock } }, due.at)
    found.push(...loadDue(statements, { workspace, workspaceId, now, realNow }, due, campaigns))
  }
  const loaded = new Map<MessageId, MessageInContext>()
  for (const each of found.sort(byDue)) loaded.set(each.message.id, each)
  return loaded
}

/** Where messages are looked for: by campaign and step, the rows of leads. Of those that cannot exist there is none. */
const placesOf = (
  { leadRows }: Statements,
  workspace: number,
  workspaceId: WorkspaceId,
  ids: ReadonlyArray<MessageId>
): ReadonlyMap<CampaignId, ReadonlyMap<number, ReadonlyArray<number>>> => {
  const places = new Map<CampaignId, Map<number, Array<number>>>()
  for (const id of ids) {
    const name = Ids.parseMessageId(id)
    if (name === undefined || name.workspaceId !== workspaceId) continue
    const lead = leadRows.rowOf(workspace, name.leadId)
    if (lead === undefined) continue
    const steps = places.get(name.campaignId) ?? new Map<number, Array<number>>()
    const leads = steps.get(name.step)
    if (leads !== undefined) leads.push(lead)
    else places.set(name.campaignId, steps.set(name.step, [lead]))
  }
  return places
}

/** The oldest due first; of one time by campaign, and within it by lead, in the order in which they were made. */
const byDue = (a: Found, b: Found): number =>
  a.message.dueAt - b.message.dueAt ||
  (a.campaign.id < b.campaign.id ? -1 : a.campaign.id > b.campaign.id ? 1 : 0) ||
  a.row - b.row ||
  a.message.step - b.message.step

/**
 * Takes the running campaigns by when their first message is due, and reads of each no more than can still be among
 * the oldest: what comes after the last one found so far is left alone. Campaigns that are left alone are not loaded.
 */
const loadDue = (
  { campaigns, messages, sending }: Statements,
  {
    now,
    realNow,
    workspace,
    workspaceId
  }: Moment & { readonly workspace: number; readonly workspaceId: WorkspaceId },
  bounds: Omit<DueScope, "at">,
  met: CampaignRows
): ReadonlyArray<Found> => {
  const waiting: Array<WaitingCampaign> = []
  for (const { campaignId, id } of campaigns.sending(workspace)) {
    messages.release(id, realNow)
    const dueAt = sending.firstDue(id, now)
    if (dueAt !== undefined) waiting.push({ row: id, campaignId, dueAt })
  }
  let found: ReadonlyArray<Found> = []
  /** Messages after this one are not among the oldest. */
  let last: Found | undefined
  for (const each of waiting.sort(byFirstDue)) {
    if (last !== undefined && byFirstDue(each, last.message) > 0) break
    const stored = campaigns.byRow(each.row, workspaceId)
    if (stored === undefined) continue
    const { campaign, row } = stored
    const more = sending.due(row, campaign, last?.message.dueAt ?? now, realNow, bounds.limit)
    if (more.length === 0) continue
    met.set(campaign.id, row)
    const all = [...found, ...more].sort(byDue)
    found = firstDue(all, bounds)
    last = (found.length < bounds.limit ? all[found.length] : found.at(-1)) ?? last
  }
  return found
}

/** A campaign and when its first message is due. */
interface WaitingCampaign {
  readonly row: number
  readonly campaignId: CampaignId
  readonly dueAt: number
}

const byFirstDue = (a: Omit<WaitingCampaign, "row">, b: Omit<WaitingCampaign, "row">): number =>
  a.dueAt - b.dueAt || (a.campaignId < b.campaignId ? -1 : a.campaignId > b.campaignId ? 1 : 0)
