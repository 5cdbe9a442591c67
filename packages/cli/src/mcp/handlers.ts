/** Carries the tools out on the store of a session. */
import { LeadNotFound, revisionOf } from "@leadterra/core"
import * as Effect from "effect/Effect"
import { failureOf } from "../failure.ts"
import type { Session } from "../session.ts"
import { batchAnswer, campaignPage, coverageOf, explanationOf, oneCampaign } from "./answers.ts"
import { makeFingerprints } from "./fingerprint.ts"
import { defaultCampaigns } from "./limits.ts"
import { Refused, type ToolHandlers } from "./tools.ts"

const changed =
  "The rows, the campaign or what would happen to a row are not those of the preview of this fingerprint, or " +
  "the server has started anew: call preview again, and show its counts to the user"

interface Batch {
  readonly campaignId: string
  readonly leads: ReadonlyArray<unknown>
}

/** `onBug` is told of an error that no sentence stands for. */
export const handlersOf = (
  { engine, workspaceId }: Pick<Session, "engine" | "workspaceId">,
  onBug: (error: unknown) => void
): ToolHandlers => {
  const fingerprints = makeFingerprints()

  const attempt = <A>(call: (signal: AbortSignal) => Promise<A>): Effect.Effect<A, Refused> =>
    Effect.tryPromise({
      try: call,
      catch: (error) => {
        if (error instanceof Refused) return error
        const failure = failureOf(error)
        if (failure === undefined) onBug(error)
        return new Refused({ reason: failure?.message ?? "The server failed: its error output says where" })
      }
    })

  const campaignOf = (campaignId: string, signal: AbortSignal) =>
    engine.campaigns.get({ workspaceId, campaignId }, { signal })

  const leadOf = async (email: string, signal: AbortSignal) => {
    try {
      return await engine.leads.get({ workspaceId, email }, { signal })
    } catch (error) {
      if (error instanceof LeadNotFound) return null
      throw error
    }
  }

  /** Previews a batch for the campaign as it is now. */
  const previewOf = async ({ campaignId, leads }: Batch, signal: AbortSignal) => {
    const revision = revisionOf(await campaignOf(campaignId, signal))
    const batch = { workspaceId, campaignId, leads, ifRevision: revision }
    const report = await engine.leads.preview(batch, { signal })
    return { batch, previewed: { campaignId, revision, leads, report } }
  }

  return {
    campaigns_list: ({ after, limit = defaultCampaigns }) =>
      attempt(async (signal) => {
        const { items, next } = await engine.campaigns.list({ workspaceId, after, limit }, { signal })
        return campaignPage(items, next)
      }),
    campaigns_get: ({ campaignId }) =>
      attempt(async (signal) => oneCampaign(await campaignOf(campaignId, signal))),
    campaigns_stats: ({ campaignId }) =>
      attempt((signal) => engine.campaigns.stats({ workspaceId, campaignId }, { signal })),
    coverage: ({ campaignId, leads }) =>
      attempt(async (signal) => coverageOf(await campaignOf(campaignId, signal), leads)),
    explain: ({ campaignId, email }) =>
      attempt(async (signal) => {
        const explanation = await engine.leads.explain({ workspaceId, campaignId, email }, { signal })
        return explanationOf(explanation, await leadOf(email, signal))
      }),
    preview: (input) =>
      attempt(async (signal) => {
        const { previewed } = await previewOf(input, signal)
        return { ...batchAnswer(previewed.report), fingerprint: fingerprints.of(previewed) }
      }),
    enroll: ({ fingerprint, ...input }) =>
      attempt(async (signal) => {
        const { batch, previewed } = await previewOf(input, signal)
        if (!fingerprints.matches(previewed, fingerprint)) throw new Refused({ reason: changed })
        // The revision is judged once more inside the decision.
        return batchAnswer(await engine.leads.bulkUpsert(batch, { signal }))
      })
  }
}
