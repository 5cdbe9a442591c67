/**
 * Loads the snapshot that a scope names, set-wise: a handful of statements, whatever the number of addresses, and none for what
 * must be empty. Beside the snapshot it hands out the numbers that it met, so that the changes of the same step need not
 * look them up again. The caller holds the transaction.
 */
import {
  type CampaignId,
  coveringEntries,
  type EmailAddress,
  type Enrollment,
  emptySnapshot,
  type IdempotencyRecord,
  isAddressEntry,
  type Lead,
  type Message,
  noCounters,
  type Scope,
  type Snapshot,
  type SuppressionEntry,
  type SuppressionRecord
} from "@leadterra/core"
import { findCampaigns, type StoredCampaign } from "./campaigns.ts"
import { enrollmentOf, findEnrollments } from "./enrollments.ts"
import { findErasures } from "./erasures.ts"
import { findIdempotency } from "./idempotency.ts"
import type { LeadBatches } from "./leadBatches.ts"
import { findLeads, keysOfNumbers, type LeadRow, leadOf } from "./leads.ts"
import { LoadingMessages } from "./loadMessages.ts"
import { findHistory, messageOf, namesOf } from "./messages.ts"
import type { Session } from "./Session.ts"
import { anyDomain, findSuppressions } from "./suppressions.ts"
import type { WorkspaceRow } from "./workspaces.ts"

type EmailKey = EmailAddress.EmailKey

/** A snapshot, and the numbers of what it shows. */
export interface Loaded {
  readonly snapshot: Snapshot
  readonly workspace: WorkspaceRow
  readonly batches: LeadBatches
  readonly campaigns: Map<CampaignId, number>
  readonly leads: Map<EmailKey, number>
}

/** The snapshot of a decision that has just made its workspace. */
export const nothingLoaded = (workspace: WorkspaceRow, batches: LeadBatches): Loaded => ({
  snapshot: emptySnapshot,
  workspace,
  batches,
  campaigns: new Map(),
  leads: new Map()
})

/** What a snapshot shows of a campaign and of addresses. */
type Shown = Pick<Snapshot, "campaign" | "counters" | "leads" | "enrolled" | "enrollments" | "history">

/** Numbers count from 1. */
const noCampaign = 0

export class Loading {
  private readonly session: Session
  private readonly batches: LeadBatches
  private readonly scope: Scope
  private readonly campaigns = new Map<CampaignId, number>()
  private readonly numbers = new Map<EmailKey, number>()

  constructor(session: Session, batches: LeadBatches, scope: Scope) {
    this.session = session
    this.batches = batches
    this.scope = scope
  }

  /** Loads it as it is once the workspace is found; undefined where there is none. */
  async load(find: () => Promise<WorkspaceRow | undefined>): Promise<Loaded | undefined> {
    const { batches, campaigns, numbers, session } = this
    const [beside, shown] = await session.both(
      async () => this.ofWorkspace(await find()),
      () => this.ofCampaign()
    )
    if (beside === undefined) return undefined
    const { idempotency, suppressions, workspace } = beside
    const messages = await new LoadingMessages(session, batches, this.scope, campaigns).load(workspace)
    const recipients = Array.from(messages.values(), ({ lead }) => lead.key)
    for (const [entry, each] of await this.suppressions(workspace, [], recipients))
      suppressions.set(entry, each)
    const suppressionTotal = workspace.suppressions
    const { testClock } = workspace
    const snapshot: Snapshot = {
      workspace: { testClock },
      ...shown,
      messages,
      suppressions,
      suppressionTotal,
      idempotency
    }
    return { snapshot, workspace, batches, campaigns, leads: numbers }
  }

  /** What the workspace holds beside its leads. */
  private async ofWorkspace(workspace: WorkspaceRow | undefined) {
    if (workspace === undefined) return undefined
    const { covers = [], suppressions = [] } = this.scope
    return {
      workspace,
      suppressions: await this.suppressions(workspace, suppressions, covers),
      idempotency: await this.idempotency(workspace.secret)
    }
  }

  /** The campaign, and what it and the workspace hold of the addresses. */
  private async ofCampaign(): Promise<Shown> {
    const { campaignId, history } = this.scope
    const stored = campaignId === undefined ? undefined : await this.campaign(campaignId)
    const leads = new Map<EmailKey, Lead>()
    const enrolled = new Set<EmailKey>()
    await this.loadLeads(stored, leads, enrolled)
    const past = history === true && leads.size > 0 ? stored : undefined
    const byNumber = past === undefined ? new Map<number, Lead>() : this.byNumber(leads)
    return {
      campaign: stored?.campaign ?? null,
      counters: stored?.counters ?? noCounters,
      leads,
      enrolled,
      enrollments: past === undefined ? emptySnapshot.enrollments : await this.enrollments(past, byNumber),
      history: past === undefined ? emptySnapshot.history : await this.history(past, byNumber)
    }
  }

  private async idempotency(secret: string): Promise<IdempotencyRecord | null> {
    const { idempotency, workspaceId } = this.scope
    return idempotency === undefined ? null : findIdempotency(this.session, workspaceId, secret, idempotency)
  }

  private async campaign(id: CampaignId): Promise<StoredCampaign | undefined> {
    const [stored] = await findCampaigns(this.session, this.scope.workspaceId, [id])
    if (stored !== undefined) this.campaigns.set(id, stored.number)
    return stored
  }

  private async loadLeads(
    stored: StoredCampaign | undefined,
    leads: Map<EmailKey, Lead>,
    enrolled: Set<EmailKey>
  ): Promise<void> {
    const { workspaceId } = this.scope
    const addresses = await this.addresses()
    if (addresses.length === 0) return
    const found = await this.session.rows(findLeads, workspaceId, stored?.number ?? noCampaign, addresses)
    await this.batches.meet(found.map(({ lead }) => lead))
    const byKey = new Map(found.map((row) => [row.key, row]))
    for (const key of addresses) {
      const row = byKey.get(key)
      if (row === undefined) continue
      leads.set(key, leadOf(this.batches.idOf(row.lead), row))
      this.numbers.set(key, row.lead)
      if (row.enrolled) enrolled.add(key)
    }
  }

  /** The addresses that the scope names, by themselves or by the ids of leads. */
  private async addresses(): Promise<ReadonlyArray<EmailKey>> {
    const { addresses = [], leadIds = [], workspaceId } = this.scope
    if (leadIds.length === 0) return addresses
    await this.batches.meetIds(leadIds)
    const numbers = leadIds.flatMap((id) => this.batches.numberOf(id) ?? [])
    const found = await this.session.rows(keysOfNumbers, workspaceId, numbers)
    return [...new Set([...addresses, ...found.map(({ key }) => key)])]
  }

  private async enrollments(
    { campaign, number }: StoredCampaign,
    byNumber: ReadonlyMap<number, Lead>
  ): Promise<ReadonlyMap<EmailKey, Enrollment>> {
    const rows = await this.session.rows(findEnrollments, this.scope.workspaceId, number, [
      ...byNumber.keys()
    ])
    const found = new Map<EmailKey, Enrollment>()
    for (const row of rows) {
      const lead = byNumber.get(row.lead)
      if (lead !== undefined)
        found.set(lead.key, enrollmentOf({ campaignId: campaign.id, leadId: lead.id }, row))
    }
    return found
  }

  private async history(
    { campaign, number }: StoredCampaign,
    byNumber: ReadonlyMap<number, Lead>
  ): Promise<ReadonlyMap<EmailKey, ReadonlyArray<Message>>> {
    const { workspaceId } = this.scope
    const rows = await this.session.rows(findHistory, workspaceId, number, [...byNumber.keys()])
    const found = new Map<EmailKey, Array<Message>>()
    for (const row of rows) {
      const lead = byNumber.get(row.lead)
      if (lead === undefined) continue
      const history = found.get(lead.key) ?? []
      history.push(messageOf(namesOf(campaign, lead, row.step), row))
      found.set(lead.key, history)
    }
    for (const history of found.values()) history.sort((a, b) => a.step - b.step)
    return found
  }

  private byNumber(leads: ReadonlyMap<EmailKey, Lead>): ReadonlyMap<number, Lead> {
    const found = new Map<number, Lead>()
    for (const [key, lead] of leads) {
      const number = this.numbers.get(key)
      if (number !== undefined) found.set(number, lead)
    }
    return found
  }

  /** These entries of the list, and those that cover these addresses. */
  private async suppressions(
    workspace: WorkspaceRow,
    named: ReadonlyArray<SuppressionEntry>,
    covers: ReadonlyArray<EmailKey>
  ): Promise<Map<SuppressionEntry, SuppressionRecord>> {
    const { session } = this
    const { workspaceId } = this.scope
    const found = new Map<SuppressionEntry, SuppressionRecord>()
    if (workspace.suppressions === 0) return found
    // Domains are asked for where the list holds one.
    const asksAll =
      workspace.erased > 0 ||
      (covers.length > 0 && (await session.first(anyDomain, workspaceId)) !== undefined)
    const entries = [...named, ...(asksAll ? coveringEntries(covers) : covers)]
    if (entries.length === 0) return found
    for (const each of await session.rows(findSuppressions, workspaceId, entries)) found.set(each.entry, each)
    const keys = workspace.erased === 0 ? [] : entries.filter(isAddressEntry)
    if (keys.length === 0) return found
    for (const each of await findErasures(session, workspaceId, workspace.secret, keys))
      found.set(each.entry, each)
    return found
  }
}

/** All that a page names by lead, read beside its batches. */
export const leadsOf = async (
  batches: LeadBatches,
  rows: ReadonlyArray<LeadRow>
): Promise<ReadonlyArray<Lead>> => {
  await batches.meet(rows.map(({ lead }) => lead))
  return rows.map((row) => leadOf(batches.idOf(row.lead), row))
}
