/** Webhooks: endpoints that are told of events, their secrets, and what became of deliveries. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import * as Schema from "effect/Schema"
import { disabledReasons, maxUrlBytes, unansweredReasons, webhookEvents } from "../webhooks/Webhook.ts"
import { KeepsNoKey } from "./Conditions.ts"
import { Count, next, nullableTime, pageQuery, Time } from "./nouns.ts"
import { TooManyRequests, TooManyWebhooks, WebhookDisabled, WebhookNotFound } from "./problems.ts"

const webhookParams = { id: Schema.String }

const WebhookEvent = Schema.Literals(webhookEvents).annotate({ identifier: "WebhookEvent" })

const webhook = {
  id: Schema.String,
  url: Schema.String,
  events: Schema.Array(WebhookEvent),
  status: Schema.Literals(["active", "disabled"]),
  createdAt: Time,
  /** `failing`: no attempt had succeeded for three days. `gone`: the endpoint answered 410. */
  disabledReason: Schema.NullOr(Schema.Literals(disabledReasons)),
  disabledAt: nullableTime,
  /** The first failure since the last attempt that succeeded. */
  failingSince: nullableTime,
  /** While the secret rotates: until when the one before signs as well. */
  previousSecretUntil: nullableTime
}

export const Webhook = Schema.Struct(webhook).annotate({ identifier: "Webhook" })

/** The one answer that holds the secret. */
const WebhookWithSecret = Schema.Struct({ ...webhook, secret: Schema.String }).annotate({
  identifier: "WebhookWithSecret"
})

/** A delivery of one event. `id` is the `webhook-id` of its attempts. */
export const WebhookDelivery = Schema.Struct({
  id: Schema.String,
  event: Schema.Literals([...webhookEvents, "webhook.test"]),
  campaignId: Schema.optionalKey(Schema.String),
  messageId: Schema.optionalKey(Schema.String),
  state: Schema.Literals(["pending", "delivered", "failed"]),
  attempts: Count,
  createdAt: Time,
  nextAttemptAt: nullableTime,
  endedAt: nullableTime,
  /** The status of the receiver's answer, or the reason why there was none. */
  lastAttempt: Schema.NullOr(
    Schema.Struct({
      at: Time,
      status: Schema.NullOr(Schema.Int),
      reason: Schema.NullOr(Schema.Literals(unansweredReasons))
    })
  )
}).annotate({ identifier: "WebhookDelivery" })

const WebhookAnswer = Schema.Struct({ webhook: Webhook })
const SecretAnswer = Schema.Struct({ webhook: WebhookWithSecret })

export class Webhooks extends HttpApiGroup.make("webhooks")
  .add(
    HttpApiEndpoint.post("create", "/", {
      payload: Schema.Struct({
        url: Schema.String.annotate({
          description: `Begins with https://, or with an origin that the server allows, and has at most ${maxUrlBytes} bytes.`
        }),
        events: Schema.Array(WebhookEvent).check(
          Schema.isMinLength(1),
          Schema.isMaxLength(webhookEvents.length)
        )
      }),
      success: SecretAnswer.pipe(HttpApiSchema.status(201)),
      error: TooManyWebhooks
    })
      .annotate(OpenApi.Summary, "Register an endpoint; the answer holds its secret")
      .annotate(KeepsNoKey, true),
    HttpApiEndpoint.get("list", "/", {
      success: Schema.Struct({ webhooks: Schema.Array(Webhook) })
    }).annotate(OpenApi.Summary, "List the endpoints, oldest first"),
    HttpApiEndpoint.get("get", "/:id", {
      params: webhookParams,
      success: WebhookAnswer,
      error: WebhookNotFound
    }).annotate(OpenApi.Summary, "Get an endpoint"),
    HttpApiEndpoint.delete("remove", "/:id", {
      params: webhookParams,
      success: WebhookAnswer,
      error: WebhookNotFound
    }).annotate(OpenApi.Summary, "Remove an endpoint with its deliveries"),
    HttpApiEndpoint.post("disable", "/:id/disable", {
      params: webhookParams,
      success: WebhookAnswer,
      error: WebhookNotFound
    }).annotate(OpenApi.Summary, "Send nothing more to an endpoint"),
    HttpApiEndpoint.post("enable", "/:id/enable", {
      params: webhookParams,
      success: WebhookAnswer,
      error: WebhookNotFound
    }).annotate(OpenApi.Summary, "Go on with the event at which an endpoint was disabled"),
    HttpApiEndpoint.post("rotateSecret", "/:id/rotate-secret", {
      params: webhookParams,
      payload: Schema.Struct({ keepSeconds: Schema.optionalKey(Schema.Finite) }),
      success: SecretAnswer,
      error: WebhookNotFound
    })
      .annotate(OpenApi.Summary, "Draw a new secret; the one before signs as well for a while")
      .annotate(KeepsNoKey, true),
    HttpApiEndpoint.post("test", "/:id/test", {
      params: webhookParams,
      success: Schema.Struct({ delivery: WebhookDelivery }).pipe(HttpApiSchema.status(202)),
      error: [WebhookNotFound, WebhookDisabled, TooManyRequests]
    })
      .annotate(OpenApi.Summary, "Send a test event, once")
      .annotate(KeepsNoKey, true),
    HttpApiEndpoint.post("redeliver", "/:id/redeliver", {
      params: webhookParams,
      payload: Schema.Struct({ deliveryIds: Schema.optionalKey(Schema.Array(Schema.String)) }),
      success: Schema.Struct({ redelivered: Count }).pipe(HttpApiSchema.status(202)),
      error: WebhookNotFound
    })
      .annotate(OpenApi.Summary, "Try deliveries again, or the oldest failed ones")
      .annotate(KeepsNoKey, true),
    HttpApiEndpoint.get("deliveries", "/:id/deliveries", {
      params: webhookParams,
      query: {
        ...pageQuery,
        state: Schema.optionalKey(Schema.Literals(["pending", "delivered", "failed"]))
      },
      success: Schema.Struct({ deliveries: Schema.Array(WebhookDelivery), next }),
      error: WebhookNotFound
    }).annotate(OpenApi.Summary, "List deliveries, newest first")
  )
  .prefix("/v1/webhooks")
  .annotate(OpenApi.Description, "Endpoints that are told of events, and their deliveries.") {}
