/** The statements on messages. A message is never deleted and its key never used again (SQ-3). */
import {
  type Campaign,
  type CampaignCounters,
  type ClaimToken,
  Ids,
  type Lead,
  type Lease,
  type Message,
  type MessageState,
  type WorkspaceId
} from "@leadterra/core"
import { columnOf, type Session, statement } from "./Session.ts"

/** How a pending message is written: it says whether the index of what is due or that of leases holds it. */
type StoredState = Exclude<MessageState, "pending"> | "queued" | "leased"

export interface MessageRow {
  readonly step: number
  readonly state: StoredState
  readonly dueAt: number
  readonly attempt: number
  readonly failures: number
  readonly token: ClaimToken | null
  readonly leasedUntil: number | null
  readonly sentAt: number | null
  readonly deliveredAt: number | null
  readonly openedAt: number | null
  readonly bouncedAt: number | null
  readonly hardBouncedAt: number | null
  readonly repliedAt: number | null
  readonly unsubscribedAt: number | null
}

/** A message with the number of its lead. */
export interface LeadMessage {
  readonly lead: number
  readonly message: Message
}

export const messageColumns = `m.step, m.state, m.due_at AS "dueAt", m.attempt, m.failures, m.token, m.leased_until AS "leasedUntil",
  m.sent_at AS "sentAt", m.delivered_at AS "deliveredAt", m.opened_at AS "openedAt", m.bounced_at AS "bouncedAt",
  m.hard_bounced_at AS "hardBouncedAt", m.replied_at AS "repliedAt", m.unsubscribed_at AS "unsubscribedAt"`

/** The ids of a lead's message. */
export const namesOf = (campaign: Campaign, lead: Lead, step: number) => ({
  id: Ids.messageId(campaign.workspaceId, campaign.id, lead.id, step),
  campaignId: campaign.id,
  leadId: lead.id
})

export const messageOf = (
  { campaignId, id, leadId }: Pick<Message, "id" | "campaignId" | "leadId">,
  row: MessageRow
): Message => ({
  id,
  campaignId,
  leadId,
  step: row.step,
  state: row.state === "queued" || row.state === "leased" ? "pending" : row.state,
  dueAt: row.dueAt,
  attempt: row.attempt,
  failures: row.failures,
  lease: row.token === null || row.leasedUntil === null ? null : { token: row.token, until: row.leasedUntil },
  sentAt: row.sentAt,
  deliveredAt: row.deliveredAt,
  openedAt: row.openedAt,
  bouncedAt: row.bouncedAt,
  hardBouncedAt: row.hardBouncedAt,
  repliedAt: row.repliedAt,
  unsubscribedAt: row.unsubscribedAt
})

const storedState = ({ lease, state }: Message): StoredState =>
  state !== "pending" ? state : lease === null ? "queued" : "leased"

export const findHistory = statement<MessageRow & { readonly lead: number }>(
  `SELECT ${messageColumns}, m.lead FROM unnest($3::bigint[]) AS k (lead)
   CROSS JOIN LATERAL (
     SELECT * FROM message WHERE workspace = $1 AND campaign = $2 AND lead = k.lead OFFSET 0
   ) AS m`
)

const queueFirst = statement(
  `INSERT INTO message (workspace, campaign, lead, step, due_at)
   SELECT $1, $2, lead, 0, $3 FROM unnest($4::bigint[]) AS v (lead)`
)

const queueActive = statement(
  `INSERT INTO message (workspace, campaign, lead, step, due_at)
   SELECT workspace, campaign, lead, position, $3 FROM enrollment
   WHERE workspace = $1 AND campaign = $2 AND state = 'active'`
)

/** The step of a lead. */
export interface Named {
  readonly lead: number
  readonly step: number
}

/** All that is written of a message, in the order of `valuesOf`. */
const facts = `state, due_at, attempt, token, leased_until, sent_at, delivered_at, opened_at, bounced_at, hard_bounced_at,
  replied_at, unsubscribed_at, failures`
const written = `lead, step, ${facts}`
const values = `unnest($3::bigint[], $4::int[], $5::text[], $6::float8[], $7::int[], $8::text[], $9::float8[],
  $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::float8[], $15::float8[], $16::float8[], $17::int[]) AS v (${written})`

/** A message belongs to an enrolment. */
const insert = statement(
  `INSERT INTO message (workspace, campaign, ${written}) SELECT $1, $2, v.* FROM ${values}
   CROSS JOIN LATERAL (
     SELECT FROM enrollment WHERE workspace = $1 AND campaign = $2 AND lead = v.lead OFFSET 0
   ) AS e`
)

/** Ends an insert of messages that all exist. */
export const changing = "ON CONFLICT (workspace, campaign, lead, step) DO UPDATE SET"

const change = statement(
  `INSERT INTO message (workspace, campaign, ${written}) SELECT $1, $2, v.* FROM ${values}
   ${changing} (${facts}) = ROW (${facts.replaceAll(/\w+/g, "excluded.$&")})`
)

const count = statement<Counted>(
  `SELECT count(*) AS found, count(*) FILTER (WHERE m.state IN ('queued', 'leased')) AS pending, count(m.sent_at) AS sent,
     count(m.delivered_at) AS delivered, count(m.opened_at) AS opened, count(m.bounced_at) AS bounced,
     count(m.hard_bounced_at) AS "hardBounced"
   FROM unnest($3::bigint[], $4::int[]) AS v (lead, step)
   CROSS JOIN LATERAL (
     SELECT * FROM message WHERE workspace = $1 AND campaign = $2 AND lead = v.lead AND step = v.step OFFSET 0
   ) AS m`
)

/** A token that is still there is that of a lease that ran out: its attempt has failed (DE-4). */
const lease = statement(
  `INSERT INTO message AS m (workspace, campaign, lead, step, due_at)
   SELECT $1, $2, v.lead, v.step, 0 FROM unnest($3::bigint[], $4::int[]) AS v (lead, step)
   ${changing} state = 'leased', token = $5, leased_until = $6, attempt = m.attempt + 1,
     failures = m.failures + (m.token IS NOT NULL)::int
   WHERE m.state IN ('queued', 'leased')`
)

const cancel = statement(
  `INSERT INTO message (workspace, campaign, lead, step, due_at)
   SELECT $1, $2, v.lead, v.step, 0 FROM unnest($3::bigint[]) AS k (lead)
   CROSS JOIN LATERAL (
     SELECT lead, step FROM message
     WHERE workspace = $1 AND campaign = $2 AND lead = k.lead AND state IN ('queued', 'leased') LIMIT 1
   ) AS v
   ${changing} state = 'cancelled', token = NULL, leased_until = NULL`
)

type Counted = Omit<CampaignCounters, "enrolled" | "active" | "replied"> & { readonly found: number }

/** The columns of `written`. */
const valuesOf = (messages: ReadonlyArray<LeadMessage>) => {
  const column = <A>(field: (message: Message) => A) => columnOf(messages, ({ message }) => field(message))
  return [
    messages.map(({ lead }) => lead),
    column(({ step }) => step),
    column(storedState),
    column(({ dueAt }) => dueAt),
    column(({ attempt }) => attempt),
    column((message) => message.lease?.token ?? null),
    column((message) => message.lease?.until ?? null),
    column(({ sentAt }) => sentAt),
    column(({ deliveredAt }) => deliveredAt),
    column(({ openedAt }) => openedAt),
    column(({ bouncedAt }) => bouncedAt),
    column(({ hardBouncedAt }) => hardBouncedAt),
    column(({ repliedAt }) => repliedAt),
    column(({ unsubscribedAt }) => unsubscribedAt),
    column(({ failures }) => failures)
  ]
}

/** The messages of one campaign. Each of these gives how many it has written. */
export class Messages {
  private readonly session: Session
  private readonly workspace: WorkspaceId
  private readonly campaign: number

  constructor(session: Session, workspace: WorkspaceId, campaign: number) {
    this.session = session
    this.workspace = workspace
    this.campaign = campaign
  }

  /** Queues the first message of new enrolments. */
  queueFirst(leads: ReadonlyArray<number>, dueAt: number): Promise<number> {
    return this.session.write(queueFirst, this.workspace, this.campaign, dueAt, leads)
  }

  /** Queues the next message of every active enrolment. */
  queueActive(dueAt: number): Promise<number> {
    return this.session.write(queueActive, this.workspace, this.campaign, dueAt)
  }

  insert(messages: ReadonlyArray<LeadMessage>): Promise<number> {
    return this.session.write(insert, this.workspace, this.campaign, ...valuesOf(messages))
  }

  /** Changes messages, all of which exist. */
  change(messages: ReadonlyArray<LeadMessage>): Promise<number> {
    return this.session.write(change, this.workspace, this.campaign, ...valuesOf(messages))
  }

  /** How many of these messages there are, and what they add to the counters as they are stored. */
  async count(named: ReadonlyArray<Named>): Promise<Counted | undefined> {
    const leads = named.map(({ lead }) => lead)
    const steps = named.map(({ step }) => step)
    return this.session.first(count, this.workspace, this.campaign, leads, steps)
  }

  /** Leases those that are pending of these messages, all of which exist. */
  lease(named: ReadonlyArray<Named>, { token, until }: Lease): Promise<number> {
    const leads = named.map(({ lead }) => lead)
    const steps = named.map(({ step }) => step)
    return this.session.write(lease, this.workspace, this.campaign, leads, steps, token, until)
  }

  /** Cancels the pending messages of these leads. */
  cancel(leads: ReadonlyArray<number>): Promise<number> {
    return this.session.write(cancel, this.workspace, this.campaign, leads)
  }
}
