/** The laws of a campaign's life (SQ). */
import { Campaigns } from "@leadterra/core"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import * as given from "../arbitraries.ts"
import { at, type Law, law, noon } from "../Law.ts"
import { observe } from "../observe.ts"
import { campaignIn, type Ref, same, suppress, upsert, workspaceId } from "../scene.ts"

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
