import type { UpsertReport } from "@leadterra/core"
import type { Engine } from "@leadterra/core/promise"
import * as Effect from "effect/Effect"
import { HttpApiBuilder, HttpApiSchema } from "effect/http-api"
import { attempt } from "../attempt.ts"
import { boundIssues } from "../boundIssues.ts"
import { Api } from "../contract/Api.ts"
import { Caller } from "../contract/Authentication.ts"
import { revisionIn } from "./ifMatch.ts"
import { nextOf, pageOf, Server } from "./Server.ts"

/** A report in its published shape. */
const published = ({ outcomes, replayed: _, ...result }: UpsertReport) => ({
  result,
  outcomes: boundIssues(outcomes)
})

/** A key of a structured header has quotes around it; a bare one is taken as it stands. */
const unquoted = (key: string): string =>
  /^"((?:[^"\\]|\\["\\])*)"$/.exec(key)?.[1]?.replace(/\\(.)/g, "$1") ?? key

/** A request of the bulk call or of its preview. */
interface BatchRequest {
  readonly params: { readonly id: string }
  readonly query: { readonly onInvalid?: "report" | "reject" }
  readonly payload: { readonly leads: ReadonlyArray<unknown> }
  readonly headers: { readonly "if-match"?: string; readonly "idempotency-key"?: string }
}

type Batch = Engine["leads"]["bulkUpsert"]

export const leads = HttpApiBuilder.group(
  Api,
  "leads",
  Effect.fnUntraced(function* (handlers) {
    const {
      engine: { campaigns, leads },
      sweepErased
    } = yield* Server
    const refOf = ({ id }: { readonly id: string }) =>
      Effect.map(Caller, ({ workspaceId }) => ({ workspaceId, campaignId: id }))
    const pages = Effect.fnUntraced(function* (
      query: { readonly after?: string; readonly limit?: number },
      campaignId?: string
    ) {
      const { workspaceId } = yield* Caller
      const of = { workspaceId, list: campaignId === undefined ? "leads" : `leads of ${campaignId}` }
      const page = yield* pageOf(of, query)
      const { items, next } = yield* attempt((signal) => leads.list({ ...page, campaignId }, { signal }))
      return { leads: items, next: yield* nextOf(of, next) }
    })

    /** The handler of a call that takes a batch. */
    const batch = (take: Batch) =>
      Effect.fnUntraced(function* ({ headers, params, payload, query }: BatchRequest) {
        const key = headers["idempotency-key"]
        const input = {
          ...(yield* refOf(params)),
          ...payload,
          ...query,
          ifRevision: revisionIn(headers),
          idempotencyKey: key === undefined ? undefined : unquoted(key)
        }
        const report = yield* attempt(
          (signal) => take(input, { signal }),
          "CampaignNotFound",
          "CampaignChanged",
          "InvalidLeads",
          "IdempotencyConflict"
        )
        return HttpApiSchema.withHeaders({
          body: published(report),
          headers: report.replayed === true ? ({ "idempotent-replayed": "true" } as const) : {}
        })
      })

    return handlers.handleAll({
      bulk: batch(leads.bulkUpsert),
      preview: batch(leads.preview),
      enrolled: Effect.fnUntraced(function* ({ params, query }) {
        const ref = yield* refOf(params)
        const page = yield* pages(query, params.id)
        // Only a campaign that is there has leads, so that one read is enough for it.
        if (page.leads.length === 0)
          yield* attempt((signal) => campaigns.get(ref, { signal }), "CampaignNotFound")
        return page
      }),
      list: ({ query }) => pages(query),
      get: Effect.fnUntraced(function* ({ params: { id } }) {
        const { workspaceId } = yield* Caller
        const lead = yield* attempt(
          (signal) => leads.getById({ workspaceId, leadId: id }, { signal }),
          "LeadNotFound"
        )
        return { lead }
      }),
      lookup: Effect.fnUntraced(function* ({ payload: { email } }) {
        const { workspaceId } = yield* Caller
        const lead = yield* attempt((signal) => leads.get({ workspaceId, email }, { signal }), "LeadNotFound")
        return { lead }
      }),
      enrollment: Effect.fnUntraced(function* ({ params, payload }) {
        const input = { ...(yield* refOf(params)), ...payload }
        const enrollment = yield* attempt((signal) => leads.enrollment(input, { signal }), "CampaignNotFound")
        return { enrollment }
      }),
      explain: Effect.fnUntraced(function* ({ params, payload }) {
        const input = { ...(yield* refOf(params)), ...payload }
        return yield* attempt((signal) => leads.explain(input, { signal }), "CampaignNotFound")
      }),
      erase: Effect.fnUntraced(function* ({ payload: { emails } }) {
        const { workspaceId } = yield* Caller
        const erasure = yield* attempt(() => leads.erase({ workspaceId, emails }))
        yield* attempt(() => sweepErased({ workspaceId, emails }))
        return erasure
      })
    })
  })
)
