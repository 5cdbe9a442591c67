/** Test workspaces: the arguments, the answers and the errors of their use cases, and the rules alone. */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { at, noon } from "@leadterra/conformance"
import {
  Campaigns,
  Delivery,
  emptySnapshot,
  Leads,
  Limits,
  liveWorkspace,
  momentIn,
  type Repository,
  TestClock,
  Workspaces
} from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { decideAdvance, decideCreateWorkspace } from "../src/rules/testClock.ts"

const workspaceId = "ws_test"
const day = 86_400_000

const run = <A, E>(program: Effect.Effect<A, E, Repository>) =>
  Effect.runPromise(program.pipe(at(noon), Effect.provide(MemoryRepository.layer)))

const create = Workspaces.create({ workspaceId, mode: "test" })

describe("the rules of a test clock", () => {
  const test = { ...emptySnapshot, workspace: { testClock: 5 } }

  it("TC-1: a new workspace becomes what is asked for, and twice is once", () => {
    const created = (mode: "live" | "test") =>
      Result.getOrThrow(decideCreateWorkspace(emptySnapshot, mode, 9)).changes
    expect(created("test")).toEqual([{ _tag: "WorkspaceCreated", workspace: { testClock: 9 } }])
    expect(created("live")).toEqual([{ _tag: "WorkspaceCreated", workspace: liveWorkspace }])
    expect(decideCreateWorkspace(test, "test", 9)).toEqual(
      Result.succeed({ changes: [], answer: { testClock: 5 } })
    )
  })

  it("TC-1: a workspace of the other mode is refused by its mode", () => {
    const refusal = (snapshot: typeof test | typeof emptySnapshot, mode: "live" | "test") => {
      const decided = decideCreateWorkspace(snapshot, mode, 9)
      return Result.isFailure(decided) ? decided.failure : undefined
    }
    const live = { ...emptySnapshot, workspace: liveWorkspace }
    expect(refusal(test, "live")).toMatchObject({ _tag: "WorkspaceModeConflict", mode: "test" })
    expect(refusal(live, "test")).toMatchObject({
      mode: "live",
      message: "The workspace is a live workspace, for ever: name another one"
    })
  })

  it("TC-2: the clock is set to a later time, stays at its own, and takes no earlier one", () => {
    expect(decideAdvance(test, 6)).toEqual(
      Result.succeed({ changes: [{ _tag: "TestClockAdvanced", now: 6 }], answer: { now: 6 } })
    )
    expect(decideAdvance(test, 5)).toEqual(Result.succeed({ changes: [], answer: { now: 5 } }))
    const refused = decideAdvance(test, 4)
    expect(Result.isFailure(refused) && refused.failure).toMatchObject({ _tag: "TestClockIsLater", now: 5 })
  })

  it("TC-3, TC-4: a decision is made at the clock, and at the real time where there is none", () => {
    expect(momentIn(test, 9)).toEqual({ now: 5, realNow: 9 })
    expect(momentIn(emptySnapshot, 9)).toEqual({ now: 9, realNow: 9 })
    expect(momentIn({ workspace: liveWorkspace }, 9)).toEqual({ now: 9, realNow: 9 })
    expect(momentIn({ workspace: { testClock: 0 } }, 9)).toEqual({ now: 0, realNow: 9 })
  })
})

describe("the use cases of a test clock", () => {
  it("TC-2: the clock begins at the real time, and takes milliseconds and ISO times", () =>
    run(
      Effect.gen(function* () {
        expect(yield* create).toEqual({ testClock: noon })
        expect(yield* TestClock.get({ workspaceId })).toEqual({ now: noon })
        expect(yield* TestClock.advance({ workspaceId, to: noon + 1 })).toEqual({ now: noon + 1 })
        const to = "2025-06-11T14:00:00+02:00"
        expect(yield* TestClock.advance({ workspaceId, to })).toEqual({ now: noon + day })
        const last = Limits.maxTestClock
        expect(yield* TestClock.advance({ workspaceId, to: last })).toEqual({ now: last })
        expect(new Date(last).toISOString()).toBe("9989-12-31T23:59:59.999Z")
      })
    ))

  it.each([
    ["no time", "soon"],
    ["a day that no month has", "2025-02-30T00:00:00Z"],
    ["a part of a millisecond", noon + 0.5],
    ["a time before 1970", -1],
    ["a time after 9989", Limits.maxTestClock + 1],
    ["no number", Number.NaN],
    ["an array", [noon]],
    ["null", null]
  ])("TC-2: %s is refused by name, and the clock stays", (_, to) =>
    run(
      Effect.gen(function* () {
        yield* create
        const error = yield* Effect.flip(TestClock.advance({ workspaceId, to: to as never }))
        expect(error).toMatchObject({ _tag: "InvalidRequest", issues: [{ path: "to" }] })
        expect(yield* TestClock.get({ workspaceId })).toEqual({ now: noon })
      })
    )
  )

  it("TC-1: unknown arguments, modes and names are refused", () =>
    run(
      Effect.gen(function* () {
        const invalid = (input: object) =>
          Effect.map(Effect.flip(Workspaces.create(input as never)), ({ _tag, message }) => [_tag, message])
        const [tag, message] = yield* invalid({ workspaceId, mode: "prod" })
        expect([tag, message]).toEqual(["InvalidRequest", expect.stringContaining("mode")])
        expect(yield* invalid({ workspaceId: "a b", mode: "test" })).toEqual([
          "InvalidRequest",
          expect.stringContaining("workspaceId")
        ])
        expect(yield* invalid({ workspaceId, mode: "test", now: 1 })).toEqual([
          "InvalidRequest",
          expect.stringContaining("now: unknown")
        ])
        expect(yield* Effect.flip(TestClock.get({ workspaceId }))).toMatchObject({
          _tag: "NotATestWorkspace",
          message: "The workspace has no test clock: create a test workspace"
        })
      })
    ))

  it("TC-2: an earlier time is refused by the time that the clock has", () =>
    run(
      Effect.gen(function* () {
        yield* create
        const error = yield* Effect.flip(TestClock.advance({ workspaceId, to: noon - 1 }))
        expect(error).toMatchObject({
          _tag: "TestClockIsLater",
          now: noon,
          message: "The test clock only goes forward: advance to the time of TestClock.get or to a later one"
        })
      })
    ))

  it("TC-2: at the latest time of the clock the longest delay ends in the year 9999", () =>
    run(
      Effect.gen(function* () {
        yield* create
        yield* TestClock.advance({ workspaceId, to: Limits.maxTestClock })
        const steps = [0, Limits.maxDelayDays].map((delayDays) => ({
          subject: "s",
          bodyHtml: "b",
          delayDays
        }))
        const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c", steps })
        const ref = { workspaceId, campaignId }
        const email = "ava@acmecorp.com"
        yield* Leads.bulkUpsert({ ...ref, leads: [{ email }] })
        yield* Campaigns.start(ref)
        for (const { messageId } of yield* Delivery.claim({ workspaceId }))
          yield* Delivery.record({ reports: [{ messageId, type: "sent" }] })
        const { pending } = (yield* Leads.enrollment({ ...ref, email })) ?? {}
        expect(new Date(pending?.dueAt ?? 0).toISOString()).toBe("9999-12-29T23:59:59.999Z")
        expect((yield* Leads.explain({ ...ref, email })).verdict).toMatchObject({ until: pending?.dueAt })
      })
    ))

  it("TC-3: the time of a report is not used, and an explanation is of the clock", () =>
    run(
      Effect.gen(function* () {
        yield* create
        const steps = [0, 3].map((delayDays) => ({ subject: "s", bodyHtml: "b", delayDays }))
        const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c", steps })
        const ref = { workspaceId, campaignId }
        const email = "ava@acmecorp.com"
        yield* Leads.bulkUpsert({ ...ref, leads: [{ email }] })
        yield* Campaigns.start(ref)
        yield* TestClock.advance({ workspaceId, to: noon + day })
        for (const { messageId } of yield* Delivery.claim({ workspaceId }))
          yield* Delivery.record({ reports: [{ messageId, type: "sent", at: noon }] })
        const waiting = yield* Leads.explain({ ...ref, email })
        expect(waiting.verdict).toMatchObject({ reason: "waiting", until: noon + 4 * day })
        expect(waiting.messages[0]).toMatchObject({ sentAt: noon + day })
        yield* TestClock.advance({ workspaceId, to: noon + 4 * day })
        expect((yield* Leads.explain({ ...ref, email })).verdict).toMatchObject({ reason: "due" })
        yield* Delivery.claim({ workspaceId, leaseSeconds: 60 })
        const claimed = Leads.explain({ ...ref, email })
        expect((yield* claimed).verdict).toMatchObject({ reason: "claimed", until: noon + 60_000 })
        expect((yield* claimed.pipe(at(noon + 60_000))).verdict).toMatchObject({ reason: "due" })
      })
    ))
})
