/**
 * The meaning of each change, in plain maps: this is what every other store must agree with. A change that
 * would double a campaign, a lead, an enrolment or a message, or that names what is not there, is refused by
 * a `Refusal`; the caller then takes the whole decision back.
 */
import {
  addCounters,
  type CampaignCounters,
  type CampaignId,
  type Change,
  countersOf,
  domainEntryOf,
  type EmailAddress,
  type Enrollment,
  endedTogether,
  type Happening,
  Ids,
  isAddressEntry,
  type LeadId,
  liveWorkspace,
  type Message,
  type MessageId,
  noCounters,
  queuedMessage,
  type WorkspaceId
} from "@leadterra/core"
import type { WorkspaceState, Writes } from "./State.ts"

/** A constraint that a decision would have broken. */
export class Refusal extends Error {}

export const applyChange = (
  workspaceId: WorkspaceId,
  workspace: WorkspaceState,
  change: Change,
  writes: Writes,
  hashOf: (workspaceId: WorkspaceId, key: EmailAddress.EmailKey) => string
): void => {
  const {
    campaigns,
    counters,
    enrollments,
    erased,
    events,
    idempotency,
    ids,
    leads,
    messages,
    suppressions
  } = workspace
  if (change._tag === "WorkspaceCreated") {
    refuseIf(workspace.workspace.has(workspaceId), "a workspace is created once")
    writes.put(workspace.workspace, workspaceId, change.workspace)
    return
  }
  if (!workspace.workspace.has(workspaceId)) writes.put(workspace.workspace, workspaceId, liveWorkspace)
  switch (change._tag) {
    case "TestClockAdvanced": {
      const { now } = change
      const { testClock } = existing(workspace.workspace, workspaceId)
      refuseIf(testClock === null || testClock > now, "a test clock only goes forward")
      writes.put(workspace.workspace, workspaceId, { testClock: now })
      return
    }
    case "CampaignCreated": {
      const { campaign } = change
      refuseIf(campaigns.has(campaign.id), "one campaign per id")
      writes.put(campaigns, campaign.id, campaign)
      writes.put(counters, campaign.id, noCounters)
      writes.put(enrollments, campaign.id, new Map())
      return
    }
    case "CampaignChanged":
      existing(campaigns, change.campaign.id)
      writes.put(campaigns, change.campaign.id, change.campaign)
      return
    case "LeadsCreated": {
      const addLead = writes.adding(leads)
      const addId = writes.adding(ids)
      for (const lead of change.leads) {
        refuseIf(ids.has(lead.key), "one lead per address")
        refuseIf(leads.has(lead.id), "one lead per id")
        addLead(lead.id, lead)
        addId(lead.key, lead.id)
      }
      return
    }
    case "LeadsChanged":
      for (const lead of change.leads) {
        const { createdAt, email, id } = existing(leads, existing(ids, lead.key))
        const isKept = lead.id === id && lead.email === email && lead.createdAt === createdAt
        writes.replace(leads, id, isKept ? lead : { ...lead, id, email, createdAt })
      }
      return
    case "LeadsEnrolled": {
      const { campaignId, dueAt, enrolledAt, keys } = change
      const inCampaign = existing(enrollments, campaignId)
      const add = writes.adding(inCampaign)
      for (const key of keys) {
        const id = existing(ids, key)
        refuseIf(inCampaign.has(id), "one enrolment per campaign and lead")
        const enrollment = newEnrollment(campaignId, id, enrolledAt)
        add(id, enrollment)
        if (dueAt !== null) queue(firstMessage(enrollment, dueAt))
      }
      count(campaignId, { enrolled: keys.length, active: keys.length })
      return
    }
    case "FirstStepQueued": {
      const { campaignId, dueAt } = change
      for (const enrollment of existing(enrollments, campaignId).values())
        if (enrollment.state === "active") queue(firstMessage(enrollment, dueAt))
      return
    }
    case "MessagesQueued":
      for (const message of change.messages) queue(message)
      return
    case "MessagesChanged":
      for (const message of change.messages) putMessage(message)
      return
    case "MessagesLeased":
      for (const id of change.ids) {
        const message = existing(messages, id)
        putMessage({
          ...message,
          attempt: message.attempt + 1,
          failures: message.failures + (message.lease === null ? 0 : 1),
          lease: change.lease
        })
      }
      return
    case "EnrollmentsChanged":
      for (const enrollment of change.enrollments) putEnrollment(enrollment)
      return
    case "EnrollmentsEnded": {
      const { endedAt, reason } = change
      const entries = new Set(change.entries)
      let ended = 0
      for (const inCampaign of enrollments.values()) {
        for (const [id, enrollment] of inCampaign) {
          if (enrollment.state !== "active") continue
          const { key } = existing(leads, id)
          if (!entries.has(key) && !entries.has(domainEntryOf(key))) continue
          putEnrollment({ ...enrollment, state: "ended", endReason: reason, endedAt })
          ended++
        }
      }
      if (ended > 0) record(endedAt, endedTogether(reason, ended))
      return
    }
    case "SuppressionsAdded":
      for (const suppression of change.suppressions) {
        refuseIf(suppressions.has(suppression.entry), "one suppression per entry")
        writes.put(suppressions, suppression.entry, suppression)
      }
      return
    case "SuppressionsRemoved":
      for (const entry of change.entries) {
        writes.drop(suppressions, entry)
        if (isAddressEntry(entry)) writes.drop(erased, hashOf(workspaceId, entry))
      }
      return
    case "LeadsErased":
      for (const { anonymised, key } of change.leads) {
        writes.put(leads, existing(ids, key), anonymised)
        writes.drop(ids, key)
      }
      return
    case "AddressesForgotten":
      for (const key of change.keys) {
        const hash = hashOf(workspaceId, key)
        writes.drop(suppressions, key)
        if (!erased.has(hash)) writes.put(erased, hash, change.suppressedAt)
      }
      return
    case "IdempotencyRecorded": {
      const { forgetUpTo, record } = change
      for (const [key, { keptAt }] of idempotency) if (keptAt <= forgetUpTo) writes.drop(idempotency, key)
      writes.put(idempotency, record.key, record)
      return
    }
    case "EventsRecorded":
      for (const event of change.events) record(change.at, event)
      return
  }

  function record(at: number, happening: Happening): void {
    const sequence = events.size + 1
    writes.put(events, sequence, { ...happening, sequence, at })
  }

  function firstMessage(enrollment: Enrollment, dueAt: number): Message {
    return queuedMessage(idOf(enrollment, 0), enrollment, 0, dueAt)
  }

  function idOf({ campaignId, leadId }: Enrollment, step: number): MessageId {
    return Ids.messageId(workspaceId, campaignId, leadId, step)
  }

  function queue(message: Message): void {
    refuseIf(messages.has(message.id), "one message per campaign, lead and step")
    const enrollment = existing(existing(enrollments, message.campaignId), message.leadId)
    for (let step = 0; step < message.step; step++) {
      const earlier = messages.get(idOf(enrollment, step))
      refuseIf(earlier?.state === "pending", "one pending message per enrolment")
    }
    writes.put(messages, message.id, message)
    count(message.campaignId, countersOf(message))
  }

  function putMessage(message: Message): void {
    const before = existing(messages, message.id)
    writes.put(messages, message.id, message)
    count(message.campaignId, addCounters(countersOf(message), countersOf(before), -1))
  }

  /** Changes an enrolment; one that is no longer active waits for no message. */
  function putEnrollment(enrollment: Enrollment): void {
    const inCampaign = existing(enrollments, enrollment.campaignId)
    const before = existing(inCampaign, enrollment.leadId)
    writes.put(inCampaign, enrollment.leadId, enrollment)
    count(enrollment.campaignId, {
      active: Number(enrollment.state === "active") - Number(before.state === "active"),
      replied: Number(enrollment.repliedAt !== null) - Number(before.repliedAt !== null)
    })
    if (before.state !== "active" || enrollment.state === "active") return
    const waiting = messages.get(idOf(enrollment, enrollment.position))
    if (waiting?.state === "pending") putMessage({ ...waiting, state: "cancelled", lease: null })
  }

  /** The one place where counters move. */
  function count(campaignId: CampaignId, by: Partial<CampaignCounters>): void {
    writes.put(counters, campaignId, addCounters(existing(counters, campaignId), by))
  }
}

const newEnrollment = (campaignId: CampaignId, leadId: LeadId, enrolledAt: number): Enrollment => ({
  campaignId,
  leadId,
  position: 0,
  state: "active",
  endReason: null,
  enrolledAt,
  repliedAt: null,
  endedAt: null
})

const refuseIf = (broken: boolean, constraint: string): void => {
  if (broken) throw new Refusal(constraint)
}

const existing = <K extends string, V>(map: ReadonlyMap<K, V>, key: K): V => {
  const value = map.get(key)
  if (value === undefined) throw new Refusal("a change names what exists")
  return value
}
