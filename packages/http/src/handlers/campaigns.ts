import { type Campaign, revisionOf } from "@leadterra/core"
import * as Effect from "effect/Effect"
import { HttpApiBuilder, HttpApiSchema } from "effect/http-api"
import { attempt } from "../attempt.ts"
import { Api } from "../contract/Api.ts"
import { Caller } from "../contract/Authentication.ts"
import { revisionIn } from "./ifMatch.ts"
import { nextOf, pageOf, Server } from "./Server.ts"

/** A campaign under its published names. */
const published = ({ steps, ...campaign }: Campaign) => ({ ...campaign, sequenceSteps: steps })

/** An answer with the revision of its campaign. */
const tagged = <Body>(campaign: Campaign, body: Body) =>
  HttpApiSchema.withHeaders({ body, headers: { etag: `"${revisionOf(campaign)}"` } })

export const campaigns = HttpApiBuilder.group(
  Api,
  "campaigns",
  Effect.fnUntraced(function* (handlers) {
    const {
      engine: { campaigns }
    } = yield* Server
    const refOf = ({ id }: { readonly id: string }) =>
      Effect.map(Caller, ({ workspaceId }) => ({ workspaceId, campaignId: id }))

    return handlers.handleAll({
      create: Effect.fnUntraced(function* ({ payload: { name, sequenceSteps } }) {
        const { workspaceId } = yield* Caller
        const { lints, ...campaign } = yield* attempt((signal) =>
          campaigns.create({ workspaceId, name, steps: sequenceSteps }, { signal })
        )
        return tagged(campaign, { campaign: published(campaign), lints })
      }),
      list: Effect.fnUntraced(function* ({ query }) {
        const { workspaceId } = yield* Caller
        const of = { workspaceId, list: "campaigns" }
        const page = yield* pageOf(of, query)
        const { items, next } = yield* attempt((signal) => campaigns.list(page, { signal }))
        return { campaigns: items.map(published), next: yield* nextOf(of, next) }
      }),
      get: Effect.fnUntraced(function* ({ params }) {
        const ref = yield* refOf(params)
        const campaign = yield* attempt((signal) => campaigns.get(ref, { signal }), "CampaignNotFound")
        return tagged(campaign, { campaign: published(campaign) })
      }),
      update: Effect.fnUntraced(function* ({ headers, params, payload }) {
        const ref = yield* refOf(params)
        const campaign = yield* attempt(
          (signal) => campaigns.update({ ...ref, ...payload, ifRevision: revisionIn(headers) }, { signal }),
          "CampaignNotFound",
          "CampaignNotEditable",
          "CampaignChanged"
        )
        return tagged(campaign, { campaign: published(campaign) })
      }),
      replaceSteps: Effect.fnUntraced(function* ({ headers, params, payload: { sequenceSteps } }) {
        const ref = yield* refOf(params)
        const { lints, ...campaign } = yield* attempt(
          (signal) =>
            campaigns.replaceSteps(
              { ...ref, steps: sequenceSteps, ifRevision: revisionIn(headers) },
              { signal }
            ),
          "CampaignNotFound",
          "CampaignNotEditable",
          "CampaignChanged"
        )
        return tagged(campaign, { campaign: published(campaign), lints })
      }),
      start: Effect.fnUntraced(function* ({ params }) {
        const ref = yield* refOf(params)
        const campaign = yield* attempt(
          (signal) => campaigns.start(ref, { signal }),
          "CampaignNotFound",
          "NoLeadsEnrolled",
          "NoSequenceSteps"
        )
        return { campaign }
      }),
      pause: Effect.fnUntraced(function* ({ params }) {
        const ref = yield* refOf(params)
        return yield* attempt((signal) => campaigns.pause(ref, { signal }), "CampaignNotFound")
      }),
      stats: Effect.fnUntraced(function* ({ params }) {
        const ref = yield* refOf(params)
        return yield* attempt((signal) => campaigns.stats(ref, { signal }), "CampaignNotFound")
      })
    })
  })
)
