/** Puts the requests of webhooks into the OpenAPI document. */
import * as Schema from "effect/Schema"
import { webhookBodies } from "./webhookBodies.ts"

type Json = Record<string, unknown>

const header = (name: string, description: string) => ({
  name,
  in: "header",
  required: true,
  schema: { type: "string" },
  description
})

const headers = [
  header("webhook-id", "Follows from the event: all attempts have the same. Drop an event that was seen."),
  header("webhook-timestamp", "The time of the attempt, in seconds since 1970."),
  header(
    "webhook-signature",
    "`v1,` and the base64 of the HMAC-SHA256 of `<webhook-id>.<webhook-timestamp>.<raw body>`. " +
      "The key is the base64-decoded part of the secret behind `whsec_`. A space between two."
  ),
  header(
    "X-Leadterra-Signature",
    "The HMAC-SHA256 of the raw body, in lower-case hexadecimal digits. " +
      "The key is the UTF-8 of the whole secret. A comma between two."
  )
]

const responses = { "2XX": { description: "The event was taken. Any other answer is a failed attempt." } }

const pathItemOf = (kind: string, { body, summary }: (typeof webhookBodies)[keyof typeof webhookBodies]) => ({
  post: {
    tags: ["webhooks"],
    operationId: `webhooks.${kind}`,
    summary,
    parameters: headers,
    requestBody: {
      required: true,
      content: { "application/json": { schema: Schema.toJsonSchemaDocument(body).schema } }
    },
    responses,
    security: []
  }
})

/** For `OpenApi.Transform`. */
export const withWebhooks = (document: Json): Json => ({
  ...document,
  webhooks: Object.fromEntries(
    Object.entries(webhookBodies).map(([kind, one]) => [kind, pathItemOf(kind, one)])
  )
})
