/**
 * Sends deliveries that are due. The store hands each attempt to one process, and an attempt whose
 * process died comes again when its lease is over.
 */
import { ServerStoreError } from "../ServerStore.ts"
import { afterAttempt, isExhausted } from "./afterAttempt.ts"
import { bodyOf } from "./bodyOf.ts"
import { keyOf } from "./deliveriesOf.ts"
import { Lanes, maxOfWorkspace } from "./Lanes.ts"
import { newDelivery } from "./newDelivery.ts"
import { type RelayOptions, relayLimits, unthrown } from "./RelayOptions.ts"
import { outcomeOf, type WebhookAnswer } from "./SendWebhook.ts"
import { signedHeaders } from "./signedHeaders.ts"
import type { AnsweredReason, Subject, WebhookRef } from "./Webhook.ts"
import type { TakenDelivery } from "./WebhookStore.ts"
import { deliveryId } from "./webhookIds.ts"
import { signingSecrets } from "./webhookSecrets.ts"

export class Dispatcher {
  readonly #options: Omit<RelayOptions, "engine">
  readonly #now: () => number
  readonly #attemptMillis: number
  readonly #lanes = new Lanes()
  readonly #underWay = new Set<Promise<void>>()
  readonly #cutting = new AbortController()

  constructor(
    options: Omit<RelayOptions, "engine">,
    now: () => number = Date.now,
    attemptMillis: number = relayLimits.attemptMillis
  ) {
    this.#options = options
    this.#now = now
    this.#attemptMillis = attemptMillis
  }

  /** Starts attempts of due deliveries while there is room. Returns whether it started any. */
  async send(): Promise<boolean> {
    const lanes = await Promise.all([this.#sendIn(false), this.#sendIn(true)])
    return lanes.includes(true)
  }

  /** Waits for the attempts under way. */
  async settle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
  }

  /** Resolves when one of the attempts under way has ended. */
  async ended(): Promise<void> {
    if (this.#underWay.size === 0) return new Promise(() => {})
    await Promise.race(this.#underWay)
  }

  /** Cuts off the attempts under way. They come again when their lease is over. */
  cut(): void {
    this.#cutting.abort()
  }

  async #sendIn(isSlow: boolean): Promise<boolean> {
    const { webhooks } = this.#options.store
    let isStarted = false
    for (let turn = 0; turn < maxOfWorkspace && !this.#cutting.signal.aborted; turn++) {
      const limit = this.#lanes.free(isSlow)
      if (limit === 0) return isStarted
      const now = this.#now()
      const until = now + relayLimits.leaseMillis
      const without = this.#lanes.full()
      const taken = await webhooks.takeDue({ now, until, limit, isSlow, without })
      if (taken.length === 0) return isStarted
      isStarted = true
      for (const one of taken) this.#start(one, isSlow, until)
    }
    return isStarted
  }

  #start(taken: TakenDelivery, isSlow: boolean, until: number): void {
    const { workspaceId } = taken.webhook
    this.#lanes.enter(workspaceId, isSlow)
    const attempt: Promise<void> = this.#attempt(taken, until)
      .catch((error) => this.#failed(error))
      .finally(() => {
        this.#lanes.leave(workspaceId, isSlow)
        this.#underWay.delete(attempt)
      })
    this.#underWay.add(attempt)
  }

  async #attempt(taken: TakenDelivery, until: number): Promise<void> {
    const startedAt = performance.now()
    const answer = isExhausted(taken.delivery) ? lost : await this.#exchange(taken, until)
    // The attempt was cut off, or another process has it by now.
    if (answer === undefined) return
    const milliseconds = performance.now() - startedAt
    const now = this.#now()
    let wasActive = false
    const recorded = await this.#recording(() =>
      this.#options.store.webhooks.record(taken, (delivery, webhook) => {
        // As it stands: another attempt may have disabled it since this one was taken.
        wasActive = webhook.status.state === "active"
        return afterAttempt(delivery, webhook, { answer, now, millis: milliseconds })
      })
    )
    const { delivery, webhook } = taken
    const status = recorded?.webhook.status
    const disabled = wasActive && status?.state === "disabled"
    if (disabled && status.reason !== "requested")
      await this.#tellOthers(webhook, { reason: status.reason, now })
    unthrown(() =>
      this.#options.onAttempt?.({
        workspaceId: webhook.workspaceId,
        webhookId: webhook.id,
        deliveryId: delivery.id,
        event: delivery.subject.kind,
        attempt: delivery.attempts - delivery.attemptsBefore,
        outcome: outcomeOf(answer),
        milliseconds,
        disabled
      })
    )
  }

  /** Sends within the time of an attempt. Returns undefined when the attempt is not to be recorded. */
  async #exchange({ delivery, webhook }: TakenDelivery, until: number): Promise<WebhookAnswer | undefined> {
    const now = this.#now()
    if (now > until - 2 * this.#attemptMillis) return undefined
    const body = bodyOf(delivery)
    const secrets = signingSecrets(webhook.secrets, now)
    const headers = await signedHeaders({ id: delivery.id, now, body, secrets })
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), this.#attemptMillis)
    const signal = AbortSignal.any([late.signal, this.#cutting.signal])
    const ended = new Promise<undefined>((resolve) => {
      if (signal.aborted) resolve(undefined)
      else signal.addEventListener("abort", () => resolve(undefined), { once: true })
    })
    try {
      const sent = this.#options.send({ url: webhook.url, headers, body }, signal).catch((error) => {
        if (!signal.aborted) this.#failed(error)
        return failed
      })
      const answer = await Promise.race([sent, ended])
      if (this.#cutting.signal.aborted && answer?.kind !== "answered") return undefined
      return late.signal.aborted && answer?.kind !== "answered" ? timedOut : answer
    } finally {
      clearTimeout(timer)
    }
  }

  /** Records again while the store is busy. */
  async #recording<A>(record: () => Promise<A>): Promise<A> {
    for (let tried = 1; ; tried++) {
      try {
        return await record()
      } catch (error) {
        const isAgain = error instanceof ServerStoreError && error.isRetryable && tried < relayLimits.records
        if (!isAgain) throw error
        await new Promise((resolve) => setTimeout(resolve, relayLimits.recordMillis))
      }
    }
  }

  /** Tells the other endpoints of a workspace that one was disabled. */
  async #tellOthers(
    { id, workspaceId }: WebhookRef,
    { now, reason }: { readonly reason: AnsweredReason; readonly now: number }
  ): Promise<void> {
    const { webhooks } = this.#options.store
    const subject = { kind: "webhook.disabled", webhookId: id, reason } as const satisfies Subject
    const told = { id: await deliveryId(keyOf(subject, String(now))), subject, at: now, now }
    for (const webhook of await webhooks.list(workspaceId))
      if (webhook.id !== id && webhook.status.state === "active" && webhook.events.includes(subject.kind))
        await webhooks.queue(webhook, [newDelivery(webhook, told)])
  }

  #failed(error: unknown): void {
    unthrown(() => this.#options.onError?.(error))
  }
}

const lost: WebhookAnswer = { kind: "lost" }
const failed: WebhookAnswer = { kind: "connection_failed" }
const timedOut: WebhookAnswer = { kind: "timed_out" }
