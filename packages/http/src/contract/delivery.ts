/** Delivery, for whoever builds a sender: claim, reports, release, extend. */
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import * as Schema from "effect/Schema"
import { KeepsNoKey } from "./Conditions.ts"
import { ClaimedMessage, ReportsAnswer } from "./nouns.ts"
import { listOf } from "./untrusted.ts"

/** Names a claimed message by its id and the token of its claim. */
export interface ClaimedRef {
  readonly messageId: string
  readonly claimToken: string
}

/** A fact about a message. `at` is milliseconds since 1970 or an ISO time, by default now. */
export type MessageReport = { readonly messageId: string; readonly at?: number | string } & (
  | { readonly type: "sent" | "delivered" | "opened" | "unsubscribed" }
  | { readonly type: "bounced"; readonly kind?: "hard" | "soft" }
  | {
      readonly type: "replied"
      readonly class?: "interested" | "not_interested" | "out_of_office" | "bounce" | "unsubscribe"
    }
  | {
      readonly type: "failed"
      readonly claimToken: string
      readonly kind?: "error" | "throttled"
      readonly retryAfterSeconds?: number
    }
)

const leaseSeconds = Schema.optionalKey(Schema.Finite)
const messages = listOf<ClaimedRef>("Each with a `messageId` and a `claimToken`.")

export class Delivery extends HttpApiGroup.make("delivery")
  .add(
    HttpApiEndpoint.post("claim", "/claim", {
      payload: Schema.Struct({ limit: Schema.optionalKey(Schema.Finite), leaseSeconds }),
      success: Schema.Struct({ messages: Schema.Array(ClaimedMessage) })
    })
      .annotate(OpenApi.Summary, "Claim messages that are due")
      .annotate(KeepsNoKey, true),
    HttpApiEndpoint.post("record", "/reports", {
      payload: Schema.Struct({ reports: listOf<MessageReport>("Each with a `messageId` and a `type`.") }),
      success: ReportsAnswer
    }).annotate(OpenApi.Summary, "Report what became of messages"),
    HttpApiEndpoint.post("release", "/release", {
      payload: Schema.Struct({ messages }),
      success: ReportsAnswer
    }).annotate(OpenApi.Summary, "Give claimed messages back"),
    HttpApiEndpoint.post("extend", "/extend", {
      payload: Schema.Struct({ messages, leaseSeconds }),
      success: ReportsAnswer
    }).annotate(OpenApi.Summary, "Lengthen the leases of claimed messages")
  )
  .prefix("/v1/delivery")
  .annotate(OpenApi.Description, "What a sender needs: messages that are due, and what became of them.") {}
