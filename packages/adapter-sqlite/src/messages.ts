/**
 * The statements on messages. A message is never deleted and its key never used again (SQ-3). Messages arrive as one
 * JSON array, so that a claim or a record of any size is a statement or two per campaign.
 */
import type { CampaignCounters, ClaimToken, Lease, Message, MessageState } from "@leadterra/core"
import type { Database } from "better-sqlite3"

/** How a pending message is written: it says whether the index of what is due or that of leases holds it. */
type StoredState = Exclude<MessageState, "pending"> | "queued" | "leased"

export interface MessageRow {
  readonly lead: number
  readonly step: number
  readonly state: StoredState
  readonly dueAt: number
  readonly attempt: number
  readonly token: ClaimToken | null
  readonly leasedUntil: number | null
  readonly sentAt: number | null
  readonly deliveredAt: number | null
  readonly openedAt: number | null
  readonly bouncedAt: number | null
  readonly repliedAt: number | null
  readonly unsubscribedAt: number | null
}

/** A message with the row of its lead. */
export interface LeadMessage {
  readonly lead: number
  readonly message: Message
}

export const messageColumns = `m.lead, m.step, m.state, m.due_at AS dueAt, m.attempt, m.token, m.leased_until AS leasedUntil,
  m.sent_at AS sentAt, m.delivered_at AS deliveredAt, m.opened_at AS openedAt, m.bounced_at AS bouncedAt,
  m.replied_at AS repliedAt, m.unsubscribed_at AS unsubscribedAt`

export const messageOf = (
  row: MessageRow,
  { campaignId, id, leadId }: Pick<Message, "id" | "campaignId" | "leadId">
): Message => ({
  id,
  campaignId,
  leadId,
  step: row.step,
  state: row.state === "queued" || row.state === "leased" ? "pending" : row.state,
  dueAt: row.dueAt,
  attempt: row.attempt,
  lease: row.token === null || row.leasedUntil === null ? null : { token: row.token, until: row.leasedUntil },
  sentAt: row.sentAt,
  deliveredAt: row.deliveredAt,
  openedAt: row.openedAt,
  bouncedAt: row.bouncedAt,
  repliedAt: row.repliedAt,
  unsubscribedAt: row.unsubscribedAt
})

const storedState = ({ lease, state }: Message): StoredState =>
  state !== "pending" ? state : lease === null ? "queued" : "leased"

export const historySql = `SELECT ${messageColumns} FROM json_each(?) AS k
  CROSS JOIN message AS m ON m.campaign = ? AND m.lead = k.value`

export const queueFirstSql = `INSERT INTO message (campaign, lead, step, due_at)
  SELECT campaign, lead, position, ? FROM enrollment WHERE campaign = ? AND state = 'active'`

/** Needs the leads that `cover` gathers. */
export const cancelCoveredSql = `UPDATE message SET state = 'cancelled', token = NULL, leased_until = NULL
  WHERE campaign = ? AND lead IN (SELECT lead FROM temp.covered) AND state IN ('queued', 'leased')`

export const cancelSql = `UPDATE message SET state = 'cancelled', token = NULL, leased_until = NULL
  WHERE campaign = ? AND lead IN (SELECT value FROM json_each(?)) AND state IN ('queued', 'leased')`

export const leaseSql = `UPDATE message SET state = 'leased', token = ?, leased_until = ?, attempt = attempt + 1
  WHERE campaign = ? AND lead IN (SELECT value FROM json_each(?)) AND state IN ('queued', 'leased')`

export const releaseSql = `UPDATE message SET state = 'queued'
  WHERE campaign = ? AND state = 'leased' AND leased_until <= ?`

const written = `state, due_at, attempt, token, leased_until, sent_at, delivered_at, opened_at, bounced_at,
  replied_at, unsubscribed_at`

/** The values of `written`, from the third place of an entry on. */
const entries = `json_extract(value, '$[2]'), json_extract(value, '$[3]'), json_extract(value, '$[4]'),
  json_extract(value, '$[5]'), json_extract(value, '$[6]'), json_extract(value, '$[7]'), json_extract(value, '$[8]'),
  json_extract(value, '$[9]'), json_extract(value, '$[10]'), json_extract(value, '$[11]'), json_extract(value, '$[12]')`

const insertSql = `INSERT INTO message (campaign, lead, step, ${written})
  SELECT ?, json_extract(value, '$[0]'), json_extract(value, '$[1]'), ${entries} FROM json_each(?)`

export const changeSql = `INSERT INTO message (campaign, lead, step, ${written})
  SELECT ?, json_extract(value, '$[0]'), json_extract(value, '$[1]'), ${entries} FROM json_each(?) WHERE TRUE
  ON CONFLICT (campaign, lead, step) DO UPDATE SET (${written}) = (excluded.state, excluded.due_at, excluded.attempt,
    excluded.token, excluded.leased_until, excluded.sent_at, excluded.delivered_at, excluded.opened_at,
    excluded.bounced_at, excluded.replied_at, excluded.unsubscribed_at)`

export const countSql = `SELECT count(*) AS messages, total(m.state IN ('queued', 'leased')) AS pending,
  count(m.sent_at) AS sent, count(m.delivered_at) AS delivered, count(m.opened_at) AS opened,
  count(m.bounced_at) AS bounced, count(m.replied_at) AS replied
  FROM json_each(?) AS k CROSS JOIN message AS m
  ON m.campaign = ? AND m.lead = json_extract(k.value, '$[0]') AND m.step = json_extract(k.value, '$[1]')`

type Counted = Omit<CampaignCounters, "enrolled" | "active"> & { readonly messages: number }

const jsonOf = (messages: ReadonlyArray<LeadMessage>): string =>
  JSON.stringify(
    messages.map(({ lead, message }) => [
      lead,
      message.step,
      storedState(message),
      message.dueAt,
      message.attempt,
      message.lease?.token ?? null,
      message.lease?.until ?? null,
      message.sentAt,
      message.deliveredAt,
      message.openedAt,
      message.bouncedAt,
      message.repliedAt,
      message.unsubscribedAt
    ])
  )

export const messageStatements = (db: Database) => {
  const history = db.prepare<[string, number], MessageRow>(historySql)
  const queueFirst = db.prepare<[number, number, string]>(
    "INSERT INTO message (campaign, lead, step, due_at) SELECT ?, value, 0, ? FROM json_each(?)"
  )
  const queueActive = db.prepare<[number, number]>(queueFirstSql)
  const cancelCovered = db.prepare<[number]>(cancelCoveredSql)
  const cancel = db.prepare<[number, string]>(cancelSql)
  const lease = db.prepare<[ClaimToken, number, number, string]>(leaseSql)
  const release = db.prepare<[number, number]>(releaseSql)
  const insert = db.prepare<[number, string]>(insertSql)
  const change = db.prepare<[number, string]>(changeSql)
  const count = db.prepare<[string, number], Counted>(countSql)
  return {
    /** All messages of these leads in a campaign. */
    history: (campaign: number, leads: ReadonlyArray<number>): ReadonlyArray<MessageRow> =>
      history.all(JSON.stringify(leads), campaign),
    /** Queues the first message of new enrolments, and gives their number. */
    queueFirst: (campaign: number, leads: ReadonlyArray<number>, dueAt: number): number =>
      queueFirst.run(campaign, dueAt, JSON.stringify(leads)).changes,
    /** Queues the first message of every active enrolment (SQ-4), and gives their number. */
    queueActive: (campaign: number, dueAt: number): number => queueActive.run(dueAt, campaign).changes,
    queue: (campaign: number, messages: ReadonlyArray<LeadMessage>): void => {
      insert.run(campaign, jsonOf(messages))
    },
    /** Writes messages that exist. */
    change: (campaign: number, messages: ReadonlyArray<LeadMessage>): void => {
      change.run(campaign, jsonOf(messages))
    },
    /** What these messages add to the counters, and how many of them there are. */
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
  messages: 0,
  pending: 0,
  sent: 0,
  delivered: 0,
  opened: 0,
  bounced: 0,
  replied: 0
}
