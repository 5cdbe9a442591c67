/**
 * Loads messages beside their campaign, lead and enrolment: those that a scope names, and those that are due. What is due is taken
 * campaign by campaign, so that no more is read than is handed out.
 */
import {
  type Campaign,
  type CampaignId,
  type DueScope,
  firstDue,
  Ids,
  type MessageId,
  type MessageInContext,
  type Moment,
  momentIn,
  type Scope,
  type Workspace
} from "@leadterra/core"
import { campaignsByNumber, findCampaigns } from "./campaigns.ts"
import { enrollmentOf } from "./enrollments.ts"
import type { LeadBatches } from "./leadBatches.ts"
import { leadOf } from "./leads.ts"
import { messageOf, namesOf } from "./messages.ts"
import type { Session } from "./Session.ts"
import { dueMessages, firstDueTimes, namedMessages, releaseMessages, type SendingRow } from "./sending.ts"

/** A message that was found, with the number of its lead, by which those of one time are ordered. */
interface Found extends MessageInContext {
  readonly number: number
}

export class LoadingMessages {
  private readonly session: Session
  private readonly batches: LeadBatches
  private readonly scope: Scope
  /** Gets the numbers of the campaigns that are met. */
  private readonly campaigns: Map<CampaignId, number>

  constructor(session: Session, batches: LeadBatches, scope: Scope, campaigns: Map<CampaignId, number>) {
    this.session = session
    this.batches = batches
    this.scope = scope
    this.campaigns = campaigns
  }

  /** The messages that the scope names and those that are due, the oldest due first. */
  async load(workspace: Workspace): Promise<ReadonlyMap<MessageId, MessageInContext>> {
    const { due, messages = [] } = this.scope
    const found = messages.length === 0 ? [] : await this.named(messages)
    if (due !== undefined) found.push(...(await this.due(momentIn({ workspace }, due.at), due)))
    const loaded = new Map<MessageId, MessageInContext>()
    for (const each of found.sort(byDue)) loaded.set(each.message.id, each)
    return loaded
  }

  private async named(ids: ReadonlyArray<MessageId>): Promise<Array<Found>> {
    const { workspaceId } = this.scope
    const names = ids.flatMap((id) => {
      const name = Ids.parseMessageId(id)
      return name === undefined || name.workspaceId !== workspaceId ? [] : [name]
    })
    await this.batches.meetIds(names.map(({ leadId }) => leadId))
    const byCampaign = Map.groupBy(names, ({ campaignId }) => campaignId)
    const stored =
      byCampaign.size === 0 ? [] : await findCampaigns(this.session, workspaceId, [...byCampaign.keys()])
    const found: Array<Found> = []
    for (const { campaign, number } of stored) {
      this.campaigns.set(campaign.id, number)
      const named = byCampaign.get(campaign.id) ?? []
      for (const [step, each] of Map.groupBy(named, (name) => name.step)) {
        const leads = each.flatMap(({ leadId }) => this.batches.numberOf(leadId) ?? [])
        const rows = await this.session.rows(namedMessages, workspaceId, number, step, leads)
        found.push(...(await this.inContext(campaign, rows)))
      }
    }
    return found
  }

  private async inContext(
    campaign: Campaign,
    rows: ReadonlyArray<SendingRow>
  ): Promise<ReadonlyArray<Found>> {
    await this.batches.meet(rows.map(({ lead }) => lead))
    return rows.map((row) => {
      const lead = leadOf(this.batches.idOf(row.lead), row)
      const names = namesOf(campaign, lead, row.step)
      return {
        number: row.lead,
        campaign,
        lead,
        message: messageOf(names, row),
        enrollment: enrollmentOf(names, row)
      }
    })
  }

  /**
   * Takes the running campaigns by when their first message is due, and reads of each no more than can still be among
   * the oldest: what comes after the last one found so far is left alone. Campaigns that are left alone are not loaded.
   */
  private async due({ now, realNow }: Moment, bounds: Omit<DueScope, "at">): Promise<ReadonlyArray<Found>> {
    const { session } = this
    const { workspaceId } = this.scope
    const [, waiting] = await session.both(
      () => session.write(releaseMessages, workspaceId, realNow),
      () => session.rows(firstDueTimes, workspaceId, now)
    )
    let found: ReadonlyArray<Found> = []
    /** Messages after this one are not among the oldest. */
    let last: Found | undefined
    for (const each of waiting) {
      if (last !== undefined && byFirstDue(each, last.message) > 0) break
      const { number } = each
      const until = last?.message.dueAt ?? now
      const [[stored], rows] = await session.both(
        () => campaignsByNumber(session, workspaceId, [number]),
        () => session.rows(dueMessages, workspaceId, number, until, realNow, bounds.limit)
      )
      if (stored === undefined || rows.length === 0) continue
      this.campaigns.set(stored.campaign.id, number)
      const all = [...found, ...(await this.inContext(stored.campaign, rows))].sort(byDue)
      found = firstDue(all, bounds)
      last = (found.length < bounds.limit ? all[found.length] : found.at(-1)) ?? last
    }
    return found
  }
}

/** When the first message of a campaign is due. */
type FirstDue = Pick<MessageInContext["message"], "campaignId" | "dueAt">

const byFirstDue = (a: FirstDue, b: FirstDue): number =>
  a.dueAt - b.dueAt || (a.campaignId < b.campaignId ? -1 : a.campaignId > b.campaignId ? 1 : 0)

/** The oldest due first; of one time by campaign, and within it by lead, in the order in which they were made. */
const byDue = (a: Found, b: Found): number =>
  a.message.dueAt - b.message.dueAt ||
  (a.campaign.id < b.campaign.id ? -1 : a.campaign.id > b.campaign.id ? 1 : 0) ||
  a.number - b.number ||
  a.message.step - b.message.step
