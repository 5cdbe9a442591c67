/** The small steps that the laws are told in: make a campaign, enrol, suppress, compare. */
import { deepStrictEqual } from "node:assert"
import { type CampaignId, Campaigns, Leads, Suppression, type UpsertReport } from "@leadterra/core"
import * as Effect from "effect/Effect"
import { emailKey } from "./observe.ts"

/** The status in which a law finds its campaign. */
export type Status = "draft" | "running" | "paused"

export const workspaceId = "ws"

const step = { subject: "Hello {{firstName}}", bodyHtml: "<p>{{company}}</p>" }

/** A campaign with one step that has reached the status; before it could start, one bystander was enrolled. */
export const campaignIn = Effect.fnUntraced(function* (
  status: Status,
  workspace: string = workspaceId,
  name = "c"
) {
  const { id } = yield* Campaigns.create({ workspaceId: workspace, name, steps: [step] })
  const ref = { workspaceId: workspace, campaignId: id }
  if (status === "draft") return ref
  yield* Leads.bulkUpsert({ ...ref, leads: [{ email: "bystander@example.org" }] })
  yield* Campaigns.start(ref)
  if (status === "paused") yield* Campaigns.pause(ref)
  return ref
})

export interface Ref {
  readonly workspaceId: string
  readonly campaignId: CampaignId
}

export const upsert = (ref: Ref, leads: ReadonlyArray<unknown>) => Leads.bulkUpsert({ ...ref, leads })

export const suppress = (entries: ReadonlyArray<string>, workspace: string = workspaceId) =>
  Suppression.add({ workspaceId: workspace, entries })

/** The four counts of a report, or of an import, and nothing else. */
export const countsOf = ({
  enrolled,
  failed,
  skipped,
  updated
}: Pick<UpsertReport, "enrolled" | "updated" | "skipped" | "failed">) => ({
  enrolled,
  updated,
  skipped,
  failed
})

/** Fails the law, with both values, where they differ. */
export const same = (actual: unknown, expected: unknown, what: string): Effect.Effect<void, Error> =>
  Effect.try({
    try: () => deepStrictEqual(actual, expected),
    catch: (error) => new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`)
  })

/** An entry of the suppression list as it is kept. */
export const normalise = (entry: string) =>
  entry.startsWith("@") ? `@${emailKey(`a${entry}`).slice(2)}` : emailKey(entry)

/** Whether entries as they are kept cover an address, by itself or by its domain. */
export const covers = (entries: ReadonlySet<string>, key: string) =>
  entries.has(key) || entries.has(key.slice(key.lastIndexOf("@")))
