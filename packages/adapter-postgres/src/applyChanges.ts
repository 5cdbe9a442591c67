/**
 * Applies the changes of a decision, in order, inside the transaction that its snapshot was loaded in. A change that names
 * what does not exist is refused; one that would double something is refused by the schema. Either way the caller rolls
 * all of them back. Counters move once per campaign, by the rows that moved.
 */
import {
  addCounters,
  type CampaignCounters,
  type CampaignId,
  type Change,
  type EmailAddress,
  type Enrollment,
  type ErasedLead,
  endedTogether,
  enrollmentTotalOf,
  Ids,
  isAddressEntry,
  type Lead,
  type LeadId,
  type Message,
  noCounters,
  type SuppressionEntry,
  totalOf,
  type WorkspaceId
} from "@leadterra/core"
import { Before } from "./before.ts"
import { activeCampaigns, changeCampaign, countCampaign, createCampaign, findCampaigns } from "./campaigns.ts"
import {
  changeEnrollments,
  createEnrollments,
  endCoveredEnrollments,
  type LeadEnrollment
} from "./enrollments.ts"
import { addErasures, removeErasures } from "./erasures.ts"
import { appendEvents, type Told } from "./events.ts"
import { Refusal } from "./failure.ts"
import { recordIdempotency } from "./idempotency.ts"
import type { LeadBatches } from "./leadBatches.ts"
import { eraseLeads, insertLeads, type Numbered, numbersOfKeys, updateLeads } from "./leads.ts"
import type { Loaded } from "./loadSnapshot.ts"
import { type LeadMessage, Messages } from "./messages.ts"
import type { Session } from "./Session.ts"
import { addSuppressions, removeSuppressions } from "./suppressions.ts"
import { advanceTestClock, countSuppressions } from "./workspaces.ts"

type EmailKey = EmailAddress.EmailKey
type ChangeOf<Tag extends Change["_tag"]> = Extract<Change, { readonly _tag: Tag }>

const noLead = "a change names a lead that exists"

export class Writes {
  private readonly session: Session
  private readonly batches: LeadBatches
  private readonly workspaceId: WorkspaceId
  private readonly loaded: Loaded
  private readonly before: Before
  private readonly moved = new Map<number, CampaignCounters>()
  private readonly told: Array<Told> = []
  private hasErased: boolean
  private suppressions = 0
  private erased = 0

  constructor(session: Session, workspaceId: WorkspaceId, loaded: Loaded) {
    this.session = session
    this.batches = loaded.batches
    this.workspaceId = workspaceId
    this.loaded = loaded
    this.before = new Before(session, workspaceId, loaded.snapshot)
    this.hasErased = loaded.workspace.erased > 0
  }

  async applyAll(changes: ReadonlyArray<Change>): Promise<void> {
    for (const change of changes) {
      await this.apply(change)
      this.before.applied(change)
    }
    await this.session.both(
      () => this.count(),
      async () => {
        if (this.told.length > 0) await appendEvents(this.session, this.workspaceId, this.told)
      }
    )
  }

  private async apply(change: Change): Promise<void> {
    const { session, workspaceId } = this
    switch (change._tag) {
      case "WorkspaceCreated":
        throw new Refusal("a workspace is created once")
      case "TestClockAdvanced":
        if (!(await advanceTestClock(session, workspaceId, change.now)))
          throw new Refusal("a test clock only goes forward")
        return
      case "CampaignCreated": {
        const { campaign } = change
        this.loaded.campaigns.set(campaign.id, await createCampaign(session, workspaceId, campaign))
        return
      }
      case "CampaignChanged":
        return changeCampaign(session, workspaceId, change.campaign)
      case "LeadsCreated":
        return this.createLeads(change.leads)
      case "LeadsChanged":
        return this.changeLeads(change.leads)
      case "LeadsEnrolled":
        return this.enroll(change)
      case "FirstStepQueued": {
        const campaign = await this.campaignNumber(change.campaignId)
        return this.move(campaign, { pending: await this.messages(campaign).queueActive(change.dueAt) })
      }
      case "EnrollmentsEnded":
        return this.end(change)
      case "MessagesQueued":
        for (const [campaign, queued] of await this.byCampaign(change.messages))
          await this.queue(campaign, queued)
        return
      case "MessagesChanged":
        for (const [campaign, changed] of await this.byCampaign(change.messages))
          await this.change(campaign, changed)
        return
      case "MessagesLeased":
        return this.lease(change)
      case "EnrollmentsChanged":
        return this.changeEnrollments(change.enrollments)
      case "SuppressionsAdded":
        await addSuppressions(session, workspaceId, change.suppressions)
        this.suppressions += change.suppressions.length
        return
      case "SuppressionsRemoved":
        return this.removeSuppressions(change.entries)
      case "LeadsErased":
        return this.eraseLeads(change.leads)
      case "AddressesForgotten":
        return this.forget(change)
      case "IdempotencyRecorded": {
        const { secret } = this.loaded.workspace
        return recordIdempotency(session, workspaceId, secret, change.record, change.forgetUpTo)
      }
      case "EventsRecorded":
        for (const event of change.events) this.told.push({ at: change.at, event })
        return
    }
  }

  private messages(campaign: number): Messages {
    return new Messages(this.session, this.workspaceId, campaign)
  }

  private async createLeads(created: ReadonlyArray<Lead>): Promise<void> {
    await this.batches.meetIds(created.map(({ id }) => id))
    const numbered: Array<Numbered> = []
    for (const lead of created) {
      const number = this.batches.numberOf(lead.id) ?? (await this.batches.make(lead.id))
      numbered.push({ number, lead })
    }
    await insertLeads(this.session, this.workspaceId, numbered)
    for (const { lead, number } of numbered) this.loaded.leads.set(lead.key, number)
  }

  private async changeLeads(changed: ReadonlyArray<Lead>): Promise<void> {
    await this.findLeads(changed.map(({ key }) => key))
    const numbered = changed.map((lead) => ({ number: this.leadNumber(lead.key), lead }))
    await updateLeads(this.session, this.workspaceId, numbered)
  }

  private async eraseLeads(erased: ReadonlyArray<ErasedLead>): Promise<void> {
    await this.findLeads(erased.map(({ key }) => key))
    const numbered = erased.map(({ anonymised, key }) => ({ number: this.leadNumber(key), lead: anonymised }))
    await eraseLeads(this.session, this.workspaceId, numbered)
    for (const { key } of erased) this.loaded.leads.delete(key)
  }

  private async enroll({ campaignId, dueAt, enrolledAt, keys }: ChangeOf<"LeadsEnrolled">): Promise<void> {
    const { session, workspaceId } = this
    const campaign = await this.campaignNumber(campaignId)
    await this.findLeads(keys)
    const leads = keys.map((key) => this.leadNumber(key))
    const enrolled = await createEnrollments(session, workspaceId, campaign, leads, enrolledAt)
    const pending = dueAt === null ? 0 : await this.messages(campaign).queueFirst(leads, dueAt)
    this.move(campaign, { enrolled, active: enrolled, pending })
  }

  private async queue(campaign: number, queued: ReadonlyArray<LeadMessage>): Promise<void> {
    if ((await this.messages(campaign).insert(queued)) !== queued.length)
      throw new Refusal("a message belongs to an enrolment")
    this.move(campaign, totalOf(queued.map(({ message }) => message)))
  }

  private async end({ endedAt, entries, reason }: ChangeOf<"EnrollmentsEnded">): Promise<void> {
    const { session, workspaceId } = this
    // Counters of this decision are not in the rows yet, and `activeCampaigns` reads the rows.
    await this.count()
    const campaigns = await activeCampaigns(session, workspaceId)
    let total = 0
    for (const { campaign, cancelled, ended } of await endCoveredEnrollments(
      session,
      workspaceId,
      campaigns,
      entries,
      reason,
      endedAt
    )) {
      this.move(campaign, { active: -ended, pending: -cancelled })
      total += ended
    }
    if (total > 0) this.told.push({ at: endedAt, event: endedTogether(reason, total) })
  }

  private async removeSuppressions(entries: ReadonlyArray<SuppressionEntry>): Promise<void> {
    const { session, workspaceId } = this
    this.suppressions -= await session.write(removeSuppressions, workspaceId, entries)
    const keys = this.hasErased ? entries.filter(isAddressEntry) : []
    if (keys.length === 0) return
    const lifted = await removeErasures(session, workspaceId, this.loaded.workspace.secret, keys)
    this.suppressions -= lifted
    this.erased -= lifted
  }

  private async forget({ keys, suppressedAt }: ChangeOf<"AddressesForgotten">): Promise<void> {
    const { session, workspaceId } = this
    const { secret } = this.loaded.workspace
    const forgotten = await addErasures(session, workspaceId, secret, keys, suppressedAt)
    this.suppressions += forgotten - (await session.write(removeSuppressions, workspaceId, keys))
    this.erased += forgotten
    this.hasErased = true
  }

  private async change(campaign: number, changed: ReadonlyArray<LeadMessage>): Promise<void> {
    const before = await this.before.countMessages(campaign, changed)
    await this.messages(campaign).change(changed)
    this.move(campaign, before, -1)
    this.move(campaign, totalOf(changed.map(({ message }) => message)))
  }

  private async lease({ ids, lease }: ChangeOf<"MessagesLeased">): Promise<void> {
    const { messages } = this.loaded.snapshot
    const names = ids.map((id) => {
      const name = messages.get(id)?.message ?? Ids.parseMessageId(id)
      if (name === undefined) throw new Refusal("a message's id is one")
      return name
    })
    for (const [campaignId, named] of Map.groupBy(names, (name) => name.campaignId)) {
      await this.batches.meetIds(named.map(({ leadId }) => leadId))
      const leased = named.map(({ leadId, step }) => ({ lead: this.leadNumberOf(leadId), step }))
      const campaign = await this.campaignNumber(campaignId)
      await this.before.findMessages(campaign, ids, leased)
      if ((await this.messages(campaign).lease(leased, lease)) !== leased.length)
        throw new Refusal("a lease is of messages that are pending")
    }
  }

  private async changeEnrollments(changed: ReadonlyArray<Enrollment>): Promise<void> {
    const { session, workspaceId } = this
    for (const [campaignId, each] of Map.groupBy(changed, (enrollment) => enrollment.campaignId)) {
      const campaign = await this.campaignNumber(campaignId)
      await this.batches.meetIds(each.map(({ leadId }) => leadId))
      const entries = each.map(
        (enrollment): LeadEnrollment => ({ lead: this.leadNumberOf(enrollment.leadId), enrollment })
      )
      const over = entries.flatMap(({ enrollment, lead }) => (enrollment.state === "active" ? [] : [lead]))
      const before = await this.before.countEnrollments(campaign, entries)
      await changeEnrollments(session, workspaceId, campaign, entries)
      const pending = over.length === 0 ? 0 : await this.messages(campaign).cancel(over)
      this.move(campaign, before, -1)
      this.move(campaign, { ...enrollmentTotalOf(each), pending: -pending })
    }
  }

  private async byCampaign(
    messages: ReadonlyArray<Message>
  ): Promise<ReadonlyMap<number, ReadonlyArray<LeadMessage>>> {
    const found = new Map<number, ReadonlyArray<LeadMessage>>()
    for (const [campaignId, each] of Map.groupBy(messages, (message) => message.campaignId)) {
      await this.batches.meetIds(each.map(({ leadId }) => leadId))
      const named = each.map((message): LeadMessage => ({ lead: this.leadNumberOf(message.leadId), message }))
      found.set(await this.campaignNumber(campaignId), named)
    }
    return found
  }

  private move(campaign: number, by: Partial<CampaignCounters>, times: 1 | -1 = 1): void {
    this.moved.set(campaign, addCounters(this.moved.get(campaign) ?? noCounters, by, times))
  }

  /** Writes the counters that have moved since the last time. */
  private async count(): Promise<void> {
    const { session, workspaceId } = this
    for (const [campaign, by] of this.moved) {
      if (Object.values(by).some((count) => count !== 0))
        await countCampaign(session, workspaceId, campaign, by)
    }
    this.moved.clear()
    if (this.suppressions !== 0 || this.erased !== 0)
      await countSuppressions(session, workspaceId, this.suppressions, this.erased)
    this.suppressions = 0
    this.erased = 0
  }

  private async campaignNumber(id: CampaignId): Promise<number> {
    const known = this.loaded.campaigns.get(id)
    if (known !== undefined) return known
    const [found] = await findCampaigns(this.session, this.workspaceId, [id])
    if (found === undefined) throw new Refusal("a change names a campaign that exists")
    this.loaded.campaigns.set(id, found.number)
    return found.number
  }

  /** Finds the leads that neither the snapshot nor this decision has met. */
  private async findLeads(keys: ReadonlyArray<EmailKey>): Promise<void> {
    const unknown = keys.filter((key) => !this.loaded.leads.has(key))
    if (unknown.length === 0) return
    for (const { key, lead } of await this.session.rows(numbersOfKeys, this.workspaceId, unknown))
      this.loaded.leads.set(key, lead)
  }

  /** The number of a lead that was looked for. */
  private leadNumber(key: EmailKey): number {
    const number = this.loaded.leads.get(key)
    if (number === undefined) throw new Refusal(noLead)
    return number
  }

  /** The number that the lead of an id that was met has; whether there is one, the change that is written shows. */
  private leadNumberOf(id: LeadId): number {
    const number = this.batches.numberOf(id)
    if (number === undefined) throw new Refusal(noLead)
    return number
  }
}
