/**
 * The part of `ServerStore` that keeps webhooks and their deliveries. Several processes use one
 * store: an attempt is taken by one of them, and events become deliveries once.
 */
import type { DeliveryState, EventPosition, Webhook, WebhookDelivery, WebhookRef } from "./Webhook.ts"

/** Each method is atomic, also between processes. Times are in milliseconds since the epoch. */
export interface WebhookStore {
  /** Adds an endpoint. Returns false when its workspace has `maxWebhooks` of them. */
  readonly add: (webhook: Webhook) => Promise<boolean>
  readonly get: (ref: WebhookRef) => Promise<Webhook | undefined>
  /** Returns the endpoints of a workspace, oldest first. */
  readonly list: (workspaceId: string) => Promise<ReadonlyArray<Webhook>>
  /**
   * Changes status, secrets or health by a pure function, which may run more than once. Returns the
   * endpoint as it is then.
   */
  readonly update: (
    ref: WebhookRef,
    change: (webhook: Webhook) => WebhookChange
  ) => Promise<Webhook | undefined>
  /** Removes an endpoint with its deliveries. Returns false when there is none. */
  readonly remove: (ref: WebhookRef) => Promise<boolean>
  /**
   * Takes active endpoints whose events are to be read by now, longest waiting first, and those with
   * `maxPendingDeliveries` not. Others take them again at `until`, or at the `readAt` of `advance`.
   */
  readonly takeReads: (take: Take) => Promise<ReadonlyArray<Webhook>>
  /**
   * Moves the position of an active endpoint and adds deliveries that it does not have. Returns false,
   * and changes nothing, when the position is no longer `from`.
   */
  readonly advance: (ref: WebhookRef, advance: Advance) => Promise<boolean>
  /** Adds deliveries that an endpoint does not have. Returns false when they would be too many that wait. */
  readonly queue: (ref: WebhookRef, deliveries: ReadonlyArray<WebhookDelivery>) => Promise<boolean>
  /**
   * Takes one due delivery of each of at most `limit` workspaces, those longest waiting first, and
   * counts an attempt. It is due again at `until`. Endpoints take turns: one that was served waits
   * behind the others.
   */
  readonly takeDue: (take: TakeDue) => Promise<ReadonlyArray<TakenDelivery>>
  /**
   * Records an attempt by a pure function, which may run more than once. Returns undefined, and
   * changes nothing, when the delivery has ended or was taken again.
   */
  readonly record: (
    taken: TakenDelivery,
    rule: (delivery: WebhookDelivery, webhook: Webhook) => RecordedAttempt
  ) => Promise<RecordedAttempt | undefined>
  /** Returns a page of the deliveries of an endpoint, newest first. */
  readonly deliveries: (ref: WebhookRef, page: DeliveryPageRequest) => Promise<DeliveryPage>
  /**
   * Makes failed or delivered deliveries of these ids pending, or with `ids` null the oldest failed
   * ones, at most `limit`. Returns their number.
   */
  readonly redeliver: (ref: WebhookRef, redeliver: Redeliver) => Promise<number>
  /**
   * Deletes at most `limit` deliveries: those of removed endpoints, and those that ended before a time.
   * Also deletes secrets that are no longer valid. Returns whether there may be more to delete.
   */
  readonly sweep: (sweep: Sweep) => Promise<boolean>
}

/** The members of an endpoint that change. */
export type WebhookChange = Pick<Webhook, "status" | "secrets" | "health">

export interface Take {
  readonly now: number
  readonly until: number
  readonly limit: number
}

export interface TakeDue extends Take {
  /** Endpoints whose last attempt failed or was slow, or the others. */
  readonly isSlow: boolean
  /** Workspaces that are to wait. */
  readonly without: ReadonlyArray<string>
}

export interface TakenDelivery {
  readonly delivery: WebhookDelivery
  readonly webhook: Webhook
}

export interface Advance {
  readonly from: EventPosition
  readonly to: EventPosition
  readonly deliveries: ReadonlyArray<WebhookDelivery>
  /** The time to read again. */
  readonly readAt: number
}

export interface RecordedAttempt {
  readonly delivery: Pick<WebhookDelivery, "state" | "lastAttempt">
  readonly webhook: Pick<Webhook, "status" | "health">
}

export interface DeliveryPageRequest {
  /** The cursor of the page before, or null. */
  readonly after: string | null
  readonly limit: number
  readonly state: DeliveryState["kind"] | null
}

export interface DeliveryPage {
  readonly items: ReadonlyArray<WebhookDelivery>
  readonly next: string | null
}

export interface Redeliver {
  readonly ids: ReadonlyArray<string> | null
  readonly now: number
  readonly limit: number
}

export interface Sweep {
  readonly now: number
  readonly endedBefore: number
  readonly limit: number
}
