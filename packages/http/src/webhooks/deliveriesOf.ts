/**
 * The deliveries that events make, as a pure function: one per message and kind. An event of the core
 * names many messages, so that a batch of deliveries may begin and end within an event.
 */
import type { Events } from "@leadterra/core"
import type { EventPosition, Subject, WebhookEvent } from "./Webhook.ts"

/** The subject of a delivery, its time, and the text that its id is made of. */
export interface Told {
  readonly subject: Subject
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly key: string
}

export interface Batch {
  readonly told: ReadonlyArray<Told>
  /** The position behind the batch. */
  readonly to: EventPosition
}

/**
 * The text that identifies a fact. A message is sent once, replied to once and bounces once of a type,
 * so that its id and the kind are enough: the text stays when an event is written again after a
 * restore. A campaign starts any number of times, so that the event counts.
 */
export const keyOf = (subject: Subject, cursor: string): string => {
  switch (subject.kind) {
    case "message.sent":
    case "reply.received":
      return JSON.stringify([subject.kind, subject.messageId])
    case "message.bounced":
      return JSON.stringify([subject.kind, subject.bounceType, subject.messageId])
    case "campaign.started":
      return JSON.stringify([subject.kind, subject.campaignId, cursor])
    case "webhook.disabled":
    case "webhook.test":
      return JSON.stringify([subject.kind, subject.webhookId, cursor])
  }
}

const subjectsOf = (event: Events.ReadEvent): ReadonlyArray<Subject> => {
  switch (event.kind) {
    case "campaign.started": {
      const { campaignId, kind, leadsEnrolled, queuedMessages } = event
      return [{ kind, campaignId, leadsEnrolled, queuedMessages }]
    }
    case "message.sent":
    case "reply.received": {
      const { kind } = event
      return event.messageIds.map((messageId) => ({ kind, messageId }))
    }
    case "message.bounced": {
      const { bounceType, kind } = event
      return event.messageIds.map((messageId) => ({ kind, messageId, bounceType }))
    }
    default:
      return []
  }
}

/**
 * Returns the next deliveries, at most `limit`, of the events that follow a position: the first of
 * `events` is the one behind its cursor. Batches one after the other tell each fact once.
 */
export const nextBatch = (
  events: ReadonlyArray<Events.ReadEvent>,
  from: EventPosition,
  { kinds, limit }: { readonly kinds: ReadonlyArray<WebhookEvent>; readonly limit: number }
): Batch => {
  const told: Array<Told> = []
  let { cursor, offset } = from
  for (const event of events) {
    const subjects = subjectsOf(event).filter(({ kind }) => kind !== "webhook.test" && kinds.includes(kind))
    const rest = subjects.slice(offset, offset + limit - told.length)
    for (const subject of rest) told.push({ subject, at: event.at, key: keyOf(subject, event.cursor) })
    offset += rest.length
    if (offset < subjects.length) break
    cursor = event.cursor
    offset = 0
    if (told.length === limit) break
  }
  return { told, to: { cursor, offset } }
}
