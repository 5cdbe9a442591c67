/**
 * The whole state of a workspace as the port shows it, in plain data that compares by value. Ids are left out, since
 * two ways to the same state draw different ones; that a message's id is the derived one is checked on the way.
 */
import {
  type Campaign,
  type CampaignCounters,
  type CampaignId,
  type DomainEvent,
  EmailAddress,
  Events,
  Ids,
  type Lead,
  type Message,
  type Page,
  Repository,
  Suppression
} from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { keys } from "./arbitraries.ts"

/** A campaign with its enrolments by address. */
export interface ObservedCampaign {
  readonly campaign: Omit<Campaign, "id" | "workspaceId">
  readonly counters: CampaignCounters
  readonly enrollments: Readonly<Record<string, ObservedEnrollment>>
}

export interface ObservedEnrollment {
  readonly position: number
  readonly state: string
  readonly endReason: string | null
  readonly enrolledAt: number
  readonly repliedAt: number | null
  readonly endedAt: number | null
  readonly pending: { readonly step: number; readonly dueAt: number } | null
  /** All of them, by step; of a lease the end alone. */
  readonly messages: ReadonlyArray<ObservedMessage>
}

export type ObservedMessage = Omit<Message, "id" | "campaignId" | "leadId" | "lease"> & {
  readonly leasedUntil: number | null
}

export interface Observed {
  readonly campaigns: ReadonlyArray<ObservedCampaign>
  /** In the order in which lists show them. */
  readonly leads: ReadonlyArray<Omit<Lead, "id">>
  readonly suppressions: ReadonlyArray<unknown>
}

export const emailKey = (email: string): EmailAddress.EmailKey =>
  Result.getOrThrow(EmailAddress.parse(email)).key

/** Observes a workspace, for the crowd of the arbitraries and whatever else its lists show. */
export const observe = Effect.fnUntraced(function* (workspaceId: string) {
  const repository = yield* Repository
  const workspace = Ids.WorkspaceId.make(workspaceId)
  const request = (after: string | null) => ({ workspaceId: workspace, after, limit: 1_000 })
  const leads = yield* everyPage((after) => repository.leads({ ...request(after), campaignId: null }))
  const campaigns = yield* everyPage((after) => repository.campaigns(request(after)))
  const suppressions = yield* everyPage((after) => Suppression.list(request(after)))
  const addresses = [...new Set([...keys.map(emailKey), ...leads.map(({ key }) => key)])].sort()
  const observed: Array<ObservedCampaign> = []
  for (const { id, workspaceId, ...campaign } of campaigns) {
    observed.push({ campaign, ...(yield* enrollmentsOf(workspaceId, id, addresses)) })
  }
  // Campaigns made in one moment have ids in any order: their names tell them apart.
  observed.sort((a, b) => a.campaign.name.localeCompare(b.campaign.name))
  const state: Observed = {
    campaigns: observed,
    leads: leads.map(({ id: _, ...lead }) => lead),
    suppressions
  }
  return state
})

const enrollmentsOf = Effect.fnUntraced(function* (
  workspaceId: Ids.WorkspaceId,
  campaignId: CampaignId,
  addresses: ReadonlyArray<EmailAddress.EmailKey>
) {
  const repository = yield* Repository
  const snapshot = yield* repository.read({ workspaceId, campaignId, addresses, history: true })
  const enrollments: Record<string, ObservedEnrollment> = {}
  for (const [key, { campaignId: _, leadId, ...enrollment }] of snapshot.enrollments) {
    const history = snapshot.history.get(key) ?? []
    for (const { id, step } of history) {
      if (id !== Ids.messageId(workspaceId, campaignId, leadId, step))
        return yield* Effect.fail(new Error("the id of a message is not the derived one"))
    }
    const messages = history.map(
      ({ campaignId: _c, id: _i, lease, leadId: _l, ...message }): ObservedMessage => ({
        ...message,
        leasedUntil: lease?.until ?? null
      })
    )
    const pending = messages.filter(({ state }) => state === "pending")
    if (pending.length > 1) return yield* Effect.fail(new Error("an enrolment has several pending messages"))
    const [first] = pending
    enrollments[key] = {
      ...enrollment,
      pending: first === undefined ? null : { step: first.step, dueAt: first.dueAt },
      messages
    }
  }
  return { counters: snapshot.counters, enrollments }
})

/** All items of a list, page by page. A list that stays where it is fails, so that no broken store can hang a law. */
export const everyPage = Effect.fnUntraced(function* <A, E, R, Cursor = string>(
  page: (after: Cursor | null) => Effect.Effect<Page<A, Cursor>, E, R>
) {
  const items: Array<A> = []
  let after: Cursor | null = null
  do {
    const next: Page<A, Cursor> = yield* page(after)
    items.push(...next.items)
    if (next.next !== null && next.next === after)
      return yield* Effect.fail(new Error(`the page after ${after} says to go on after ${after}`))
    after = next.next
  } while (after !== null)
  return items
})

/** All events of a workspace, page by page, without their cursors, which depend on random ids. */
export const everyEvent = (workspaceId: string, limit = 1_000) =>
  everyPage((after: string | null) =>
    Effect.map(Events.read({ workspaceId, after, limit }), ({ items, more, next }) => ({
      items: items.map(({ cursor: _, ...event }): DomainEvent => event),
      next: more ? next : null
    }))
  )
