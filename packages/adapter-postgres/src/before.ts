/**
 * What a change finds: rows as the snapshot shows them, until the decision has written any of their kind, or else as they are stored. Either
 * way they exist: a change that names what does not is refused.
 */
import {
  type CampaignCounters,
  type CampaignId,
  type Change,
  type Enrollment,
  enrollmentTotalOf,
  type LeadId,
  type MessageId,
  type Snapshot,
  totalOf,
  type WorkspaceId
} from "@leadterra/core"
import { countEnrollments, type LeadEnrollment } from "./enrollments.ts"
import { Refusal } from "./failure.ts"
import { type LeadMessage, Messages, type Named } from "./messages.ts"
import type { Session } from "./Session.ts"

type ByCampaign = ReadonlyMap<CampaignId, ReadonlyMap<LeadId, Enrollment>>

const writesEnrollments: ReadonlySet<Change["_tag"]> = new Set([
  "LeadsEnrolled",
  "EnrollmentsEnded",
  "EnrollmentsChanged"
])

export class Before {
  private readonly session: Session
  private readonly workspaceId: WorkspaceId
  private readonly snapshot: Snapshot
  private hasWrittenMessages = false
  private hasWrittenEnrollments = false
  /** The enrolments that the snapshot shows beside messages, once they were asked for. */
  private enrollments: ByCampaign | undefined

  constructor(session: Session, workspaceId: WorkspaceId, snapshot: Snapshot) {
    this.session = session
    this.workspaceId = workspaceId
    this.snapshot = snapshot
  }

  /** Is told of each change that was applied. */
  applied({ _tag }: Change): void {
    // A suppression alone leaves every message as it is.
    this.hasWrittenMessages ||= _tag !== "SuppressionsAdded"
    this.hasWrittenEnrollments ||= writesEnrollments.has(_tag)
  }

  /** What messages count. */
  async countMessages(
    campaign: number,
    changed: ReadonlyArray<LeadMessage>
  ): Promise<Partial<CampaignCounters>> {
    const shown = this.hasWrittenMessages
      ? []
      : changed.flatMap(({ message }) => this.snapshot.messages.get(message.id)?.message ?? [])
    if (shown.length === changed.length) return totalOf(shown)
    return this.countStored(
      campaign,
      changed.map(({ lead, message: { step } }) => ({ lead, step }))
    )
  }

  /** Makes sure that messages exist: these, which have these ids. */
  async findMessages(
    campaign: number,
    ids: ReadonlyArray<MessageId>,
    named: ReadonlyArray<Named>
  ): Promise<void> {
    if (!ids.every((id) => this.snapshot.messages.has(id))) await this.countStored(campaign, named)
  }

  /** The counts of enrolments of one campaign, before the change. */
  async countEnrollments(
    campaign: number,
    changed: ReadonlyArray<LeadEnrollment>
  ): Promise<Partial<CampaignCounters>> {
    const shown = changed.flatMap(({ enrollment }) => this.shownEnrollment(enrollment) ?? [])
    if (shown.length === changed.length) return enrollmentTotalOf(shown)
    const leads = changed.map(({ lead }) => lead)
    const stored = await countEnrollments(this.session, this.workspaceId, campaign, leads)
    if (stored === undefined || stored.found < leads.length)
      throw new Refusal("a change names enrolments that exist")
    const { found: _, ...counted } = stored
    return counted
  }

  private async countStored(
    campaign: number,
    named: ReadonlyArray<Named>
  ): Promise<Partial<CampaignCounters>> {
    const stored = await new Messages(this.session, this.workspaceId, campaign).count(named)
    if (stored === undefined || stored.found < named.length)
      throw new Refusal("a change names messages that exist")
    const { found: _, ...counted } = stored
    return counted
  }

  private shownEnrollment({ campaignId, leadId }: Enrollment): Enrollment | undefined {
    if (this.hasWrittenEnrollments) return undefined
    this.enrollments ??= enrollmentsOf(this.snapshot)
    return this.enrollments.get(campaignId)?.get(leadId)
  }
}

const enrollmentsOf = ({ messages }: Snapshot): ByCampaign => {
  const found = new Map<CampaignId, Map<LeadId, Enrollment>>()
  for (const { enrollment } of messages.values()) {
    const ofCampaign = found.get(enrollment.campaignId) ?? new Map<LeadId, Enrollment>()
    found.set(enrollment.campaignId, ofCampaign.set(enrollment.leadId, enrollment))
  }
  return found
}
