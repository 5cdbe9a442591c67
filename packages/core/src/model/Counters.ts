/**
 * What is counted of a campaign, and how counts move. They are kept with the campaign and follow from the rows that
 * move; a recount gives the same, at every moment.
 */
import type { Enrollment } from "./Enrollment.ts"
import type { Message } from "./Message.ts"

/**
 * Counts of enrolments: all of them (`enrolled`), the active ones, and those with a reply
 * (`replied`). Counts of messages: those that are pending, and those with each fact; `bounced`
 * counts hard and soft bounces (DE-5).
 */
export interface CampaignCounters {
  readonly enrolled: number
  readonly active: number
  readonly pending: number
  readonly sent: number
  readonly delivered: number
  readonly opened: number
  readonly bounced: number
  readonly hardBounced: number
  readonly replied: number
}

export const noCounters: CampaignCounters = {
  enrolled: 0,
  active: 0,
  pending: 0,
  sent: 0,
  delivered: 0,
  opened: 0,
  bounced: 0,
  hardBounced: 0,
  replied: 0
}

/** What messages of one campaign add to its counters. */
export const totalOf = (messages: ReadonlyArray<Message>): CampaignCounters => {
  const total = { ...noCounters }
  for (const { bouncedAt, deliveredAt, hardBouncedAt, openedAt, sentAt, state } of messages) {
    if (state === "pending") total.pending++
    if (sentAt !== null) total.sent++
    if (deliveredAt !== null) total.delivered++
    if (openedAt !== null) total.opened++
    if (bouncedAt !== null) total.bounced++
    if (hardBouncedAt !== null) total.hardBounced++
  }
  return total
}

/** Returns the share of one message in the counters of its campaign. */
export const countersOf = (message: Message): CampaignCounters => totalOf([message])

/** Returns the share of enrolments of one campaign in its counters, by their states and replies. */
export const enrollmentTotalOf = (
  enrollments: ReadonlyArray<Enrollment>
): Pick<CampaignCounters, "active" | "replied"> => {
  const total = { active: 0, replied: 0 }
  for (const { repliedAt, state } of enrollments) {
    if (state === "active") total.active++
    if (repliedAt !== null) total.replied++
  }
  return total
}

/** Counters, and `times` what else is counted: -1 takes it away. */
export const addCounters = (
  counters: CampaignCounters,
  by: Partial<CampaignCounters>,
  times: 1 | -1 = 1
): CampaignCounters => ({
  enrolled: counters.enrolled + times * (by.enrolled ?? 0),
  active: counters.active + times * (by.active ?? 0),
  pending: counters.pending + times * (by.pending ?? 0),
  sent: counters.sent + times * (by.sent ?? 0),
  delivered: counters.delivered + times * (by.delivered ?? 0),
  opened: counters.opened + times * (by.opened ?? 0),
  bounced: counters.bounced + times * (by.bounced ?? 0),
  hardBounced: counters.hardBounced + times * (by.hardBounced ?? 0),
  replied: counters.replied + times * (by.replied ?? 0)
})
