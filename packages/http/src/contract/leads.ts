/** Leads: bulk upsert and preview, lists, look-ups by id and by address, explain, erase. Addresses travel in bodies, never in URLs. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import * as Schema from "effect/Schema"
import { idempotencyKey, ifMatch } from "./Conditions.ts"
import { campaignParams } from "./campaigns.ts"
import { BulkAnswer, Count, Enrollment, Explanation, Lead, next, pageQuery } from "./nouns.ts"
import {
  CampaignChanged,
  CampaignNotFound,
  IdempotencyConflict,
  InvalidLeads,
  LeadNotFound
} from "./problems.ts"
import { listOf } from "./untrusted.ts"

/** The bulk call and its preview take the same. */
const batch = {
  params: campaignParams,
  query: {
    onInvalid: Schema.optionalKey(
      Schema.Literals(["report", "reject"]).annotate({
        description:
          "reject: one row that breaks a rule refuses the batch, 422 invalid_leads; report, the default: such a row fails alone"
      })
    )
  },
  payload: Schema.Struct({ leads: listOf<unknown>("Leads, each with an `email`.") }),
  headers: { ...ifMatch, ...idempotencyKey },
  success: HttpApiSchema.WithHeaders(BulkAnswer, {
    "idempotent-replayed": Schema.optionalKey(Schema.Literal("true"))
  }),
  error: [CampaignNotFound, CampaignChanged, InvalidLeads, IdempotencyConflict]
} as const

const byAddress = Schema.Struct({ email: Schema.String })

const LeadPage = Schema.Struct({ leads: Schema.Array(Lead), next })

export class Leads extends HttpApiGroup.make("leads")
  .add(
    HttpApiEndpoint.post("bulk", "/campaigns/:id/leads/bulk", batch).annotate(
      OpenApi.Summary,
      "Enrol a batch of leads into a campaign"
    ),
    HttpApiEndpoint.post("preview", "/campaigns/:id/leads/preview", batch).annotate(
      OpenApi.Summary,
      "Tell what a batch would do, and write nothing"
    ),
    HttpApiEndpoint.get("enrolled", "/campaigns/:id/leads", {
      params: campaignParams,
      query: pageQuery,
      success: LeadPage,
      error: CampaignNotFound
    }).annotate(OpenApi.Summary, "List the leads of a campaign"),
    HttpApiEndpoint.get("list", "/leads", { query: pageQuery, success: LeadPage }).annotate(
      OpenApi.Summary,
      "List the leads of the workspace"
    ),
    HttpApiEndpoint.get("get", "/leads/:id", {
      params: { id: Schema.String },
      success: Schema.Struct({ lead: Lead }),
      error: LeadNotFound
    }).annotate(OpenApi.Summary, "Get a lead by its id"),
    HttpApiEndpoint.post("lookup", "/leads/lookup", {
      payload: byAddress,
      success: Schema.Struct({ lead: Lead }),
      error: LeadNotFound
    }).annotate(OpenApi.Summary, "Get a lead by its address"),
    HttpApiEndpoint.post("enrollment", "/campaigns/:id/leads/enrollment", {
      params: campaignParams,
      payload: byAddress,
      success: Schema.Struct({ enrollment: Schema.NullOr(Enrollment) }),
      error: CampaignNotFound
    }).annotate(OpenApi.Summary, "Tell where a lead stands in a campaign"),
    HttpApiEndpoint.post("explain", "/campaigns/:id/leads/explain", {
      params: campaignParams,
      payload: byAddress,
      success: Explanation,
      error: CampaignNotFound
    }).annotate(OpenApi.Summary, "Tell why a lead is, or is not, being sent something"),
    HttpApiEndpoint.post("erase", "/leads/erase", {
      payload: Schema.Struct({ emails: listOf<string>("1 to 1,000 addresses.") }),
      success: Schema.Struct({
        erased: Count,
        outcomes: Schema.Array(Schema.Struct({ index: Count, erased: Schema.Boolean }))
      })
    }).annotate(OpenApi.Summary, "Erase people")
  )
  .prefix("/v1")
  .annotate(OpenApi.Description, "People, and their enrolments in campaigns.") {}
