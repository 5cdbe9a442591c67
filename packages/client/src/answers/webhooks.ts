/** Answers about webhooks. */

export type WebhookEvent =
  | "campaign.started"
  | "message.sent"
  | "message.bounced"
  | "reply.received"
  | "webhook.disabled"

/** An endpoint that is told of events. */
export interface Webhook {
  readonly id: string
  readonly url: string
  readonly events: ReadonlyArray<WebhookEvent>
  readonly status: "active" | "disabled"
  readonly createdAt: string
  /** `failing`: no attempt had succeeded for three days. `gone`: the endpoint answered 410. */
  readonly disabledReason: "requested" | "failing" | "gone" | null
  readonly disabledAt: string | null
  /** The first failure since the last attempt that succeeded. */
  readonly failingSince: string | null
  /** While the secret rotates: until when the one before signs as well. */
  readonly previousSecretUntil: string | null
}

/** The one answer that holds the secret. */
export interface WebhookWithSecret extends Webhook {
  readonly secret: string
}

/** A delivery of one event. `id` is the `webhook-id` of its attempts. */
export interface WebhookDelivery {
  readonly id: string
  readonly event: WebhookEvent | "webhook.test"
  readonly campaignId?: string
  readonly messageId?: string
  readonly state: "pending" | "delivered" | "failed"
  readonly attempts: number
  readonly createdAt: string
  readonly nextAttemptAt: string | null
  readonly endedAt: string | null
  /** The status of the receiver's answer, or the reason why there was none. */
  readonly lastAttempt: {
    readonly at: string
    readonly status: number | null
    readonly reason: "timed_out" | "address_refused" | "not_resolved" | "connection_failed" | "lost" | null
  } | null
}

export interface WebhookDeliveryPage {
  readonly deliveries: ReadonlyArray<WebhookDelivery>
  readonly next: string | null
}
