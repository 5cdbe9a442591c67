/** The records of webhooks: an endpoint that is told of events, and a delivery of one event to it. */

/** The published kinds of events, and that of an endpoint which its answers disabled. */
export const webhookEvents = [
  "campaign.started",
  "message.sent",
  "message.bounced",
  "reply.received",
  "webhook.disabled"
] as const
export type WebhookEvent = (typeof webhookEvents)[number]

/** Endpoints of one workspace, bytes of the url of one, and deliveries that wait for it. */
export const maxWebhooks = 16
export const maxUrlBytes = 2_048
export const maxPendingDeliveries = 10_000

/** Milliseconds for which deliveries are kept after their end. */
export const keptMillis = 3 * 86_400_000

/**
 * The secrets of an endpoint, as their owner has them: `whsec_` and base64. While it is rotated, the
 * one before is valid until a time in milliseconds since the epoch.
 */
export interface WebhookSecrets {
  readonly current: string
  readonly previous: { readonly secret: string; readonly until: number } | null
}

/** Answers of an endpoint disable it when they fail for days, or once when one is 410 Gone. */
export const answeredReasons = ["failing", "gone"] as const
export type AnsweredReason = (typeof answeredReasons)[number]

/** An endpoint is disabled by its answers, or as a call requested. */
export const disabledReasons = ["requested", ...answeredReasons] as const

/** `at` is in milliseconds since the epoch. */
export type WebhookStatus =
  | { readonly state: "active" }
  | {
      readonly state: "disabled"
      readonly reason: (typeof disabledReasons)[number]
      readonly at: number
    }

/** The attempts since the last one that succeeded. */
export interface WebhookHealth {
  /** The time of the first failure since the last success, in milliseconds since the epoch; else null. */
  readonly failingSince: number | null
  /** Failed attempts since then. */
  readonly failures: number
  /** Whether the last attempt failed or was slow. */
  readonly isSlow: boolean
}

/**
 * How far the events of the workspace were handled: those up to the event of the cursor, and so many
 * deliveries of the event after it. The cursor is null before the first event.
 */
export interface EventPosition {
  readonly cursor: string | null
  readonly offset: number
}

/** Names an endpoint within its workspace. */
export interface WebhookRef {
  readonly workspaceId: string
  /** `wh_` and a ULID. */
  readonly id: string
}

/** An endpoint. */
export interface Webhook extends WebhookRef {
  readonly url: string
  /** The kinds that it is told of. */
  readonly events: ReadonlyArray<WebhookEvent>
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly status: WebhookStatus
  readonly secrets: WebhookSecrets
  readonly health: WebhookHealth
  readonly position: EventPosition
}

/** The event that a delivery tells of, by ids and numbers. It holds no address and no field of a lead. */
export type Subject =
  | {
      readonly kind: "campaign.started"
      readonly campaignId: string
      readonly leadsEnrolled: number
      readonly queuedMessages: number
    }
  | { readonly kind: "message.sent" | "reply.received"; readonly messageId: string }
  | {
      readonly kind: "message.bounced"
      readonly messageId: string
      readonly bounceType: "hard" | "soft"
    }
  | {
      readonly kind: "webhook.disabled"
      readonly webhookId: string
      readonly reason: AnsweredReason
    }
  | { readonly kind: "webhook.test"; readonly webhookId: string }

/** The end of an attempt: the status of an answer, or the reason why there was none. */
export type AttemptOutcome =
  | { readonly kind: "answered"; readonly status: number }
  | { readonly kind: UnansweredReason }

/**
 * `timed_out` after ten seconds; `address_refused` for a name or an address that the server does not
 * connect to; `not_resolved` for a name without an address; `connection_failed` for a connection or
 * a certificate; `lost` for an attempt whose process ended.
 */
export const unansweredReasons = [
  "timed_out",
  "address_refused",
  "not_resolved",
  "connection_failed",
  "lost"
] as const
export type UnansweredReason = (typeof unansweredReasons)[number]

/** Times in milliseconds since the epoch. A pending delivery is due, or its attempt is lost, at `nextAt`. */
export type DeliveryState =
  | { readonly kind: "pending"; readonly nextAt: number }
  | { readonly kind: "delivered" | "failed"; readonly endedAt: number }

/** A delivery of one event to one endpoint. */
export interface WebhookDelivery {
  /** The `webhook-id`, which follows from the event: the same event has it again. */
  readonly id: string
  readonly webhookId: string
  readonly subject: Subject
  /** The time of the event in the workspace, in milliseconds since the epoch. */
  readonly at: number
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly state: DeliveryState
  /** Attempts so far, with the one under way. They only grow. */
  readonly attempts: number
  /** Those before it was last asked for again. */
  readonly attemptsBefore: number
  readonly lastAttempt: { readonly at: number; readonly outcome: AttemptOutcome } | null
}
