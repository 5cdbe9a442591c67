/**
 * The statements on messages. A message is never deleted and its key never used again (SQ-3). Those that are to be alike but
 * for their leads are written by one statement, and of a claim or a record most are: it takes a few, whatever its size.
 */
import type { CampaignCounters, ClaimToken, Lease, Message, MessageState } from "@leadterra/core"
import type { Database } from "better-sqlite3"
import { groupAlike } from "./groupAlike.ts"

/** How a pending message is written: it says whether the index of what is due or that of leases holds it. */
type StoredState = Exclude<MessageState, "pending"> | "queued" | "leased"

/** The columns of `messageColumns`, in their order. */
export type MessageRow = [
  step: number,
  state: StoredState,
  dueAt: number,
  attempt: number,
  token: ClaimToken | null,
  leasedUntil: number | null,
  sentAt: number | null,
  deliveredAt: number | null,
  openedAt: number | null,
  bouncedAt: number | null,
  hardBouncedAt: number | null,
  repliedAt: number | null,
  unsubscribedAt: number | null,
  failures: number
]

/** A message with the row of its lead. */
export interface LeadMessage {
  readonly lead: number
  readonly message: Message
}

export const messageColumns = `m.step, m.state, m.due_at, m.attempt, m.token, m.leased_until, m.sent_at,
  m.delivered_at, m.opened_at, m.bounced_at, m.hard_bounced_at, m.replied_at, m.unsubscribed_at,
  m.failures`

export const messageOf = (
  { campaignId, id, leadId }: Pick<Message, "id" | "campaignId" | "leadId">,
  row: readonly [...MessageRow, ...ReadonlyArray<unknown>]
): Message => ({
  id,
  campaignId,
  leadId,
  step: row[0],
  state: row[1] === "queued" || row[1] === "leased" ? "pending" : row[1],
  dueAt: row[2],
  attempt: row[3],
  lease: row[4] === null || row[5] === null ? null : { token: row[4], until: row[5] },
  sentAt: row[6],
  deliveredAt: row[7],
  openedAt: row[8],
  bouncedAt: row[9],
  hardBouncedAt: row[10],
  repliedAt: row[11],
  unsubscribedAt: row[12],
  failures: row[13]
})

const storedState = ({ lease, state }: Message): StoredState =>
  state !== "pending" ? state : lease === null ? "queued" : "leased"

export const historySql = `SELECT ${messageColumns}, m.lead FROM json_each(?) AS k
  CROSS JOIN message AS m ON m.campaign = ? AND m.lead = k.value`

export const queueFirstSql = `INSERT INTO message (campaign, lead, step, due_at)
  SELECT campaign, lead, position, ? FROM enrollment WHERE campaign = ? AND state = 'active'`

/** Needs the leads that `cover` gathers. */
export const cancelCoveredSql = `UPDATE message SET state = 'cancelled', token = NULL, leased_until = NULL
  WHERE campaign = ? AND lead IN (SELECT lead FROM temp.covered) AND state IN ('queued', 'leased')`

export const cancelSql = `UPDATE message SET state = 'cancelled', token = NULL, leased_until = NULL
  WHERE campaign = ? AND lead IN (SELECT value FROM json_each(?)) AND state IN ('queued', 'leased')`

/** A token that is still there is that of a lease that ran out: its attempt has failed (DE-4). */
export const leaseSql = `UPDATE message SET state = 'leased', token = ?, leased_until = ?, attempt = attempt + 1,
    failures = failures + (token IS NOT NULL)
  WHERE campaign = ? AND lead IN (SELECT value FROM json_each(?)) AND state IN ('queued', 'leased')`

export const releaseSql = `UPDATE message SET state = 'queued'
  WHERE campaign = ? AND state = 'leased' AND leased_until <= ?`

const written = `state, due_at, attempt, token, leased_until, sent_at, delivered_at, opened_at, bounced_at,
  hard_bounced_at, replied_at, unsubscribed_at, failures`

const insertSql = `INSERT INTO message (campaign, step, ${written}, lead)
  SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, value FROM json_each(?)`

export const changeSql = `UPDATE message SET (${written}) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  WHERE campaign = ? AND lead IN (SELECT value FROM json_each(?)) AND step = ?`

export const countSql = `SELECT total(m.state IN ('queued', 'leased')) AS pending,
  count(m.sent_at) AS sent, count(m.delivered_at) AS delivered, count(m.opened_at) AS opened,
  count(m.bounced_at) AS bounced, count(m.hard_bounced_at) AS hardBounced
  FROM json_each(?) AS k CROSS JOIN message AS m
  ON m.campaign = ? AND m.lead = json_extract(k.value, '$[0]') AND m.step = json_extract(k.value, '$[1]')`

type Counted = Omit<CampaignCounters, "enrolled" | "active" | "replied">

/** The values of `written`. */
type Written = [StoredState, ...Array<string | number | null>]

const writtenOf = (message: Message): Written => {
  const { attempt, bouncedAt, deliveredAt, dueAt, hardBouncedAt, lease, openedAt } = message
  const { failures, repliedAt, sentAt, unsubscribedAt } = message
  const facts = [sentAt, deliveredAt, openedAt, bouncedAt, hardBouncedAt, repliedAt, unsubscribedAt]
  const held = [lease?.token ?? null, lease?.until ?? null]
  return [storedState(message), dueAt, attempt, ...held, ...facts, failures]
}

/** Leads whose messages are to be alike. */
interface Alike {
  readonly step: number
  readonly values: Written
  readonly leads: string
}

const areAlike = ({ message: a }: LeadMessage, { message: b }: LeadMessage): boolean =>
  a.step === b.step &&
  a.state === b.state &&
  a.dueAt === b.dueAt &&
  a.attempt === b.attempt &&
  a.failures === b.failures &&
  a.lease?.token === b.lease?.token &&
  a.lease?.until === b.lease?.until &&
  a.sentAt === b.sentAt &&
  a.deliveredAt === b.deliveredAt &&
  a.openedAt === b.openedAt &&
  a.bouncedAt === b.bouncedAt &&
  a.hardBouncedAt === b.hardBouncedAt &&
  a.repliedAt === b.repliedAt &&
  a.unsubscribedAt === b.unsubscribedAt

const nameOf = ({ message }: LeadMessage): string => `${message.step} ${writtenOf(message)}`

const groups = (messages: ReadonlyArray<LeadMessage>): ReadonlyArray<Alike> =>
  groupAlike(messages, areAlike, nameOf).map((alike) => ({
    step: alike[0].message.step,
    values: writtenOf(alike[0].message),
    leads: JSON.stringify(alike.map(({ lead }) => lead))
  }))

export const messageStatements = (db: Database) => {
  const history = db.prepare<[string, number], [...MessageRow, lead: number]>(historySql).raw()
  const queueFirst = db.prepare<[number, number, string]>(
    "INSERT INTO message (campaign, lead, step, due_at) SELECT ?, value, 0, ? FROM json_each(?)"
  )
  const queueActive = db.prepare<[number, number]>(queueFirstSql)
  const cancelCovered = db.prepare<[number]>(cancelCoveredSql)
  const cancel = db.prepare<[number, string]>(cancelSql)
  const lease = db.prepare<[ClaimToken, number, number, string]>(leaseSql)
  const release = db.prepare<[number, number]>(releaseSql)
  const insert = db.prepare<[number, number, ...Written, string]>(insertSql)
  const change = db.prepare<[...Written, number, string, number]>(changeSql)
  const count = db.prepare<[string, number], Counted>(countSql)
  return {
    /** All messages of these leads in a campaign. */
    history: (
      campaign: number,
      leads: ReadonlyArray<number>
    ): ReadonlyArray<readonly [...MessageRow, lead: number]> => history.all(JSON.stringify(leads), campaign),
    /** Queues the first message of new enrolments, and gives their number. */
    queueFirst: (campaign: number, leads: ReadonlyArray<number>, dueAt: number): number =>
      queueFirst.run(campaign, dueAt, JSON.stringify(leads)).changes,
    /** Queues the first message of every active enrolment (SQ-4), and gives their number. */
    queueActive: (campaign: number, dueAt: number): number => queueActive.run(dueAt, campaign).changes,
    queue: (campaign: number, messages: ReadonlyArray<LeadMessage>): void => {
      for (const { leads, step, values } of groups(messages)) insert.run(campaign, step, ...values, leads)
    },
    /** Writes messages, and gives how many of them there are. */
    change: (campaign: number, messages: ReadonlyArray<LeadMessage>): number => {
      let changes = 0
      for (const { leads, step, values } of groups(messages))
        changes += change.run(...values, campaign, leads, step).changes
      return changes
    },
    /** What these messages, as they are stored, add to the counters. */
    count: (campaign: number, messages: ReadonlyArray<LeadMessage>): Counted =>
      count.get(JSON.stringify(messages.map(({ lead, message }) => [lead, message.step])), campaign) ??
      nothing,
    /** Leases the pending messages of these leads, and gives their number. */
    lease: (campaign: number, leads: ReadonlyArray<number>, { token, until }: Lease): number =>
      lease.run(token, until, campaign, JSON.stringify(leads)).changes,
    /** Puts what leases have run out on back among what is due: for the index alone, the token stays. */
    release: (campaign: number, at: number): void => {
      release.run(campaign, at)
    },
    /** Cancels the pending messages of these leads in one campaign, and gives their number. */
    cancel: (campaign: number, leads: ReadonlyArray<number>): number =>
      cancel.run(campaign, JSON.stringify(leads)).changes,
    /** Cancels the pending messages of the gathered leads in one campaign, and gives their number. */
    cancelCovered: (campaign: number): number => cancelCovered.run(campaign).changes
  }
}

const nothing: Counted = {
  pending: 0,
  sent: 0,
  delivered: 0,
  opened: 0,
  bounced: 0,
  hardBounced: 0
}
