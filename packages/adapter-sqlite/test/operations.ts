/** The operations that are made to fail, or are killed, at each of their statements, and the scene that they act on. */
import { at, noon } from "@leadterra/conformance"
import {
  type CampaignId,
  Campaigns,
  Delivery,
  Events,
  Leads,
  type Repository,
  Suppression,
  TestClock,
  Workspaces
} from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

export const workspaceId = "w"
const steps = [{ subject: "Hi {{firstName}}", bodyHtml: "<p>{{plan}}</p>" }]
const people = (from: number, to: number, plan: string) =>
  Array.from({ length: to - from }, (_, i) => ({ email: `lead${from + i}@example.com`, plan }))

interface Ref {
  readonly workspaceId: string
  readonly campaignId: CampaignId
}

/** A running campaign with leads, a paused and a draft one, and a suppression. */
export const scene = Effect.gen(function* () {
  const campaign = Effect.fnUntraced(function* (name: string) {
    const { id: campaignId } = yield* Campaigns.create({ workspaceId, name, steps })
    const ref: Ref = { workspaceId, campaignId }
    yield* Leads.bulkUpsert({ ...ref, leads: people(0, 20, "free") })
    return ref
  })
  const draft = yield* Random.withSeed(campaign("draft"), "draft")
  const running = yield* Random.withSeed(campaign("running"), "running")
  yield* Campaigns.start(running)
  const paused = yield* Random.withSeed(campaign("paused"), "paused")
  yield* Campaigns.start(paused)
  yield* Campaigns.pause(paused)
  yield* Suppression.add({ workspaceId, entries: ["lead3@example.com", "@gone.example"] })
  yield* Workspaces.create({ workspaceId: "test", mode: "test" })
  const claimed = yield* Random.withSeed(Delivery.claim({ workspaceId, limit: 6 }), "claim")
  return { draft, running, paused, claimed }
})

/** What the scene leaves behind: plain data, so that another process can be told. */
export type Refs = Effect.Success<typeof scene>

/** Runs it as the scene and every operation are: at noon, with a fixed seed. */
export const still = <A, E>(effect: Effect.Effect<A, E, Repository>): Effect.Effect<A, E, Repository> =>
  effect.pipe(at(noon), Random.withSeed("leadterra"))

const batch = [...people(5, 30, "pro"), { email: "lead3@example.com" }, { email: "nobody" }]

export const operationsOn = (
  refs: Refs
): ReadonlyArray<readonly [name: string, run: Effect.Effect<unknown, unknown, Repository>]> => [
  ["Campaigns.create", Campaigns.create({ workspaceId, name: "new", steps })],
  ["Campaigns.create in a new workspace", Campaigns.create({ workspaceId: "other", name: "new" })],
  ["Workspaces.create", Workspaces.create({ workspaceId: "another", mode: "test" })],
  ["TestClock.advance", TestClock.advance({ workspaceId: "test", to: noon + 1 })],
  ["TestClock.get", TestClock.get({ workspaceId: "test" })],
  ["Campaigns.update", Campaigns.update({ ...refs.draft, name: "renamed" })],
  ["Campaigns.replaceSteps", Campaigns.replaceSteps({ ...refs.draft, steps: [...steps, ...steps] })],
  ["Campaigns.start", Campaigns.start(refs.draft)],
  ["Campaigns.start of a paused one", Campaigns.start(refs.paused)],
  ["Campaigns.pause", Campaigns.pause(refs.running)],
  ["Campaigns.get", Campaigns.get(refs.running)],
  ["Campaigns.list", Campaigns.list({ workspaceId })],
  ["Leads.bulkUpsert into a draft", Leads.bulkUpsert({ ...refs.draft, leads: batch })],
  ["Leads.bulkUpsert into a running one", Leads.bulkUpsert({ ...refs.running, leads: batch })],
  [
    "Leads.bulkUpsert with a key",
    Leads.bulkUpsert({ ...refs.running, leads: batch, idempotencyKey: "spring" })
  ],
  ["Leads.preview", Leads.preview({ ...refs.running, leads: batch })],
  ["Leads.get", Leads.get({ workspaceId, email: "lead1@example.com" })],
  ["Leads.enrollment", Leads.enrollment({ ...refs.running, email: "lead1@example.com" })],
  ["Leads.list", Leads.list({ ...refs.running, limit: 5 })],
  ["Suppression.add", Suppression.add({ workspaceId, entries: ["lead1@example.com", "@example.com"] })],
  ["Suppression.remove", Suppression.remove({ workspaceId, entries: ["lead3@example.com"], actor: "op" })],
  ["Suppression.check", Suppression.check({ workspaceId, emails: ["lead3@example.com"] })],
  ["Suppression.list", Suppression.list({ workspaceId })],
  ["Campaigns.stats", Campaigns.stats(refs.running)],
  ["Leads.erase", Leads.erase({ workspaceId, emails: ["lead1@example.com"] })],
  ["Events.read", Events.read({ workspaceId, limit: 2 })],
  ["Delivery.claim", Delivery.claim({ workspaceId, limit: 5 })],
  ["Delivery.claim in all workspaces", Delivery.claim({ limit: 5 })]
]

/** Sends, a bounce and a reply, a failure, and a stranger. */
export const reportsOn = ({ claimed }: Refs): ReadonlyArray<Delivery.Report> =>
  claimed.map(({ claimToken, messageId }, index) => {
    const types = ["sent", "opened", "bounced", "replied", "failed", "unsubscribed"] as const
    return { messageId, claimToken, type: types[index] ?? "sent" }
  })

/** One of each kind that writes, by its name. */
export const writesOn = (refs: Refs): ReadonlyMap<string, Effect.Effect<unknown, unknown, Repository>> =>
  new Map<string, Effect.Effect<unknown, unknown, Repository>>([
    ["Leads.bulkUpsert", Leads.bulkUpsert({ ...refs.running, leads: batch })],
    [
      "Leads.bulkUpsert with a key",
      Leads.bulkUpsert({ ...refs.running, leads: batch, idempotencyKey: "spring" })
    ],
    ["Campaigns.start", Campaigns.start(refs.draft)],
    ["Suppression.add", Suppression.add({ workspaceId, entries: ["lead1@example.com", "@example.com"] })],
    ["Delivery.claim", Delivery.claim({ workspaceId, limit: 5 })],
    ["Delivery.record", Delivery.record({ reports: reportsOn(refs) })],
    ["Leads.erase", Leads.erase({ workspaceId, emails: ["lead1@example.com"] })]
  ])
