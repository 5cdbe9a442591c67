/** The laws of test workspaces and their clocks (TC). */
import {
  Campaigns,
  type Change,
  Delivery,
  Ids,
  Leads,
  Limits,
  Repository,
  Suppression,
  TestClock,
  Workspaces
} from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import fc from "fast-check"
import * as given from "../arbitraries.ts"
import { day, lived, scene, type World } from "../histories.ts"
import { at, type Law, law, noon } from "../Law.ts"
import { everyEvent, type Observed, observe } from "../observe.ts"
import { campaignIn, type Ref, same, upsert } from "../scene.ts"

const workspaceId = "test"

const createTest = Workspaces.create({ workspaceId, mode: "test" })
const advance = (to: number) => TestClock.advance({ workspaceId, to })

/** Decides by hand, below the use cases, as a rule with a bug would. Returns the reason of a refusal. */
const decideRaw = (workspaceId: string, changes: ReadonlyArray<Change>) =>
  Effect.gen(function* () {
    const repository = yield* Repository
    const scope = { workspaceId: Ids.WorkspaceId.make(workspaceId) }
    const decided = repository.decide(scope, () => Result.succeed({ changes, answer: null }))
    const result = yield* Effect.result(decided)
    return Result.isFailure(result) ? result.failure.reason._tag : null
  })

/** The answer of a call, or the tag of its error. */
const outcomeOf = <A, E extends { readonly _tag: string }, R>(call: Effect.Effect<A, E, R>) =>
  Effect.match(call, {
    onSuccess: (answer): unknown => answer,
    onFailure: ({ _tag }): unknown => _tag
  })

/** A test workspace whose clock follows the times of a history, while the real time is another one. */
const testWorld = (offset: number): World => ({
  workspaceId,
  at: (now) => (program) => Effect.andThen(Effect.orDie(advance(now)), program).pipe(at(now + offset))
})

/** The state with the ends of leases in the times of the history. */
const withLeases = ({ campaigns, ...rest }: Observed, offset: number) => ({
  ...rest,
  campaigns: campaigns.map(({ enrollments, ...campaign }) => ({
    ...campaign,
    enrollments: Object.entries(enrollments).map(([key, { messages, ...enrollment }]) => ({
      key,
      ...enrollment,
      messages: messages.map(({ leasedUntil, ...message }) => ({
        ...message,
        leasedUntil: leasedUntil === null ? null : leasedUntil - offset
      }))
    }))
  }))
})

type Scene = typeof scene extends fc.Arbitrary<infer S> ? S : never

/**
 * Histories that do not depend on ids, which differ between two worlds: those of one campaign, with
 * waits that are not drawn. Reports have no times, since a reporter has real ones.
 */
const comparable = scene.map(
  ([sequences, rows, acts]): Scene => [
    sequences.slice(0, 1),
    rows.slice(0, 6),
    acts.slice(0, 5).map(([wait, act]) => [
      wait,
      "claim" in act
        ? {
            ...act,
            reports: act.reports.map((report) => ({ ...report, at: undefined, retryAfterSeconds: 30 }))
          }
        : act
    ])
  ]
)

/** Everything that a workspace shows behind a history. */
const livedIn = Effect.fnUntraced(function* (
  world: World,
  offset: number,
  history: Scene,
  entries: ReadonlyArray<string>,
  pause: number
) {
  const { workspaceId } = world
  let end = noon
  const look = (now: number) =>
    Effect.sync(() => {
      end = now
    })
  const refs = yield* lived(history, look, world)
  const verdicts: Array<string> = []
  const batch = { leads: [{ email: "late@example.org" }], idempotencyKey: "one" }
  const keyed = Effect.gen(function* () {
    const reports: Array<unknown> = []
    for (const ref of refs.slice(0, 1)) reports.push(yield* Leads.bulkUpsert({ ...ref, ...batch }))
    return reports
  })
  const first = yield* Effect.gen(function* () {
    for (const ref of refs)
      for (const email of given.keys) verdicts.push((yield* Leads.explain({ ...ref, email })).verdict.reason)
    yield* Suppression.remove({ workspaceId, entries, actor: "operator" })
    return yield* keyed
  }).pipe(world.at(end))
  const again = yield* keyed.pipe(world.at(end + pause))
  const events = (yield* everyEvent(workspaceId)).map(({ at, kind, sequence }) => ({ at, kind, sequence }))
  return { verdicts, first, again, events, ...withLeases(yield* observe(workspaceId), offset) }
})

const fewRows = fc.array(given.validRow, { minLength: 1, maxLength: 4 })

const week = [0, 3, 4].map((delayDays) => ({ subject: "Hi {{firstName}}", bodyHtml: "<p>Hi</p>", delayDays }))

/** A started campaign of a workspace. */
const started = Effect.fnUntraced(function* (
  workspaceId: string,
  rows: ReadonlyArray<unknown>,
  steps = week
) {
  const { id } = yield* Campaigns.create({ workspaceId, name: "c", steps })
  const ref: Ref = { workspaceId, campaignId: id }
  yield* upsert(ref, rows)
  yield* Campaigns.start(ref)
  return ref
})

const claim = (leaseSeconds = 300) => Delivery.claim({ workspaceId, limit: Limits.maxClaim, leaseSeconds })

const attemptsOf = (messages: ReadonlyArray<Delivery.ClaimedMessage>) =>
  messages.map(({ attempt, messageId }) => ({ attempt, messageId }))

/** Calls that decide the mode of a workspace, and calls that leave it open. */
const modeCall = fc.constantFrom("live", "test", "write", "read", "refused", "broken", "nothing")
type ModeCall = typeof modeCall extends fc.Arbitrary<infer A> ? A : never

/** Changes that no store takes. */
const broken: ReadonlyArray<Change> = [
  { _tag: "FirstStepQueued", campaignId: Ids.CampaignId.make("camp_none"), dueAt: noon }
]

export const testClockLaws: ReadonlyArray<Law> = [
  law(
    "a workspace has one mode",
    "TC-1: a workspace is live or a test workspace from the first write to it, for ever; reads and refused calls leave it open",
    fc.array(modeCall, { minLength: 1, maxLength: 6 }),
    (calls) =>
      Effect.gen(function* () {
        let mode: "live" | "test" | null = null
        const run = (call: ModeCall) => {
          switch (call) {
            case "live":
            case "test":
              return outcomeOf(Workspaces.create({ workspaceId, mode: call }))
            case "write":
              return outcomeOf(Effect.as(Campaigns.create({ workspaceId, name: "c" }), "written"))
            case "read":
              return outcomeOf(Effect.as(Campaigns.list({ workspaceId }), "read"))
            case "refused":
              return outcomeOf(Campaigns.start({ workspaceId, campaignId: "camp_none" }))
            case "broken":
              return decideRaw(workspaceId, broken)
            case "nothing":
              return decideRaw(workspaceId, [])
          }
        }
        for (const [index, call] of calls.entries()) {
          const outcome = yield* run(call).pipe(at(noon + index))
          if (mode === null && (call === "live" || call === "test")) mode = call
          if (mode === null && call === "write") mode = "live"
          if (call === "broken") yield* same(outcome, "ConstraintViolated", "a broken decision")
          if (call === "live" || call === "test")
            yield* same(outcome === "WorkspaceModeConflict", call !== mode, "refused")
          if (mode === null) continue
          const clock = yield* Effect.result(TestClock.get({ workspaceId }))
          yield* same(Result.isSuccess(clock) ? "test" : "live", mode, `mode after ${call}`)
        }
        if (mode === null) return
        const raw = [{ _tag: "WorkspaceCreated", workspace: { testClock: noon } } as const]
        yield* same(yield* decideRaw(workspaceId, raw), "ConstraintViolated", "created twice")
      })
  ),
  law(
    "modes are decided one at a time",
    "TC-1: of calls at once that would decide the mode of a workspace one decides it, and those of the other mode are refused",
    fc.array(fc.constantFrom("live" as const, "test" as const, "write" as const), {
      minLength: 2,
      maxLength: 5
    }),
    (calls) =>
      Effect.gen(function* () {
        const outcomes = yield* Effect.forEach(
          calls,
          (call) =>
            call === "write"
              ? outcomeOf(Effect.as(Campaigns.create({ workspaceId, name: "c" }), null))
              : outcomeOf(Effect.as(Workspaces.create({ workspaceId, mode: call }), null)),
          { concurrency: "unbounded" }
        )
        const clock = yield* Effect.result(TestClock.get({ workspaceId }))
        const mode = Result.isSuccess(clock) ? "test" : "live"
        for (const [index, call] of calls.entries()) {
          const isRefused = call !== "write" && call !== mode
          yield* same(outcomes[index], isRefused ? "WorkspaceModeConflict" : null, `outcome of ${call}`)
        }
        const written = calls.filter((call) => call === "write").length
        yield* same((yield* Campaigns.list({ workspaceId })).items.length, written, "campaigns")
      })
  ),
  law(
    "a test clock only goes forward",
    "TC-2: a test clock stands still while real time goes on, and takes no time before its own; a live workspace has none",
    fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.nat({ max: 1e9 })), { maxLength: 5 }),
    (moves) =>
      Effect.gen(function* () {
        yield* campaignIn("draft", "live")
        yield* same(yield* outcomeOf(TestClock.get({ workspaceId: "live" })), "NotATestWorkspace", "live")
        yield* same(
          yield* outcomeOf(TestClock.advance({ workspaceId: "live", to: noon + day })),
          "NotATestWorkspace",
          "advance of a live workspace"
        )
        const forward = (now: number) => [{ _tag: "TestClockAdvanced", now } as const]
        yield* same(yield* decideRaw("live", forward(noon)), "ConstraintViolated", "a clock for a live one")
        yield* createTest
        let now = noon
        for (const [by, elapsed] of moves) {
          const to = now + by
          if (to < now)
            yield* same(yield* decideRaw(workspaceId, forward(to)), "ConstraintViolated", "a rewind")
          const outcome = yield* outcomeOf(advance(to)).pipe(at(noon + elapsed))
          yield* same(outcome, to < now ? "TestClockIsLater" : { now: to }, "answer of advance")
          now = Math.max(now, to)
          yield* same(yield* TestClock.get({ workspaceId }).pipe(at(noon + 2 * elapsed)), { now }, "clock")
          yield* createTest.pipe(at(noon + elapsed))
        }
      })
  ),
  law(
    "decisions are made at the test clock",
    "TC-3: a history in a test workspace ends as it does in a live one at the times of the clock, whatever the real time",
    fc.tuple(
      comparable,
      given.entries,
      fc.constantFrom(-9 * day, -1, 0, 1, 9 * day),
      fc.constantFrom(6 * day, 7 * day, 8 * day)
    ),
    ([history, entries, offset, pause]) =>
      Effect.gen(function* () {
        const live = yield* livedIn({ workspaceId: "live", at }, 0, history, entries, pause)
        yield* createTest
        const test = yield* livedIn(testWorld(offset), offset, history, entries, pause)
        yield* same(test, live, "the state, the events and the answers")
      })
  ),
  law(
    "a week passes in one test",
    "TC-3, SQ-5: three steps over a week are sent, each at its time of the test clock, while no real time passes",
    fewRows,
    (rows) =>
      Effect.gen(function* () {
        yield* createTest
        yield* started(workspaceId, rows)
        const people = Object.keys((yield* observe(workspaceId)).campaigns[0]?.enrollments ?? {}).length
        for (const [step, days] of [0, 3, 7].entries()) {
          const dueAt = noon + days * day
          yield* advance(Math.max(noon, dueAt - 1))
          if (days > 0) yield* same(yield* claim(), [], "handed out too early")
          yield* advance(dueAt)
          const claimed = yield* claim()
          yield* same(
            claimed.map((message) => message.step),
            Array(people).fill(step),
            `steps handed out after ${days} days`
          )
          const reports = claimed.map(({ messageId }) => ({ messageId, type: "sent", at: noon }) as const)
          yield* same((yield* Delivery.record({ reports })).recorded, people, "sends recorded")
        }
        for (const { enrollments } of (yield* observe(workspaceId)).campaigns)
          for (const { endedAt, messages, state } of Object.values(enrollments)) {
            yield* same({ endedAt, state }, { endedAt: noon + 7 * day, state: "completed" }, "the end")
            yield* same(
              messages.map(({ sentAt }) => ((sentAt ?? 0) - noon) / day),
              [0, 3, 7],
              "days of the sends"
            )
          }
      })
  ),
  law(
    "leases keep real time",
    "TC-4: a test clock that stands still never holds a message of a dead worker, and one that is advanced takes none from a live worker; a wait after a failure is by the clock",
    fc.record({
      rows: fewRows,
      leaseSeconds: fc.constantFrom(1, 60, 300),
      days: fc.constantFrom(0, 1, 30)
    }),
    ({ days, leaseSeconds, rows }) =>
      Effect.gen(function* () {
        yield* createTest
        yield* started(workspaceId, rows, week.slice(0, 1))
        const claimed = yield* claim(leaseSeconds)
        const clock = noon + days * day
        yield* advance(clock)
        const end = noon + leaseSeconds * 1_000
        const leased = claimed.map(({ leasedUntil }) => leasedUntil)
        yield* same(leased, Array(claimed.length).fill(end), "ends of leases")
        yield* same(yield* claim().pipe(at(end - 1)), [], "handed out while leased")
        const extended = yield* Delivery.extend({ messages: claimed.slice(0, 1), leaseSeconds: 600 }).pipe(
          at(end - 1)
        )
        yield* same(extended.recorded, 1, "extended")
        const again = yield* claim().pipe(at(end))
        const others = claimed.slice(1).map(({ messageId }) => ({ attempt: 2, messageId }))
        yield* same(attemptsOf(again), others, "handed out after the lease")
        const late = yield* Delivery.extend({ messages: claimed.slice(0, 1), leaseSeconds: 600 }).pipe(
          at(end + 600_000)
        )
        yield* same(late.ignored, 1, "extended too late")
        const [first] = claimed
        if (first === undefined) return
        const { claimToken, messageId } = first
        const failure = { messageId, claimToken, type: "failed", retryAfterSeconds: 60 } as const
        yield* same((yield* Delivery.record({ reports: [failure] })).recorded, 1, "failure recorded")
        const later = at(end + 30 * day)
        const free = attemptsOf(yield* claim().pipe(later)).filter((each) => each.messageId === messageId)
        yield* same(free, [], "handed out before its wait was over")
        yield* advance(clock + 60_000)
        yield* same(attemptsOf(yield* claim().pipe(later)), [{ attempt: 2, messageId }], "after its wait")
      })
  ),
  law(
    "claims that name no workspace are live",
    "TC-5: a claim that names no workspace never hands out messages of test workspaces, and a claim that names one does",
    fc.record({ live: fewRows, test: fewRows, days: fc.constantFrom(0, 9) }),
    ({ days, live, test }) =>
      Effect.gen(function* () {
        yield* createTest
        yield* started(workspaceId, test)
        yield* started("live", live)
        yield* advance(noon + days * day)
        const later = at(noon + 30 * day)
        const repository = yield* Repository
        yield* same(yield* repository.workspacesDue(noon + 30 * day), ["live"], "workspaces")
        const claimed = yield* Delivery.claim({ limit: Limits.maxClaim }).pipe(later)
        yield* same(
          [...new Set(claimed.map((message) => message.workspaceId))],
          ["live"],
          "workspaces claimed"
        )
        const named = yield* claim().pipe(later)
        const people = new Set(test.map(({ email }) => String(email))).size
        yield* same(named.length > 0 && named.length <= people, true, "handed out by name")
      })
  )
]
