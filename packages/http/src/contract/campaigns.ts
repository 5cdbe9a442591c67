/** Campaigns: create, list, get, rename, steps, start, pause, stats. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import * as Schema from "effect/Schema"
import { ifMatch, KeepsNoKey } from "./Conditions.ts"
import { Campaign, CampaignStatus, Count, next, pageQuery, StepLint } from "./nouns.ts"
import {
  CampaignChanged,
  CampaignNotEditable,
  CampaignNotFound,
  NoLeadsEnrolled,
  NoSequenceSteps
} from "./problems.ts"
import { listOf } from "./untrusted.ts"

export const campaignParams = { id: Schema.String }

/** A step as it is handed over: `delayDays` may be left out and is then 0. The core judges it. */
const StepInput = Schema.Struct({
  subject: Schema.String,
  bodyHtml: Schema.String,
  delayDays: Schema.optionalKey(Schema.Finite)
}).annotate({ identifier: "SequenceStepInput" })
const sequenceSteps = listOf<typeof StepInput.Type>("Up to 100 steps.", StepInput)

const LintedCampaign = Schema.Struct({ campaign: Campaign, lints: Schema.Array(StepLint) })

/** The revision of the campaign, for `If-Match`. */
const tag = { etag: Schema.String }

const StartAnswer = Schema.Struct({
  campaign: Schema.Struct({
    id: Schema.String,
    status: CampaignStatus,
    startedAt: Schema.String,
    leadsEnrolled: Count,
    queuedMessages: Count
  })
})

const PauseAnswer = Schema.Struct({
  id: Schema.String,
  status: CampaignStatus,
  pausedAt: Schema.NullOr(Schema.String)
})

const Rate = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

const Stats = Schema.Struct({
  campaignId: Schema.String,
  totalEnrolled: Count,
  sent: Count,
  delivered: Count,
  bounced: Count,
  hardBounced: Count,
  replied: Count,
  queued: Count,
  openRate: Rate,
  replyRate: Rate
}).annotate({ identifier: "Stats" })

export class Campaigns extends HttpApiGroup.make("campaigns")
  .add(
    HttpApiEndpoint.post("create", "/", {
      payload: Schema.Struct({
        name: Schema.String,
        sequenceSteps: Schema.optionalKey(sequenceSteps)
      }),
      success: HttpApiSchema.WithHeaders(LintedCampaign.pipe(HttpApiSchema.status(201)), tag)
    })
      .annotate(OpenApi.Summary, "Create a draft")
      .annotate(KeepsNoKey, true),
    HttpApiEndpoint.get("list", "/", {
      query: pageQuery,
      success: Schema.Struct({ campaigns: Schema.Array(Campaign), next })
    }).annotate(OpenApi.Summary, "List campaigns, oldest first"),
    HttpApiEndpoint.get("get", "/:id", {
      params: campaignParams,
      success: HttpApiSchema.WithHeaders(Schema.Struct({ campaign: Campaign }), tag),
      error: CampaignNotFound
    }).annotate(OpenApi.Summary, "Get a campaign"),
    HttpApiEndpoint.patch("update", "/:id", {
      params: campaignParams,
      headers: ifMatch,
      payload: Schema.Struct({ name: Schema.String }),
      success: HttpApiSchema.WithHeaders(Schema.Struct({ campaign: Campaign }), tag),
      error: [CampaignNotFound, CampaignNotEditable, CampaignChanged]
    }).annotate(OpenApi.Summary, "Rename a draft"),
    HttpApiEndpoint.put("replaceSteps", "/:id/steps", {
      params: campaignParams,
      headers: ifMatch,
      payload: Schema.Struct({ sequenceSteps }),
      success: HttpApiSchema.WithHeaders(LintedCampaign, tag),
      error: [CampaignNotFound, CampaignNotEditable, CampaignChanged]
    }).annotate(OpenApi.Summary, "Replace the steps of a draft, or the copy and delays of a paused campaign"),
    HttpApiEndpoint.post("start", "/:id/start", {
      params: campaignParams,
      success: StartAnswer,
      error: [CampaignNotFound, NoLeadsEnrolled, NoSequenceSteps]
    }).annotate(OpenApi.Summary, "Start a draft or resume a paused campaign"),
    HttpApiEndpoint.post("pause", "/:id/pause", {
      params: campaignParams,
      success: PauseAnswer,
      error: CampaignNotFound
    }).annotate(OpenApi.Summary, "Pause a running campaign"),
    HttpApiEndpoint.get("stats", "/:id/stats", {
      params: campaignParams,
      success: Stats,
      error: CampaignNotFound
    }).annotate(OpenApi.Summary, "Get the numbers of a campaign")
  )
  .prefix("/v1/campaigns")
  .annotate(OpenApi.Description, "Sequences of steps, and when they are sent.") {}
