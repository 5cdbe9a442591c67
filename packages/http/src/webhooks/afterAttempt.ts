/** The rules of attempts: when the next one is due, and when an endpoint is disabled. */
import { retryAfterMillis } from "./retryAfterMillis.ts"
import { outcomeOf, type WebhookAnswer } from "./SendWebhook.ts"
import type {
  AttemptOutcome,
  DeliveryState,
  Webhook,
  WebhookDelivery,
  WebhookHealth,
  WebhookStatus
} from "./Webhook.ts"
import type { RecordedAttempt } from "./WebhookStore.ts"

/** Seconds from a failed attempt to the next one, as published: 1 and 5 minutes, half an hour, 2 and 8 hours. */
export const retrySeconds = [60, 300, 1_800, 7_200, 28_800] as const

/** Answers of these statuses may ask for a later attempt by `Retry-After`, up to so many milliseconds. */
const askingStatuses: ReadonlyArray<number> = [429, 503]
export const maxRetryAfterMillis = 86_400_000

/** The status of an endpoint that is not coming back. */
const goneStatus = 410

/**
 * An endpoint is disabled by a failure when none of its attempts has succeeded for so many
 * milliseconds, and at least so many have failed: those of two events.
 */
export const failingMillis = 3 * 86_400_000
export const failingAttempts = 2 * (retrySeconds.length + 1)

/** An exchange that takes more milliseconds makes its endpoint a slow one. */
export const slowMillis = 2_000

export const isDelivered = (outcome: AttemptOutcome): boolean =>
  outcome.kind === "answered" && outcome.status >= 200 && outcome.status < 300

/** Attempts that a delivery has before it fails: one for a test, and the retries for all others. */
export const attemptsFor = ({ subject }: Pick<WebhookDelivery, "subject">): number =>
  subject.kind === "webhook.test" ? 1 : 1 + retrySeconds.length

/** Attempts since the delivery was last asked for, with the one under way. */
const attemptsSince = ({ attempts, attemptsBefore }: WebhookDelivery): number => attempts - attemptsBefore

/** Whether an attempt is one too many: the process of the last one ended before it could record it. */
export const isExhausted = (delivery: WebhookDelivery): boolean =>
  attemptsSince(delivery) > attemptsFor(delivery)

/** The milliseconds for which a receiver asks to be left alone, or 0. */
const askedMillis = (answer: WebhookAnswer, now: number): number =>
  answer.kind === "answered" && askingStatuses.includes(answer.status) && answer.retryAfter !== undefined
    ? Math.min(retryAfterMillis(answer.retryAfter, now) ?? 0, maxRetryAfterMillis)
    : 0

/** The next attempt comes by the schedule, or as late as the receiver asks. */
const stateAfter = (delivery: WebhookDelivery, answer: WebhookAnswer, now: number): DeliveryState => {
  if (isDelivered(answer)) return { kind: "delivered", endedAt: now }
  const made = attemptsSince(delivery)
  const seconds = retrySeconds[made - 1]
  return seconds === undefined || made >= attemptsFor(delivery)
    ? { kind: "failed", endedAt: now }
    : { kind: "pending", nextAt: now + Math.max(seconds * 1_000, askedMillis(answer, now)) }
}

const healthAfter = (
  { failingSince, failures }: WebhookHealth,
  isSuccess: boolean,
  { millis, now }: { readonly now: number; readonly millis: number }
): WebhookHealth =>
  isSuccess
    ? { failingSince: null, failures: 0, isSlow: millis > slowMillis }
    : { failingSince: failingSince ?? now, failures: failures + 1, isSlow: true }

const statusAfter = (
  status: WebhookStatus,
  { failingSince, failures }: WebhookHealth,
  { answer, now }: { readonly answer: WebhookAnswer; readonly now: number }
): WebhookStatus => {
  if (status.state === "disabled") return status
  if (answer.kind === "answered" && answer.status === goneStatus)
    return { state: "disabled", reason: "gone", at: now }
  return failingSince !== null && now - failingSince >= failingMillis && failures >= failingAttempts
    ? { state: "disabled", reason: "failing", at: now }
    : status
}

/**
 * Returns a delivery and its endpoint after an attempt that ended at `now`, in milliseconds since the
 * epoch, and took `millis`.
 */
export const afterAttempt = (
  delivery: WebhookDelivery,
  { health, status }: Pick<Webhook, "health" | "status">,
  ended: { readonly answer: WebhookAnswer; readonly now: number; readonly millis: number }
): RecordedAttempt => {
  const { answer, now } = ended
  const outcome = outcomeOf(answer)
  const after = healthAfter(health, isDelivered(outcome), ended)
  return {
    delivery: { state: stateAfter(delivery, answer, now), lastAttempt: { at: now, outcome } },
    webhook: { health: after, status: statusAfter(status, after, ended) }
  }
}

/** An endpoint that is enabled again begins anew; the deliveries that wait go on. */
export const healthy: WebhookHealth = { failingSince: null, failures: 0, isSlow: false }
