/** Webhooks and deliveries as rows of the SQL stores. */
import * as Schema from "effect/Schema"
import {
  type AttemptOutcome,
  answeredReasons,
  type DeliveryState,
  disabledReasons,
  type Subject,
  unansweredReasons,
  type Webhook,
  type WebhookDelivery,
  type WebhookStatus,
  webhookEvents
} from "../webhooks/Webhook.ts"

/** A row by its columns. A driver may give numbers as texts. */
export type Row = Readonly<Record<string, string | number | null>>

const textIn = (row: Row, column: string): string => String(row[column])

const numberIn = (row: Row, column: string): number => Number(row[column])

/** A nullable number. */
const timeIn = (row: Row, column: string): number | null => {
  const value = row[column]
  return value === null || value === undefined ? null : Number(value)
}

const eventsText = Schema.fromJsonString(Schema.Array(Schema.Literals(webhookEvents)))

const subjectText: Schema.Codec<Subject, string> = Schema.fromJsonString(
  Schema.Union([
    Schema.Struct({
      kind: Schema.Literal("campaign.started"),
      campaignId: Schema.String,
      leadsEnrolled: Schema.Finite,
      queuedMessages: Schema.Finite
    }),
    Schema.Struct({
      kind: Schema.Literals(["message.sent", "reply.received"]),
      messageId: Schema.String
    }),
    Schema.Struct({
      kind: Schema.Literal("message.bounced"),
      messageId: Schema.String,
      bounceType: Schema.Literals(["hard", "soft"])
    }),
    Schema.Struct({
      kind: Schema.Literal("webhook.disabled"),
      webhookId: Schema.String,
      reason: Schema.Literals(answeredReasons)
    }),
    Schema.Struct({ kind: Schema.Literal("webhook.test"), webhookId: Schema.String })
  ])
)

const outcomeText: Schema.Codec<AttemptOutcome, string> = Schema.fromJsonString(
  Schema.Union([
    Schema.Struct({ kind: Schema.Literal("answered"), status: Schema.Finite }),
    Schema.Struct({ kind: Schema.Literals(unansweredReasons) })
  ])
)

const encodeEvents = Schema.encodeSync(eventsText)
const decodeEvents = Schema.decodeSync(eventsText)
const encodeSubject = Schema.encodeSync(subjectText)
const decodeSubject = Schema.decodeSync(subjectText)
const encodeOutcome = Schema.encodeSync(outcomeText)
const decodeOutcome = Schema.decodeSync(outcomeText)

const statusOf = (row: Row): WebhookStatus => {
  const at = timeIn(row, "disabled_at")
  if (at === null) return { state: "active" }
  const reason = disabledReasons.find((one) => one === row["disabled_reason"])
  return { state: "disabled", reason: reason ?? "requested", at }
}

const previousOf = (row: Row): Webhook["secrets"]["previous"] => {
  const until = timeIn(row, "previous_until")
  return until === null ? null : { secret: textIn(row, "previous_secret"), until }
}

export const webhookOf = (row: Row): Webhook => ({
  id: textIn(row, "id"),
  workspaceId: textIn(row, "workspace"),
  url: textIn(row, "url"),
  events: decodeEvents(textIn(row, "events")),
  createdAt: numberIn(row, "created_at"),
  status: statusOf(row),
  secrets: { current: textIn(row, "secret"), previous: previousOf(row) },
  health: {
    failingSince: timeIn(row, "failing_since"),
    failures: numberIn(row, "failures"),
    isSlow: numberIn(row, "is_slow") === 1
  },
  position: {
    cursor: row["cursor"] === null ? null : textIn(row, "cursor"),
    offset: numberIn(row, "cursor_offset")
  }
})

/** The columns that a change writes. */
export const changedColumns = ({
  health,
  secrets,
  status
}: Pick<Webhook, "health" | "secrets" | "status">) => ({
  disabled_at: status.state === "disabled" ? status.at : null,
  disabled_reason: status.state === "disabled" ? status.reason : null,
  secret: secrets.current,
  previous_secret: secrets.previous?.secret ?? null,
  previous_until: secrets.previous?.until ?? null,
  failing_since: health.failingSince,
  failures: health.failures,
  is_slow: health.isSlow ? 1 : 0
})

/** All columns of a new endpoint, in the order of the table. */
export const webhookColumns = (webhook: Webhook) => ({
  id: webhook.id,
  workspace: webhook.workspaceId,
  url: webhook.url,
  events: encodeEvents(webhook.events),
  created_at: webhook.createdAt,
  ...changedColumns(webhook),
  cursor: webhook.position.cursor,
  cursor_offset: webhook.position.offset,
  read_at: webhook.createdAt,
  served_at: webhook.createdAt,
  ready_at: null,
  is_removed: 0
})

const stateOf = (row: Row): DeliveryState => {
  const kind = row["state"]
  return kind === "delivered" || kind === "failed"
    ? { kind, endedAt: numberIn(row, "ended_at") }
    : { kind: "pending", nextAt: numberIn(row, "next_at") }
}

const lastAttemptOf = (row: Row): WebhookDelivery["lastAttempt"] => {
  const at = timeIn(row, "last_at")
  return at === null ? null : { at, outcome: decodeOutcome(textIn(row, "last_outcome")) }
}

export const deliveryOf = (row: Row): WebhookDelivery => ({
  id: textIn(row, "id"),
  webhookId: textIn(row, "webhook"),
  subject: decodeSubject(textIn(row, "subject")),
  at: numberIn(row, "at"),
  createdAt: numberIn(row, "created_at"),
  state: stateOf(row),
  attempts: numberIn(row, "attempts"),
  attemptsBefore: numberIn(row, "attempts_before"),
  lastAttempt: lastAttemptOf(row)
})

/** The columns that an attempt writes. */
export const attemptColumns = ({ lastAttempt, state }: Pick<WebhookDelivery, "lastAttempt" | "state">) => ({
  state: state.kind,
  next_at: state.kind === "pending" ? state.nextAt : null,
  ended_at: state.kind === "pending" ? null : state.endedAt,
  last_at: lastAttempt?.at ?? null,
  last_outcome: lastAttempt === null ? null : encodeOutcome(lastAttempt.outcome)
})

/** All columns of a delivery, in the order of the table. */
export const deliveryColumns = (webhookId: string, delivery: WebhookDelivery) => ({
  webhook: webhookId,
  id: delivery.id,
  subject: encodeSubject(delivery.subject),
  at: delivery.at,
  created_at: delivery.createdAt,
  ...attemptColumns(delivery),
  attempts: delivery.attempts,
  attempts_before: delivery.attemptsBefore
})
