import type { AttemptOutcome } from "./Webhook.ts"

export interface WebhookRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** JSON. */
  readonly body: string
}

/**
 * Posts a webhook, and returns the status of the answer or why there was none. It follows no redirect
 * and reads no body. The signal ends the exchange after ten seconds.
 */
export type SendWebhook = (request: WebhookRequest, signal: AbortSignal) => Promise<AttemptOutcome>
