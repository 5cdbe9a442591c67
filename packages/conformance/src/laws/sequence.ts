/** The laws of a campaign's life (SQ). */
import { type Campaign, Campaigns, revisionOf } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import fc from "fast-check"
import * as given from "../arbitraries.ts"
import { at, type Law, law, noon } from "../Law.ts"
import { everyEvent, type ObservedCampaign, observe } from "../observe.ts"
import { campaignIn, type Ref, type Status, same, suppress, upsert, workspaceId } from "../scene.ts"

const history = fc.array(
  fc.oneof(
    fc.record({ upsert: given.rows }),
    fc.record({ suppress: given.entries }),
    fc.constantFrom({ turn: "start" } as const, { turn: "pause" } as const)
  ),
  { maxLength: 6 }
)
type Act = typeof history extends fc.Arbitrary<Array<infer A>> ? A : never

const act = (ref: Ref, act: Act) =>
  "upsert" in act
    ? Effect.asVoid(upsert(ref, act.upsert))
    : "suppress" in act
      ? Effect.asVoid(suppress(act.suppress, ref.workspaceId))
      : act.turn === "pause"
        ? Effect.asVoid(Campaigns.pause(ref))
        : Campaigns.start(ref).pipe(
            Effect.asVoid,
            Effect.catchTag("NoLeadsEnrolled", () => Effect.void)
          )

const only = Effect.fnUntraced(function* (workspace: string) {
  const [campaign] = (yield* observe(workspace)).campaigns
  return campaign === undefined ? yield* Effect.fail(new Error("no campaign")) : campaign
})

const status: fc.Arbitrary<Status> = fc.constantFrom("draft", "running", "paused")

/** Copy that `campaignIn` does not have, of as many steps, so that a paused campaign takes it too. */
const otherSteps = fc.record({
  steps: fc.tuple(fc.record({ subject: fc.constantFrom("A", "B"), bodyHtml: fc.constantFrom("", "\u00e9") }))
})
const rename = fc.record({ name: given.campaignName })

/** Two changes of a campaign that its status allows. */
const twoChanges = fc.oneof(
  fc.record({
    status: fc.constant("draft" as const),
    changes: fc.tuple(fc.oneof(rename, otherSteps), fc.oneof(rename, otherSteps))
  }),
  fc.record({ status: fc.constant("paused" as const), changes: fc.tuple(otherSteps, otherSteps) })
)
type CampaignChange = (typeof twoChanges extends fc.Arbitrary<infer A extends { readonly changes: unknown }>
  ? A
  : never)["changes"][number]

const changeAt = (ref: Ref, ifRevision: string, change: CampaignChange) =>
  "name" in change
    ? Campaigns.update({ ...ref, ...change, ifRevision })
    : Effect.map(
        Campaigns.replaceSteps({ ...ref, ...change, ifRevision }),
        ({ lints: _, ...campaign }): Campaign => campaign
      )

export const sequenceLaws: ReadonlyArray<Law> = [
  law(
    "one pending message per active enrolment",
    "SQ-2, SQ-4: once started, exactly the active enrolments have a message, for the step of their position",
    history,
    (acts) =>
      Effect.gen(function* () {
        const ref = yield* campaignIn("draft")
        for (const next of acts) {
          yield* act(ref, next)
          const { campaign, enrollments } = yield* only(workspaceId)
          for (const { pending, position, state } of Object.values(enrollments)) {
            const due = campaign.status !== "draft" && state === "active"
            yield* same(pending?.step ?? null, due ? position : null, "step of the pending message")
          }
        }
      })
  ),
  law(
    "start and enrol commute",
    "SQ-4: a lead enrolled before the start and one enrolled after it end up alike",
    fc.tuple(given.validRows, given.validRows),
    ([early, late]) =>
      Effect.gen(function* () {
        const one = yield* campaignIn("draft", "one")
        yield* upsert(one, early)
        yield* upsert(one, late)
        yield* Campaigns.start(one)
        const two = yield* campaignIn("draft", "two")
        yield* upsert(two, early)
        yield* Campaigns.start(two)
        yield* upsert(two, late)
        yield* same(yield* observe("two"), yield* observe("one"), "state")
      })
  ),
  law(
    "pause then start is the identity",
    "SQ-7: on a running campaign it changes no position, state, message or due time, however long it lasts",
    fc.tuple(given.rows, given.entries, fc.nat({ max: 1e9 })),
    ([rows, entries, pause]) =>
      Effect.gen(function* () {
        const ref = yield* campaignIn("running")
        yield* upsert(ref, rows)
        yield* suppress(entries)
        const before = yield* observe(workspaceId)
        yield* Campaigns.pause(ref)
        yield* Campaigns.start(ref).pipe(at(noon + pause))
        yield* same(yield* observe(workspaceId), before, "state")
      })
  ),
  law(
    "start answers what is",
    "SQ-7, SQ-9: start and pause answer the state that they leave, and twice is once",
    history,
    (acts) =>
      Effect.gen(function* () {
        const ref = yield* campaignIn("draft")
        yield* upsert(ref, [{ email: "bystander@example.org" }])
        for (const next of acts) yield* act(ref, next)
        const started = yield* Campaigns.start(ref)
        const { campaign, enrollments } = yield* only(workspaceId)
        const all = Object.values(enrollments)
        yield* same(
          { ...started, startedAt: Date.parse(started.startedAt) },
          {
            id: ref.campaignId,
            status: "running",
            startedAt: campaign.startedAt,
            leadsEnrolled: all.length,
            queuedMessages: all.filter(({ pending }) => pending !== null).length
          },
          "answer of start"
        )
        yield* same(yield* Campaigns.start(ref).pipe(at(noon + 5)), started, "a second start")
        const paused = yield* Campaigns.pause(ref)
        yield* same(paused.status, (yield* only(workspaceId)).campaign.status, "answer of pause")
        yield* same(yield* Campaigns.pause(ref).pipe(at(noon + 5)), paused, "a second pause")
      })
  ),
  law(
    "a draft is renamed",
    "SQ-8: a draft's new name is what get and list say, and nothing else moves; a campaign that has started keeps its name",
    fc.record({ status, rows: given.rows, name: given.campaignName }),
    ({ name, rows, status }) =>
      Effect.gen(function* () {
        const ref = yield* campaignIn(status)
        yield* campaignIn("draft", workspaceId, "other")
        yield* upsert(ref, rows)
        const before = yield* observe(workspaceId)
        const events = yield* everyEvent(workspaceId)
        const campaign = yield* Campaigns.get(ref)
        const renamed = { ...campaign, name }
        const call = Campaigns.update({ ...ref, name }).pipe(at(noon + 5))
        if (status === "draft") yield* same(yield* call, renamed, "answer")
        else yield* same((yield* Effect.flip(call))._tag, "CampaignNotEditable", "refusal")
        const expected = status === "draft" ? renamed : campaign
        yield* same(yield* Campaigns.get(ref), expected, "campaign")
        const { items } = yield* Campaigns.list({ workspaceId })
        yield* same(
          items.find(({ id }) => id === campaign.id),
          expected,
          "campaign in the list"
        )
        const campaigns = before.campaigns.map((observed) =>
          observed.campaign.name === campaign.name
            ? { ...observed, campaign: { ...observed.campaign, name: expected.name } }
            : observed
        )
        const byName = (a: ObservedCampaign, b: ObservedCampaign) =>
          a.campaign.name.localeCompare(b.campaign.name)
        yield* same(yield* observe(workspaceId), { ...before, campaigns: campaigns.sort(byName) }, "state")
        yield* same(yield* everyEvent(workspaceId), events, "events")
      })
  ),
  law(
    "one revision takes one change",
    "SQ-10: of two changes at one revision the first lands, and the other is refused, changes nothing, and lands at the new revision",
    fc.record({ rows: given.rows, edits: twoChanges }),
    ({ edits: { changes, status }, rows }) =>
      Effect.gen(function* () {
        const ref = yield* campaignIn(status)
        yield* upsert(ref, rows)
        const { campaign: _, ...rest } = yield* only(workspaceId)
        const read = revisionOf(yield* Campaigns.get(ref))
        const results = yield* Effect.forEach(
          changes,
          (change) => Effect.result(Effect.map(changeAt(ref, read, change), (campaign) => ({ campaign }))),
          { concurrency: "unbounded" }
        )
        const landed = results.flatMap((result) => (Result.isSuccess(result) ? result.success.campaign : []))
        const refused = results.flatMap((result) => (Result.isFailure(result) ? result.failure._tag : []))
        yield* same(refused, ["CampaignChanged"], "refusals")
        yield* same([yield* Campaigns.get(ref)], landed, "campaign")
        const { campaign: _c, ...after } = yield* only(workspaceId)
        yield* same(after, rest, "enrolments and counters")
        for (const [index, change] of changes.entries()) {
          if (results[index]?._tag === "Success") continue
          const again = yield* changeAt(ref, revisionOf(yield* Campaigns.get(ref)), change)
          yield* same(yield* Campaigns.get(ref), again, "campaign after the second change")
        }
      })
  ),
  law(
    "counters equal a recount",
    "UP-7, SQ-9: the counters of a campaign are what counting its enrolments gives, at every moment",
    history,
    (acts) =>
      Effect.gen(function* () {
        const ref = yield* campaignIn("draft")
        for (const next of acts) {
          yield* act(ref, next)
          const { counters, enrollments } = yield* only(workspaceId)
          const all = Object.values(enrollments)
          const messages = all.flatMap((enrollment) => enrollment.messages)
          const told = (fact: "sentAt" | "deliveredAt" | "openedAt" | "bouncedAt" | "hardBouncedAt") =>
            messages.filter((message) => message[fact] !== null).length
          const recount = {
            enrolled: all.length,
            active: all.filter(({ state }) => state === "active").length,
            pending: messages.filter(({ state }) => state === "pending").length,
            sent: told("sentAt"),
            delivered: told("deliveredAt"),
            opened: told("openedAt"),
            bounced: told("bouncedAt"),
            hardBounced: told("hardBouncedAt"),
            replied: all.filter(({ repliedAt }) => repliedAt !== null).length
          }
          yield* same(counters, recount, "counters")
        }
      })
  )
]
