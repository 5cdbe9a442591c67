import { Limits } from "@leadterra/core"
import * as Effect from "effect/Effect"
import { HttpApiBuilder } from "effect/http-api"
import { attempt } from "../attempt.ts"
import { Api } from "../contract/Api.ts"
import { Caller } from "../contract/Authentication.ts"
import {
  InvalidRequest,
  listed,
  TooManyRequests,
  TooManyWebhooks,
  WebhookDisabled,
  WebhookNotFound
} from "../contract/problems.ts"
import { healthy } from "../webhooks/afterAttempt.ts"
import { keyOf } from "../webhooks/deliveriesOf.ts"
import { newDelivery } from "../webhooks/newDelivery.ts"
import { maxWebhooks, type Webhook, type WebhookDelivery, type WebhookStatus } from "../webhooks/Webhook.ts"
import { deliveryId, drawWebhookId, isDeliveryId, isWebhookId } from "../webhooks/webhookIds.ts"
import { defaultKeepSeconds, drawSecret, maxKeepSeconds, rotate } from "../webhooks/webhookSecrets.ts"
import { nextOf, pageOf, Server } from "./Server.ts"

/** Deliveries that one call tries again, by name and in all. */
const maxNamed = 100
const maxRedelivered = 1_000

const published = ({ createdAt, events, health, id, secrets, status, url }: Webhook) => ({
  id,
  url,
  events,
  status: status.state,
  createdAt,
  disabledReason: status.state === "disabled" ? status.reason : null,
  disabledAt: status.state === "disabled" ? status.at : null,
  failingSince: health.failingSince,
  previousSecretUntil: secrets.previous?.until ?? null
})

const withSecret = (webhook: Webhook) => ({
  webhook: { ...published(webhook), secret: webhook.secrets.current }
})

const publishedDelivery = ({ attempts, createdAt, id, lastAttempt, state, subject }: WebhookDelivery) => ({
  id,
  event: subject.kind,
  ...("campaignId" in subject ? { campaignId: subject.campaignId } : {}),
  ...("messageId" in subject ? { messageId: subject.messageId } : {}),
  state: state.kind,
  attempts,
  createdAt,
  nextAttemptAt: state.kind === "pending" ? state.nextAt : null,
  endedAt: state.kind === "pending" ? null : state.endedAt,
  lastAttempt:
    lastAttempt === null
      ? null
      : {
          at: lastAttempt.at,
          status: lastAttempt.outcome.kind === "answered" ? lastAttempt.outcome.status : null,
          reason: lastAttempt.outcome.kind === "answered" ? null : lastAttempt.outcome.kind
        }
})

const invalid = (pointer: string, message: string) =>
  new InvalidRequest({ detail: message, ...listed([{ pointer, code: "invalid", message }]) })

const notFound = () => new WebhookNotFound({ detail: "List the webhooks for their ids" })

/** A whole number of a request, within its bounds. */
const integerIn = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most

export const webhooks = HttpApiBuilder.group(
  Api,
  "webhooks",
  Effect.fnUntraced(function* (handlers) {
    const {
      engine,
      store: { webhooks },
      webhookUrls
    } = yield* Server
    const refOf = Effect.fnUntraced(function* ({ id }: { readonly id: string }) {
      const { workspaceId } = yield* Caller
      return isWebhookId(id) ? { workspaceId, id } : yield* notFound()
    })

    const find = Effect.fnUntraced(function* (params: { readonly id: string }) {
      const ref = yield* refOf(params)
      return (yield* attempt(() => webhooks.get(ref))) ?? (yield* notFound())
    })
    const update = Effect.fnUntraced(function* (
      params: { readonly id: string },
      change: (webhook: Webhook) => Webhook
    ) {
      const ref = yield* refOf(params)
      return (yield* attempt(() => webhooks.update(ref, change))) ?? (yield* notFound())
    })

    return handlers.handleAll({
      create: Effect.fnUntraced(function* ({ payload: { events, url } }) {
        const { workspaceId } = yield* Caller
        const fault = webhookUrls.faultOf(url)
        if (fault !== undefined) return yield* invalid("/url", fault)
        const now = Date.now()
        // The endpoint is told of events from here on.
        const cursor = yield* attempt((signal) => engine.events.last({ workspaceId }, { signal }))
        const webhook: Webhook = {
          id: drawWebhookId(now),
          workspaceId,
          url,
          events: Array.from(new Set(events)),
          createdAt: now,
          status: { state: "active" },
          secrets: { current: drawSecret(), previous: null },
          health: healthy,
          position: { cursor, offset: 0 }
        }
        if (!(yield* attempt(() => webhooks.add(webhook))))
          return yield* new TooManyWebhooks({
            detail: `A workspace has at most ${maxWebhooks} webhooks: remove one`
          })
        return withSecret(webhook)
      }),
      list: Effect.fnUntraced(function* () {
        const { workspaceId } = yield* Caller
        const found = yield* attempt(() => webhooks.list(workspaceId))
        return { webhooks: found.map(published) }
      }),
      get: Effect.fnUntraced(function* ({ params }) {
        return { webhook: published(yield* find(params)) }
      }),
      remove: Effect.fnUntraced(function* ({ params }) {
        const webhook = yield* find(params)
        if (!(yield* attempt(() => webhooks.remove(webhook)))) return yield* notFound()
        return { webhook: published(webhook) }
      }),
      disable: Effect.fnUntraced(function* ({ params }) {
        const disabled: WebhookStatus = { state: "disabled", reason: "requested", at: Date.now() }
        const webhook = yield* update(params, (webhook) =>
          webhook.status.state === "disabled" ? webhook : { ...webhook, status: disabled }
        )
        return { webhook: published(webhook) }
      }),
      enable: Effect.fnUntraced(function* ({ params }) {
        const webhook = yield* update(params, (webhook) =>
          webhook.status.state === "active"
            ? webhook
            : { ...webhook, status: { state: "active" }, health: healthy }
        )
        return { webhook: published(webhook) }
      }),
      rotateSecret: Effect.fnUntraced(function* ({ params, payload: { keepSeconds = defaultKeepSeconds } }) {
        if (!integerIn(keepSeconds, 0, maxKeepSeconds))
          return yield* invalid("/keepSeconds", `keepSeconds must be an integer from 0 to ${maxKeepSeconds}`)
        const [secret, now] = [drawSecret(), Date.now()]
        const webhook = yield* update(params, (webhook) => ({
          ...webhook,
          secrets: rotate(webhook.secrets, secret, { keepSeconds, now })
        }))
        return withSecret(webhook)
      }),
      test: Effect.fnUntraced(function* ({ params }) {
        const webhook = yield* find(params)
        if (webhook.status.state === "disabled")
          return yield* new WebhookDisabled({ detail: "Enable the webhook before the test" })
        const now = Date.now()
        const subject = { kind: "webhook.test", webhookId: webhook.id } as const
        const id = yield* Effect.promise(() => deliveryId(keyOf(subject, crypto.randomUUID())))
        const delivery = newDelivery(webhook, { id, subject, at: now, now })
        if (!(yield* attempt(() => webhooks.queue(webhook, [delivery]))))
          return yield* new TooManyRequests({ detail: "Too many deliveries wait for this webhook" })
        return { delivery: publishedDelivery(delivery) }
      }),
      redeliver: Effect.fnUntraced(function* ({ params, payload: { deliveryIds } }) {
        if (deliveryIds !== undefined && !integerIn(deliveryIds.length, 1, maxNamed))
          return yield* invalid("/deliveryIds", `deliveryIds must have 1 to ${maxNamed} ids`)
        const webhook = yield* find(params)
        const redeliver = {
          ids: deliveryIds?.filter(isDeliveryId) ?? null,
          now: Date.now(),
          limit: maxRedelivered
        }
        return { redelivered: yield* attempt(() => webhooks.redeliver(webhook, redeliver)) }
      }),
      deliveries: Effect.fnUntraced(function* ({ params, query: { after, limit, state } }) {
        const size = limit ?? Limits.defaultPageSize
        const webhook = yield* find(params)
        const of = { workspaceId: webhook.workspaceId, list: `deliveries of ${webhook.id}` }
        const page = yield* pageOf(of, after === undefined ? {} : { after })
        const { items, next } = yield* attempt(() =>
          webhooks.deliveries(webhook, { after: page.after ?? null, limit: size, state: state ?? null })
        )
        return { deliveries: items.map(publishedDelivery), next: yield* nextOf(of, next) }
      })
    })
  })
)
