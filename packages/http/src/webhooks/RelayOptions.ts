/** The parts of a relay of webhooks, and its limits. */
import type { Engine } from "@leadterra/core/promise"
import type { ServerStore } from "../ServerStore.ts"
import type { SendWebhook } from "./SendWebhook.ts"
import type { AttemptOutcome, Subject } from "./Webhook.ts"

/** The facts of an attempt that a host may log. They hold no url, no body and no secret. */
export interface AttemptedWebhook {
  readonly workspaceId: string
  readonly webhookId: string
  readonly deliveryId: string
  readonly event: Subject["kind"]
  /** Attempts of the delivery so far. */
  readonly attempt: number
  readonly outcome: AttemptOutcome
  readonly milliseconds: number
  /** Whether this attempt disabled the endpoint, since it has failed for days or is gone. */
  readonly disabled: boolean
}

export interface RelayOptions {
  readonly engine: Pick<Engine, "events">
  readonly store: ServerStore
  /** `makeWebhookSender` of `@leadterra/http/node` makes one for Node. */
  readonly send: SendWebhook
  /** Told of each attempt. What it throws is lost. */
  readonly onAttempt?: ((attempted: AttemptedWebhook) => void) | undefined
  /** Told of an error; the relay goes on after it. What it throws is lost. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** The limits of a relay. Milliseconds, but for counts. */
export const relayLimits = {
  /** From one look at events, or for due deliveries, to the next when there was nothing. */
  pollMillis: 1_000,
  /** After failures of the store in a row the wait doubles, up to so much. */
  maxBackoffMillis: 60_000,
  /** The time of an exchange with a receiver, as published. */
  attemptMillis: 10_000,
  /** The time for which an attempt belongs to one process. */
  leaseMillis: 60_000,
  /** Between two sweeps of deliveries that ended long ago. */
  sweepMillis: 60_000,
  /** Endpoints that are read at once, and the events of one reading. */
  reads: 8,
  events: 100,
  /** Deliveries that are added at once, and how often in one reading. */
  batch: 1_000,
  batches: 4,
  /** Deliveries that are deleted at once. */
  swept: 1_000,
  /** Times that the end of an attempt is recorded in a store that is busy, and the wait between two. */
  records: 20,
  recordMillis: 250
} as const

/** Tells the host. What it throws changes nothing. */
export const unthrown = (tell: () => void): void => {
  try {
    tell()
  } catch {}
}
