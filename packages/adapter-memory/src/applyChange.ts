/**
 * The meaning of each change, in plain maps: this is what every other store must agree with. A change that
 * would double a campaign, a lead, an enrolment or a message, or that names what is not there, is refused by
 * a `Refusal`; the caller then takes the whole decision back.
 */
import {
  type CampaignCounters,
  type CampaignId,
  type Change,
  domainEntryOf,
  type EmailAddress,
  type Enrollment,
  Ids,
  type Lead,
  noCounters,
  type WorkspaceId
} from "@leadterra/core"
import type { WorkspaceState, Writes } from "./State.ts"

type EmailKey = EmailAddress.EmailKey

/** A constraint that a decision would have broken. */
export class Refusal extends Error {}

export const applyChange = (
  workspaceId: WorkspaceId,
  workspace: WorkspaceState,
  change: Change,
  writes: Writes
): void => {
  const { campaigns, counters, enrollments, leads, messages, pending, suppressions } = workspace
  switch (change._tag) {
    case "CampaignCreated": {
      const { campaign } = change
      refuseIf(campaigns.has(campaign.id), "one campaign per id")
      writes.put(campaigns, campaign.id, campaign)
      writes.put(counters, campaign.id, noCounters)
      writes.put(enrollments, campaign.id, new Map())
      writes.put(pending, campaign.id, new Map())
      return
    }
    case "CampaignChanged":
      existing(campaigns, change.campaign.id)
      writes.put(campaigns, change.campaign.id, change.campaign)
      return
    case "LeadsCreated":
      for (const lead of change.leads) {
        refuseIf(leads.has(lead.key), "one lead per address")
        writes.put(leads, lead.key, lead)
      }
      return
    case "LeadsChanged":
      for (const lead of change.leads) {
        const { createdAt, email, id } = existing(leads, lead.key)
        writes.put(leads, lead.key, { ...lead, id, email, createdAt })
      }
      return
    case "LeadsEnrolled": {
      const { campaignId, dueAt, enrolledAt, keys } = change
      const inCampaign = existing(enrollments, campaignId)
      for (const key of keys) {
        refuseIf(inCampaign.has(key), "one enrolment per campaign and lead")
        const lead = existing(leads, key)
        writes.put(inCampaign, key, newEnrollment(campaignId, lead, enrolledAt))
        if (dueAt !== null) queueFirst(campaignId, lead, dueAt)
      }
      const queued = dueAt === null ? 0 : keys.length
      count(campaignId, { enrolled: keys.length, active: keys.length, pending: queued })
      return
    }
    case "FirstStepQueued": {
      const { campaignId, dueAt } = change
      const active = [...existing(enrollments, campaignId)].filter(([, { state }]) => state === "active")
      for (const [key] of active) queueFirst(campaignId, existing(leads, key), dueAt)
      count(campaignId, { enrolled: 0, active: 0, pending: active.length })
      return
    }
    case "EnrollmentsEnded": {
      const { endedAt, reason } = change
      const entries = new Set(change.entries)
      for (const [campaignId, inCampaign] of enrollments) {
        for (const [key, enrollment] of inCampaign) {
          if (enrollment.state !== "active") continue
          if (!entries.has(key) && !entries.has(domainEntryOf(key))) continue
          writes.put(inCampaign, key, { ...enrollment, state: "ended", endReason: reason, endedAt })
          const queued = writes.drop(existing(pending, campaignId), key) ? 1 : 0
          count(campaignId, { enrolled: 0, active: -1, pending: -queued })
        }
      }
      return
    }
    case "SuppressionsAdded":
      for (const suppression of change.suppressions) {
        refuseIf(suppressions.has(suppression.entry), "one suppression per entry")
        writes.put(suppressions, suppression.entry, suppression)
      }
      return
    case "SuppressionsRemoved":
      for (const entry of change.entries) writes.drop(suppressions, entry)
      return
  }

  function queueFirst(campaignId: CampaignId, lead: Lead, dueAt: number): void {
    const id = Ids.messageId(workspaceId, campaignId, lead.id, 0)
    refuseIf(messages.has(id), "one message per campaign, lead and step")
    writes.put(messages, id, lead.key)
    writes.put(existing(pending, campaignId), lead.key, { id, step: 0, dueAt })
  }

  /** The one place where counters move. */
  function count(campaignId: CampaignId, by: CampaignCounters): void {
    const { active, enrolled, pending } = existing(counters, campaignId)
    writes.put(counters, campaignId, {
      enrolled: enrolled + by.enrolled,
      active: active + by.active,
      pending: pending + by.pending
    })
  }
}

const newEnrollment = (campaignId: CampaignId, lead: Lead, enrolledAt: number): Enrollment => ({
  campaignId,
  leadId: lead.id,
  position: 0,
  state: "active",
  endReason: null,
  enrolledAt,
  endedAt: null
})

const refuseIf = (broken: boolean, constraint: string): void => {
  if (broken) throw new Refusal(constraint)
}

const existing = <K extends EmailKey | CampaignId, V>(map: ReadonlyMap<K, V>, key: K): V => {
  const value = map.get(key)
  if (value === undefined) throw new Refusal("a change names what exists")
  return value
}
