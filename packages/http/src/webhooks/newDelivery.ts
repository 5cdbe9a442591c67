import type { Subject, Webhook, WebhookDelivery } from "./Webhook.ts"

interface New {
  readonly id: string
  readonly subject: Subject
  readonly at: number
  readonly now: number
}

/** A delivery that is due at once. */
export const newDelivery = (
  { id: webhookId }: Pick<Webhook, "id">,
  { at, id, now, subject }: New
): WebhookDelivery => ({
  id,
  webhookId,
  subject,
  at,
  createdAt: now,
  state: { kind: "pending", nextAt: now },
  attempts: 0,
  attemptsBefore: 0,
  lastAttempt: null
})
