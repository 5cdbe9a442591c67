/** The suppression list: add, list, check. The contract has no way to take an address off the list (SU-4). */
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import * as Schema from "effect/Schema"
import { Count, Suppression as Entry, next, pageQuery, RowIssue } from "./nouns.ts"
import { InvalidSuppressionEntries } from "./problems.ts"
import { listOf } from "./untrusted.ts"

const emails = listOf<string>("Up to 1,000 addresses, or domains written `@acme.com`.")

export class Suppression extends HttpApiGroup.make("suppression")
  .add(
    HttpApiEndpoint.post("add", "/", {
      payload: Schema.Struct({
        emails,
        reason: Schema.optionalKey(Schema.String),
        onInvalid: Schema.optionalKey(Schema.Literals(["report", "reject"]))
      }),
      success: Schema.Struct({
        result: Schema.Struct({ suppressed: Count, alreadySuppressed: Count, total: Count }),
        invalid: Schema.optionalKey(Schema.Array(Schema.Struct({ index: Count, ...RowIssue.fields })))
      }),
      error: InvalidSuppressionEntries
    }).annotate(OpenApi.Summary, "Suppress addresses and domains"),
    HttpApiEndpoint.get("list", "/", {
      query: pageQuery,
      success: Schema.Struct({ suppressions: Schema.Array(Entry), next })
    }).annotate(OpenApi.Summary, "List the entries"),
    HttpApiEndpoint.post("check", "/check", {
      payload: Schema.Struct({ emails }),
      success: Schema.Struct({
        results: Schema.Array(
          Schema.Struct({
            email: Schema.String,
            suppressed: Schema.Boolean,
            suppression: Schema.NullOr(Entry)
          })
        )
      }),
      error: InvalidSuppressionEntries
    }).annotate(OpenApi.Summary, "Tell which addresses are suppressed")
  )
  .prefix("/v1/suppression-list")
  .annotate(OpenApi.Description, "Addresses and domains that get no mail, in any campaign.") {}
