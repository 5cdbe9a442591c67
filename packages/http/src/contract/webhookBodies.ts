/** The bodies of webhooks, as receivers get them. */
import * as Schema from "effect/Schema"
import { answeredReasons, type Subject } from "../webhooks/Webhook.ts"
import { Count } from "./nouns.ts"

const timeText = Schema.String.annotate({ format: "date-time" })

const message = {
  messageId: Schema.String,
  campaignId: Schema.NullOr(Schema.String),
  leadId: Schema.NullOr(Schema.String),
  sequenceStep: Schema.NullOr(Count).annotate({ description: "Counts from 0, as `step` does elsewhere." })
}

const bodyWith = <Kind extends Subject["kind"], Data extends Schema.Struct.Fields>(event: Kind, data: Data) =>
  Schema.Struct({
    event: Schema.Literal(event),
    timestamp: timeText.annotate({ description: "The time of the event." }),
    data: Schema.Struct(data)
  })

/** The summary and the body of each kind. */
export const webhookBodies = {
  "campaign.started": {
    summary: "A campaign was started, or goes on after a pause",
    body: bodyWith("campaign.started", {
      campaignId: Schema.String,
      leadsEnrolled: Count,
      queuedMessages: Count
    })
  },
  "message.sent": {
    summary: "A message was sent",
    body: bodyWith("message.sent", message)
  },
  "message.bounced": {
    summary: "A message bounced; a hard bounce after a soft one is told too",
    body: bodyWith("message.bounced", {
      ...message,
      bounceType: Schema.Literals(["hard", "soft"]),
      bounceReason: Schema.Null.annotate({ description: "Reports of bounces give no reason." })
    })
  },
  "reply.received": {
    summary: "A person replied to a message",
    body: bodyWith("reply.received", {
      reply: Schema.Struct({ id: Schema.String, ...message, receivedAt: timeText })
    })
  },
  "webhook.disabled": {
    summary: "Another endpoint of the workspace was disabled by its answers",
    body: bodyWith("webhook.disabled", {
      webhookId: Schema.String,
      reason: Schema.Literals(answeredReasons).annotate({
        description: "`failing`: no attempt had succeeded for three days. `gone`: it answered 410."
      })
    })
  },
  "webhook.test": {
    summary: "A call of `/test` asked for a test",
    body: bodyWith("webhook.test", { webhookId: Schema.String })
  }
} as const satisfies { readonly [Kind in Subject["kind"]]: unknown }
