import type { AttemptOutcome } from "./Webhook.ts"

export interface WebhookRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** JSON. */
  readonly body: string
}

/** The answer of a receiver, with the text of its `Retry-After`, or the reason why there was none. */
export type WebhookAnswer =
  | (Extract<AttemptOutcome, { readonly kind: "answered" }> & { readonly retryAfter?: string | undefined })
  | Exclude<AttemptOutcome, { readonly kind: "answered" }>

/**
 * Posts a webhook, and returns the head of the answer or why there was none. It follows no redirect
 * and reads no body. The signal ends the exchange after ten seconds.
 */
export type SendWebhook = (request: WebhookRequest, signal: AbortSignal) => Promise<WebhookAnswer>

/** Returns the part of an answer that is stored and logged. It holds no text of the receiver. */
export const outcomeOf = (answer: WebhookAnswer): AttemptOutcome =>
  answer.kind === "answered" ? { kind: answer.kind, status: answer.status } : { kind: answer.kind }
