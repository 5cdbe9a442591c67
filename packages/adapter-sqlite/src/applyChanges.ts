/**
 * Applies the changes of a decision, in order, inside the transaction that its snapshot was loaded in. A change that
 * names what does not exist is refused; one that would double something is refused by the schema. Either way
 * the caller rolls all of them back. Counters move in one place, by the rows that moved, once per campaign.
 */
import type { CampaignCounters, CampaignId, Change, EmailAddress, Lead, Scope } from "@leadterra/core"
import { Refusal } from "./failure.ts"
import type { Loaded } from "./loadSnapshot.ts"
import type { Statements } from "./Statements.ts"

type EmailKey = EmailAddress.EmailKey
type ChangeOf<Tag extends Change["_tag"]> = Extract<Change, { readonly _tag: Tag }>

export const applyChanges = (
  statements: Statements,
  { workspaceId }: Scope,
  loaded: Loaded,
  changes: ReadonlyArray<Change>
): void => {
  if (changes.length === 0) return
  const workspaceRow = loaded.workspaceRow ?? statements.workspaces.create(workspaceId)
  const writes = new Writes(statements, loaded, workspaceRow)
  for (const change of changes) writes.apply(change)
  writes.count()
}

class Writes {
  private readonly statements: Statements
  private readonly campaignRows: Map<CampaignId, number>
  private readonly leadRows: Map<EmailKey, number>
  private readonly workspace: number
  private readonly moved = new Map<number, CampaignCounters>()
  private suppressions = 0

  constructor(statements: Statements, { campaignRows, leadRows }: Loaded, workspace: number) {
    this.statements = statements
    this.campaignRows = campaignRows
    this.leadRows = leadRows
    this.workspace = workspace
  }

  apply(change: Change): void {
    const { campaigns, messages, suppressions } = this.statements
    switch (change._tag) {
      case "CampaignCreated":
        campaigns.create(this.workspace, change.campaign)
        break
      case "CampaignChanged":
        campaigns.change(this.workspace, change.campaign)
        break
      case "LeadsCreated":
        this.createLeads(change.leads)
        break
      case "LeadsChanged":
        this.changeLeads(change.leads)
        break
      case "LeadsEnrolled":
        this.enroll(change)
        break
      case "FirstStepQueued": {
        const campaign = this.campaignRow(change.campaignId)
        const pending = messages.queueFirst(campaign, change.dueAt)
        this.move(campaign, { enrolled: 0, active: 0, pending })
        break
      }
      case "EnrollmentsEnded":
        this.end(change)
        break
      case "SuppressionsAdded":
        for (const suppression of change.suppressions) suppressions.add(this.workspace, suppression)
        this.suppressions += change.suppressions.length
        break
      case "SuppressionsRemoved":
        this.suppressions -= suppressions.remove(this.workspace, change.entries)
        break
    }
  }

  private createLeads(created: ReadonlyArray<Lead>): void {
    const { leads } = this.statements
    for (const lead of created) this.leadRows.set(lead.key, leads.create(this.workspace, lead))
  }

  private changeLeads(changed: ReadonlyArray<Lead>): void {
    const { leads } = this.statements
    for (const lead of changed) leads.change(this.leadRow(lead.key), lead)
  }

  private enroll({ campaignId, dueAt, enrolledAt, keys }: ChangeOf<"LeadsEnrolled">): void {
    const { enrollments, messages } = this.statements
    const campaign = this.campaignRow(campaignId)
    const rows = keys.map((key) => this.leadRow(key))
    const enrolled = enrollments.create(campaign, rows, enrolledAt)
    const pending = dueAt === null ? 0 : messages.queue(campaign, rows, dueAt)
    this.move(campaign, { enrolled, active: enrolled, pending })
  }

  private end({ endedAt, entries, reason }: ChangeOf<"EnrollmentsEnded">): void {
    const { campaigns, enrollments, messages } = this.statements
    if (enrollments.cover(this.workspace, entries) === 0) return
    // Counters of this decision are not in the rows yet, and `active` reads the rows.
    this.count()
    for (const campaign of campaigns.active(this.workspace)) {
      const pending = messages.cancel(campaign)
      const active = enrollments.end(campaign, reason, endedAt)
      this.move(campaign, { enrolled: 0, active: -active, pending: -pending })
    }
  }

  private move(campaign: number, by: CampaignCounters): void {
    const before = this.moved.get(campaign)
    this.moved.set(campaign, {
      enrolled: by.enrolled + (before?.enrolled ?? 0),
      active: by.active + (before?.active ?? 0),
      pending: by.pending + (before?.pending ?? 0)
    })
  }

  /** Writes the counters that have moved since the last time. */
  count(): void {
    for (const [campaign, by] of this.moved) {
      if (by.enrolled !== 0 || by.active !== 0 || by.pending !== 0)
        this.statements.campaigns.count(campaign, by)
    }
    this.moved.clear()
    if (this.suppressions !== 0) this.statements.workspaces.count(this.workspace, this.suppressions)
    this.suppressions = 0
  }

  private campaignRow(id: CampaignId): number {
    const row = this.campaignRows.get(id) ?? this.statements.campaigns.rowOf(this.workspace, id)
    if (row === undefined) throw new Refusal("a change names a campaign that exists")
    this.campaignRows.set(id, row)
    return row
  }

  /** From the snapshot or from this decision; a rule that names another lead costs a look-up. */
  private leadRow(key: EmailKey): number {
    const row = this.leadRows.get(key) ?? this.statements.leads.rowOf(this.workspace, key)
    if (row === undefined) throw new Refusal("a change names a lead that exists")
    return row
  }
}
