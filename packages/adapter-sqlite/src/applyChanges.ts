/**
 * Applies the changes of a decision, in order, inside the transaction that its snapshot was loaded in. A change that
 * names what does not exist is refused; one that would double something is refused by the schema. Either way
 * the caller rolls all of them back. Counters move in one place, by the rows that moved, once per campaign.
 */
import {
  addCounters,
  type CampaignCounters,
  type CampaignId,
  type Change,
  type EmailAddress,
  type Enrollment,
  endedTogether,
  enrollmentTotalOf,
  Ids,
  isAddressEntry,
  type Lead,
  type LeadId,
  liveWorkspace,
  type Message,
  noCounters,
  type Scope,
  type Snapshot,
  type SuppressionEntry,
  totalOf,
  type WorkspaceId
} from "@leadterra/core"
import type { LeadEnrollment } from "./enrollments.ts"
import { Refusal } from "./failure.ts"
import type { Loaded } from "./loadSnapshot.ts"
import type { LeadMessage } from "./messages.ts"
import type { Statements } from "./Statements.ts"

type EmailKey = EmailAddress.EmailKey
type ChangeOf<Tag extends Change["_tag"]> = Extract<Change, { readonly _tag: Tag }>

export const applyChanges = (
  statements: Statements,
  { workspaceId }: Scope,
  loaded: Loaded,
  changes: ReadonlyArray<Change>
): void => {
  const [first] = changes
  if (first === undefined) return
  const created = loaded.workspace === null && first._tag === "WorkspaceCreated" ? first : undefined
  const workspace =
    loaded.workspace?.id ?? statements.workspaces.create(workspaceId, created?.workspace ?? liveWorkspace)
  const writes = new Writes(statements, loaded, workspace, workspaceId)
  for (const change of changes) if (change !== created) writes.apply(change)
  writes.count()
}

const writesEnrollments: ReadonlySet<Change["_tag"]> = new Set([
  "LeadsEnrolled",
  "EnrollmentsEnded",
  "EnrollmentsChanged"
])

type EnrollmentsByLead = ReadonlyMap<CampaignId, ReadonlyMap<LeadId, Enrollment>>

const enrollmentsOf = ({ messages }: Snapshot): EnrollmentsByLead => {
  const found = new Map<CampaignId, Map<LeadId, Enrollment>>()
  for (const { enrollment } of messages.values()) {
    const ofCampaign = found.get(enrollment.campaignId) ?? new Map<LeadId, Enrollment>()
    found.set(enrollment.campaignId, ofCampaign.set(enrollment.leadId, enrollment))
  }
  return found
}

class Writes {
  private readonly statements: Statements
  private readonly campaigns: Loaded["campaigns"]
  private readonly snapshot: Snapshot
  private readonly workspace: number
  private readonly moved = new Map<number, CampaignCounters>()
  private readonly workspaceId: WorkspaceId
  private hasErased: boolean
  private hasWrittenMessages = false
  private hasWrittenEnrollments = false
  /** The enrolments that the snapshot shows beside messages, once they were asked for. */
  private shown: EnrollmentsByLead | undefined
  /** The rows of leads that this decision has made. */
  private readonly made = new Map<EmailKey, number>()
  /** Leads whose custom fields are no longer those of the snapshot. */
  private readonly rewritten = new Set<EmailKey>()
  /** Addresses that this decision has erased. */
  private readonly gone = new Set<EmailKey>()
  private suppressions = 0
  private erased = 0

  constructor(
    statements: Statements,
    { campaigns, snapshot, workspace: known }: Loaded,
    workspace: number,
    workspaceId: WorkspaceId
  ) {
    this.statements = statements
    this.campaigns = campaigns
    this.snapshot = snapshot
    this.workspace = workspace
    this.workspaceId = workspaceId
    this.hasErased = known !== null && known.erased > 0
  }

  apply(change: Change): void {
    const { campaigns, events, idempotency, leads, suppressions, workspaces } = this.statements
    switch (change._tag) {
      case "WorkspaceCreated":
        refuse("a workspace is created once")
        break
      case "TestClockAdvanced":
        if (!workspaces.advance(this.workspace, change.now)) refuse("a test clock only goes forward")
        break
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
      case "FirstStepQueued":
        this.queueFirst(change)
        break
      case "EnrollmentsEnded":
        this.end(change)
        break
      case "MessagesQueued":
        for (const [campaign, queued] of this.byCampaign(change.messages)) this.queue(campaign, queued)
        break
      case "MessagesChanged":
        for (const [campaign, changed] of this.byCampaign(change.messages)) this.change(campaign, changed)
        break
      case "MessagesLeased":
        this.lease(change)
        break
      case "EnrollmentsChanged":
        this.changeEnrollments(change.enrollments)
        break
      case "SuppressionsAdded":
        for (const suppression of change.suppressions) suppressions.add(this.workspace, suppression)
        this.suppressions += change.suppressions.length
        break
      case "SuppressionsRemoved":
        this.removeSuppressions(change.entries)
        break
      case "LeadsErased":
        for (const { anonymised, key } of change.leads) {
          leads.erase(this.leadRow(key), anonymised)
          this.gone.add(key)
          this.made.delete(key)
        }
        break
      case "AddressesForgotten":
        this.forget(change)
        break
      case "IdempotencyRecorded":
        idempotency.record(this.workspace, this.workspaceId, change.record, change.forgetUpTo)
        break
      case "EventsRecorded":
        for (const event of change.events) events.append(this.workspace, this.workspaceId, change.at, event)
        break
    }
    // A suppression alone leaves every message as it is.
    this.hasWrittenMessages ||= change._tag !== "SuppressionsAdded"
    this.hasWrittenEnrollments ||= writesEnrollments.has(change._tag)
  }

  private createLeads(created: ReadonlyArray<Lead>): void {
    const { leads } = this.statements
    for (const lead of created) this.made.set(lead.key, leads.create(this.workspace, lead))
  }

  private changeLeads(changed: ReadonlyArray<Lead>): void {
    const { leads } = this.statements
    for (const lead of changed) {
      const { customFields, key } = lead
      const keepsFields =
        this.snapshot.leads.get(key)?.customFields === customFields && !this.rewritten.has(key)
      leads.change(this.leadRow(key), lead, keepsFields)
      if (!keepsFields) this.rewritten.add(key)
    }
  }

  private enroll({ campaignId, dueAt, enrolledAt, keys }: ChangeOf<"LeadsEnrolled">): void {
    const { enrollments, messages } = this.statements
    const campaign = this.campaignRow(campaignId)
    const rows = keys.map((key) => this.leadRow(key))
    const enrolled = enrollments.create(campaign, rows, enrolledAt)
    const pending = dueAt === null ? 0 : messages.queueFirst(campaign, rows, dueAt)
    this.move(campaign, { enrolled, active: enrolled, pending })
  }

  private queueFirst({ campaignId, dueAt }: ChangeOf<"FirstStepQueued">): void {
    const campaign = this.campaignRow(campaignId)
    this.move(campaign, { pending: this.statements.messages.queueActive(campaign, dueAt) })
  }

  private queue(campaign: number, queued: ReadonlyArray<LeadMessage>): void {
    this.statements.messages.queue(campaign, queued)
    this.move(campaign, totalOf(queued.map(({ message }) => message)))
  }

  private end({ endedAt, entries, reason }: ChangeOf<"EnrollmentsEnded">): void {
    const { campaigns, enrollments, events, messages } = this.statements
    if (enrollments.cover(this.workspace, entries) === 0) return
    // Counters of this decision are not in the rows yet, and `active` reads the rows.
    this.count()
    let ended = 0
    for (const campaign of campaigns.active(this.workspace)) {
      const pending = messages.cancelCovered(campaign)
      const active = enrollments.end(campaign, reason, endedAt)
      this.move(campaign, { active: -active, pending: -pending })
      ended += active
    }
    if (ended > 0) events.append(this.workspace, this.workspaceId, endedAt, endedTogether(reason, ended))
  }

  private removeSuppressions(entries: ReadonlyArray<SuppressionEntry>): void {
    const { erasures, suppressions } = this.statements
    this.suppressions -= suppressions.remove(this.workspace, entries)
    const keys = this.hasErased ? entries.filter(isAddressEntry) : []
    if (keys.length === 0) return
    const lifted = erasures.remove(this.workspace, this.workspaceId, keys)
    this.suppressions -= lifted
    this.erased -= lifted
  }

  private forget({ keys, suppressedAt }: ChangeOf<"AddressesForgotten">): void {
    const { erasures, suppressions } = this.statements
    let forgotten = 0
    for (const key of keys) forgotten += erasures.add(this.workspace, this.workspaceId, key, suppressedAt)
    this.suppressions += forgotten - suppressions.remove(this.workspace, keys)
    this.erased += forgotten
    this.hasErased = true
    erasures.mark()
  }

  private change(campaign: number, changed: ReadonlyArray<LeadMessage>): void {
    const { messages } = this.statements
    const before = this.countBefore(campaign, changed)
    if (messages.change(campaign, changed) !== changed.length) refuse("a change names messages that exist")
    this.move(campaign, before, -1)
    this.move(campaign, totalOf(changed.map(({ message }) => message)))
  }

  /** What messages count before a change: as the snapshot has them, until this decision has written any. */
  private countBefore(campaign: number, changed: ReadonlyArray<LeadMessage>): Partial<CampaignCounters> {
    const { messages } = this.snapshot
    const known: Array<Message> = []
    for (const { message } of this.hasWrittenMessages ? [] : changed) {
      const found = messages.get(message.id)
      if (found !== undefined) known.push(found.message)
    }
    return known.length === changed.length
      ? totalOf(known)
      : this.statements.messages.count(campaign, changed)
  }

  private lease({ ids, lease }: ChangeOf<"MessagesLeased">): void {
    const { messages } = this.statements
    const names = ids.map(
      (id) =>
        this.snapshot.messages.get(id)?.message ?? Ids.parseMessageId(id) ?? refuse("a message's id is one")
    )
    for (const [campaignId, named] of Map.groupBy(names, (name) => name.campaignId)) {
      const leads = named.map(({ leadId }) => this.leadRowOf(leadId))
      if (messages.lease(this.campaignRow(campaignId), leads, lease) !== leads.length)
        refuse("a lease is of messages that are pending")
    }
  }

  private changeEnrollments(changed: ReadonlyArray<Enrollment>): void {
    const { enrollments, messages } = this.statements
    for (const [campaignId, each] of Map.groupBy(changed, (enrollment) => enrollment.campaignId)) {
      const campaign = this.campaignRow(campaignId)
      const entries = each.map((enrollment) => ({ lead: this.leadRowOf(enrollment.leadId), enrollment }))
      const over = entries.flatMap(({ enrollment, lead }) => (enrollment.state === "active" ? [] : [lead]))
      const before = this.countEnrollments(campaign, entries)
      if (enrollments.change(campaign, entries) !== entries.length)
        refuse("a change names enrolments that exist")
      const pending = over.length === 0 ? 0 : messages.cancel(campaign, over)
      this.move(campaign, before, -1)
      this.move(campaign, { ...enrollmentTotalOf(each), pending: -pending })
    }
  }

  /**
   * The counts of enrolments before a change. The snapshot has them until this decision writes any.
   */
  private countEnrollments(
    campaign: number,
    changed: ReadonlyArray<LeadEnrollment>
  ): Partial<CampaignCounters> {
    this.shown ??= enrollmentsOf(this.snapshot)
    const known: Array<Enrollment> = []
    for (const { enrollment } of this.hasWrittenEnrollments ? [] : changed) {
      const found = this.shown.get(enrollment.campaignId)?.get(enrollment.leadId)
      if (found !== undefined) known.push(found)
    }
    return known.length === changed.length
      ? enrollmentTotalOf(known)
      : this.statements.enrollments.count(campaign, changed)
  }

  private byCampaign(messages: ReadonlyArray<Message>): ReadonlyMap<number, ReadonlyArray<LeadMessage>> {
    const entries = messages.map((message) => ({ lead: this.leadRowOf(message.leadId), message }))
    return Map.groupBy(entries, ({ message }) => this.campaignRow(message.campaignId))
  }

  /** The one place where counters move. */
  private move(campaign: number, by: Partial<CampaignCounters>, times: 1 | -1 = 1): void {
    this.moved.set(campaign, addCounters(this.moved.get(campaign) ?? noCounters, by, times))
  }

  /** Writes the counters that have moved since the last time. */
  count(): void {
    for (const [campaign, by] of this.moved) {
      if (Object.values(by).some((count) => count !== 0)) this.statements.campaigns.count(campaign, by)
    }
    this.moved.clear()
    if (this.suppressions !== 0 || this.erased !== 0)
      this.statements.workspaces.count(this.workspace, this.suppressions, this.erased)
    this.suppressions = 0
    this.erased = 0
  }

  private campaignRow(id: CampaignId): number {
    const row =
      this.campaigns.get(id) ??
      this.statements.campaigns.rowOf(this.workspace, id) ??
      refuse("a change names a campaign that exists")
    this.campaigns.set(id, row)
    return row
  }

  /** From the snapshot or from this decision; a rule that names another lead costs a look-up. */
  private leadRow(key: EmailKey): number {
    const loaded = this.gone.has(key) ? undefined : this.snapshot.leads.get(key)
    if (loaded !== undefined) return this.leadRowOf(loaded.id)
    return (
      this.made.get(key) ??
      this.statements.leads.rowOf(this.workspace, key) ??
      refuse("a change names a lead that exists")
    )
  }

  /** The row that a lead of this id has; whether there is one, the change that is written shows. */
  private leadRowOf(id: LeadId): number {
    return this.statements.leadRows.rowOf(this.workspace, id) ?? refuse("a change names a lead that exists")
  }
}

const refuse = (constraint: string): never => {
  throw new Refusal(constraint)
}
