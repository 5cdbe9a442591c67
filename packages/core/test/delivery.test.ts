import { MemoryRepository } from "@leadterra/adapter-memory"
import { at, noon } from "@leadterra/conformance"
import {
  Campaigns,
  Delivery,
  Events,
  Ids,
  Leads,
  Limits,
  type Repository,
  Suppression
} from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseReport } from "../src/rules/parseReport.ts"
import { backoff } from "../src/rules/record.ts"

const workspaceId = "ws_1"
const day = 86_400_000
const email = "ava@acmecorp.com"

const run = <A, E>(program: Effect.Effect<A, E, Repository>) =>
  Effect.runPromise(Effect.provide(at(noon)(program), MemoryRepository.layer))

/** A running campaign of three steps with one lead, whose first message is in hand. */
const inHand = Effect.gen(function* () {
  const steps = [
    { subject: "Hi {{firstName}}", bodyHtml: "<p>{{company}}</p>" },
    { subject: "Again, {{firstName | friend}}", bodyHtml: "<p>2</p>", delayDays: 1.5 },
    { subject: "Last", bodyHtml: "<p>3</p>" }
  ]
  const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "Spring", steps })
  const ref = { workspaceId, campaignId }
  yield* Leads.bulkUpsert({ ...ref, leads: [{ email, firstName: "Ava", company: "A & B" }] })
  yield* Campaigns.start(ref)
  const [message] = yield* Delivery.claim({ workspaceId })
  if (message === undefined) return yield* Effect.die("nothing was handed out")
  return { ref, message, ...message }
})

type Fact = { readonly type: string; readonly [name: string]: unknown }
const report = (messageId: string, ...facts: ReadonlyArray<Fact>) =>
  Effect.map(
    Delivery.record({ reports: facts.map((fact) => ({ messageId, ...fact }) as object as Delivery.Report) }),
    ({ outcomes }) =>
      outcomes.map((outcome) =>
        outcome.outcome === "ignored"
          ? outcome.reason
          : outcome.outcome === "failed"
            ? outcome.issues.map(({ reason }) => reason).join()
            : outcome.outcome
      )
  )

const stateOf = (ref: { readonly workspaceId: string; readonly campaignId: string }) =>
  Effect.map(Leads.enrollment({ ...ref, email }), (found) => ({
    position: found?.position,
    state: found?.state,
    reason: found?.endReason,
    due: found?.pending?.dueAt
  }))

describe("a claim", () => {
  it("DE-1, DE-2, TK-6: hands out what is due, rendered, with what a report needs", () =>
    run(
      Effect.gen(function* () {
        const { message, ref } = yield* inHand
        expect(message).toEqual({
          messageId: expect.stringMatching(/^msg_ws_1_[0-9A-Z]{26}_[0-9A-Z]{26}_0$/),
          attempt: 1,
          claimToken: expect.stringMatching(/^claim_[0-9A-Z]{26}$/),
          leasedUntil: noon + 300_000,
          to: email,
          subject: "Hi Ava",
          html: "<p>A &amp; B</p>",
          ...ref,
          step: 0,
          lead: yield* Leads.get({ workspaceId, email })
        })
        expect(yield* Delivery.claim({ workspaceId })).toEqual([])
      })
    ))

  it("DE-1: a lease that has run out frees the message, under the same id and with one attempt more", () =>
    run(
      Effect.gen(function* () {
        const { message } = yield* inHand
        const later = (millis: number) =>
          Delivery.claim({ workspaceId, leaseSeconds: 1 }).pipe(at(noon + millis))
        expect(yield* later(299_999)).toEqual([])
        const [again] = yield* later(300_000)
        expect(again).toMatchObject({ messageId: message.messageId, attempt: 2, leasedUntil: noon + 301_000 })
        expect(again?.claimToken).not.toBe(message.claimToken)
        expect(yield* report(message.messageId, { type: "failed", claimToken: message.claimToken })).toEqual([
          "StaleToken"
        ])
        expect(yield* report(message.messageId, { type: "sent", claimToken: message.claimToken })).toEqual([
          "recorded"
        ])
        // The clock goes back behind the lease.
        expect(yield* later(1_000)).toEqual([])
      })
    ))

  it("DE-4: FAULTS 40: a message whose workers die ten times ends, and the claim goes on to those behind it", () =>
    run(
      Effect.gen(function* () {
        const { messageId, ref } = yield* inHand
        const moment = (claims: number) => noon + claims * 400_000
        for (let claims = 1; claims < Limits.maxFailures; claims++) {
          const [again] = yield* Delivery.claim({ workspaceId }).pipe(at(moment(claims)))
          expect(again).toMatchObject({ messageId, attempt: claims + 1 })
        }
        const last = moment(Limits.maxFailures)
        yield* Leads.bulkUpsert({ ...ref, leads: [{ email: "bo@acmecorp.com" }] }).pipe(at(last))
        const explained = yield* Leads.explain({ ...ref, email }).pipe(at(last))
        expect(explained).toMatchObject({
          verdict: { reason: "exhausted", since: last - 100_000, step: 0, attempt: 10 },
          summary: "Step 1 has failed for the last time: the next claim ends the enrolment",
          messages: [{ attempt: 10, failures: 9 }]
        })
        const claimed = yield* Delivery.claim({ workspaceId, limit: 1 }).pipe(at(last))
        expect(claimed.map(({ to }) => to)).toEqual(["bo@acmecorp.com"])
        expect(yield* stateOf(ref)).toMatchObject({ state: "ended", reason: "failed", due: undefined })
        const { messages } = yield* Leads.explain({ ...ref, email })
        expect(messages).toMatchObject([{ state: "failed", attempt: 10, failures: 10 }])
        const { items } = yield* Events.read({ workspaceId })
        const { leadId } = (yield* Leads.enrollment({ ...ref, email })) ?? {}
        expect(items.at(-1)).toMatchObject({
          kind: "enrollment.ended",
          reason: "failed",
          enrollments: 1,
          leadIds: [leadId]
        })
      })
    ))

  it("DE-4: a claim of one goes on behind any number of messages that have failed too often", () =>
    run(
      Effect.gen(function* () {
        const { ref } = yield* inHand
        const leads = Array.from({ length: 20 }, (_, i) => ({ email: `a${i}@x.com` }))
        yield* Leads.bulkUpsert({ ...ref, leads })
        const healthy = noon + 20 * 400_000
        for (let claims = 1; claims <= Limits.maxFailures; claims++)
          yield* Delivery.claim({ workspaceId }).pipe(at(noon + claims * 400_000))
        yield* Leads.bulkUpsert({ ...ref, leads: [{ email: "bo@acmecorp.com" }] }).pipe(at(healthy))
        const claimed = yield* Delivery.claim({ workspaceId, limit: 1 }).pipe(at(healthy))
        expect(claimed.map(({ to }) => to)).toEqual(["bo@acmecorp.com"])
        expect(yield* Campaigns.stats(ref)).toMatchObject({ totalEnrolled: 22, queued: 1 })
      })
    ))

  it("TK-6: an update shows in the steps still to come", () =>
    run(
      Effect.gen(function* () {
        const { message, ref } = yield* inHand
        yield* report(message.messageId, { type: "sent" })
        yield* Leads.bulkUpsert({ ...ref, leads: [{ email, firstName: null }] })
        const [next] = yield* Delivery.claim({ workspaceId }).pipe(at(noon + 2 * day))
        expect(next).toMatchObject({ step: 1, subject: "Again, friend" })
      })
    ))

  it("DE-3: without a workspace it goes round those that have something due, in equal shares", () =>
    run(
      Effect.gen(function* () {
        for (const [workspaceId, leads] of Object.entries({ large: 50, small: 3, paused: 5, none: 0 })) {
          const steps = [{ subject: "s", bodyHtml: "b" }]
          const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c", steps })
          if (leads === 0) continue
          const rows = Array.from({ length: leads }, (_, i) => ({ email: `a${i}@x.com` }))
          yield* Leads.bulkUpsert({ workspaceId, campaignId, leads: rows })
          yield* Campaigns.start({ workspaceId, campaignId })
          if (workspaceId === "paused") yield* Campaigns.pause({ workspaceId, campaignId })
        }
        const counts = Effect.fnUntraced(function* (limit: number) {
          const claimed = yield* Delivery.claim({ limit })
          return ["large", "small"].map(
            (name) => claimed.filter((message) => message.workspaceId === name).length
          )
        })
        expect(yield* counts(4)).toEqual([2, 2])
        expect(yield* counts(10)).toEqual([9, 1])
        expect(yield* counts(1_000)).toEqual([39, 0])
        expect(yield* counts(1)).toEqual([0, 0])
      })
    ))

  it.each([
    [{ limit: 0 }, "limit"],
    [{ limit: -1 }, "limit"],
    [{ limit: 1.5 }, "limit"],
    [{ limit: Limits.maxClaim + 1 }, "limit"],
    [{ limit: Number.POSITIVE_INFINITY }, "limit"],
    [{ leaseSeconds: 0 }, "leaseSeconds"],
    [{ leaseSeconds: -1 }, "leaseSeconds"],
    [{ leaseSeconds: Limits.maxLeaseSeconds + 1 }, "leaseSeconds"],
    [{ leaseSeconds: Number.NaN }, "leaseSeconds"],
    [{ workspaceId: "a b" }, "workspaceId"]
  ])("DE-1: of %o is refused by name", (wrong, path) =>
    run(
      Effect.gen(function* () {
        const error = yield* Effect.flip(Delivery.claim(wrong))
        expect(error).toHaveProperty("_tag", "InvalidRequest")
        expect(error).toHaveProperty("issues.0.path", path)
      })
    )
  )
})

describe("a report", () => {
  it("SQ-1, SQ-5: a send moves the lead on, its delay later; the last completes it", () =>
    run(
      Effect.gen(function* () {
        const { messageId, ref } = yield* inHand
        expect(yield* report(messageId, { type: "sent", at: noon - 1 })).toEqual(["recorded"])
        // No send is older than the enrolment.
        expect(yield* stateOf(ref)).toEqual({
          position: 1,
          state: "active",
          reason: null,
          due: noon + 1.5 * day
        })
        const [second] = yield* Delivery.claim({ workspaceId }).pipe(at(noon + 1.5 * day))
        yield* report(second?.messageId ?? "", { type: "sent" }).pipe(at(noon + 2 * day))
        expect(yield* stateOf(ref)).toMatchObject({ position: 2, due: noon + 2 * day })
        const [last] = yield* Delivery.claim({ workspaceId }).pipe(at(noon + 3 * day))
        yield* report(last?.messageId ?? "", { type: "sent" })
        expect(yield* stateOf(ref)).toEqual({
          position: 3,
          state: "completed",
          reason: null,
          due: undefined
        })
      })
    ))

  it.each([
    ["in the future", noon + day, noon + 1_000, noon + 1_000],
    ["before the enrolment", noon - day, noon + 1_000, noon],
    ["in between", noon + 500, noon + 1_000, noon + 500],
    ["told by nobody", undefined, noon + 1_000, noon + 1_000],
    ["of a clock that went back behind the enrolment", undefined, noon - 1_000, noon - 1_000]
  ])("DE-3: a send %s is taken as of a moment that can be", (_, told, now, taken) =>
    run(
      Effect.gen(function* () {
        const { messageId, ref } = yield* inHand
        yield* report(messageId, { type: "sent", at: told }).pipe(at(now))
        expect((yield* stateOf(ref)).due).toBe(taken + 1.5 * day)
        const { messages } = yield* Leads.explain({ ...ref, email })
        expect(messages[0]).toMatchObject({ state: "sent", sentAt: taken })
      })
    )
  )

  it("DE-3: an arrival is news after the send, and no opening", () =>
    run(
      Effect.gen(function* () {
        const { claimToken, messageId, ref } = yield* inHand
        const told = [
          { type: "sent" },
          { type: "delivered" },
          { type: "delivered" },
          { type: "failed", claimToken }
        ]
        expect(yield* report(messageId, ...told)).toEqual(["recorded", "recorded", "repeated", "NotPending"])
        expect(yield* Campaigns.stats(ref)).toMatchObject({
          sent: 1,
          delivered: 1,
          openRate: 0,
          replyRate: 0
        })
      })
    ))

  it("SQ-1, SQ-6: reports of one call see what those before them did", () =>
    run(
      Effect.gen(function* () {
        const { messageId, ref } = yield* inHand
        const next = messageId.replace(/_0$/, "_1")
        const last = messageId.replace(/_0$/, "_2")
        const reports = [
          { messageId: next, type: "sent" },
          { messageId, type: "sent" },
          { messageId: next, type: "failed", claimToken: "claim_none" },
          { messageId: next, type: "sent" },
          { messageId: next, type: "bounced" },
          { messageId: last, type: "failed", claimToken: "claim_none" },
          { messageId: last, type: "sent" },
          { messageId: last, type: "unsubscribed" }
        ] as ReadonlyArray<object> as ReadonlyArray<Delivery.Report>
        const { outcomes } = yield* Delivery.record({ reports })
        expect(outcomes.map((outcome) => ("reason" in outcome ? outcome.reason : outcome.outcome))).toEqual([
          "failed",
          "recorded",
          "StaleToken",
          "recorded",
          "recorded",
          "NotPending",
          "recorded",
          "recorded"
        ])
        expect(yield* stateOf(ref)).toEqual({
          position: 3,
          state: "ended",
          reason: "bounced",
          due: undefined
        })
        const [checked] = yield* Suppression.check({ workspaceId, emails: [email] })
        expect(checked?.suppression).toMatchObject({ reason: "bounced", suppressedAt: noon })
        expect(yield* Campaigns.stats(ref)).toMatchObject({ sent: 3, bounced: 1, queued: 0 })
      })
    ))

  it("DE-3: facts prove what came before them, in whatever order they are told, and count once", () =>
    run(
      Effect.gen(function* () {
        const { messageId, ref } = yield* inHand
        const told = yield* report(
          messageId,
          { type: "replied", class: "out_of_office" },
          { type: "opened" },
          { type: "sent" },
          { type: "delivered" },
          { type: "opened" },
          { type: "bounced", kind: "soft" },
          { type: "replied", class: "interested" },
          { type: "replied" }
        )
        expect(told).toEqual([
          "recorded",
          "recorded",
          "repeated",
          "repeated",
          "repeated",
          "recorded",
          "recorded",
          "repeated"
        ])
        expect(yield* Campaigns.stats(ref)).toEqual({
          campaignId: ref.campaignId,
          totalEnrolled: 1,
          sent: 1,
          delivered: 1,
          bounced: 1,
          hardBounced: 0,
          replied: 1,
          queued: 0,
          openRate: 1,
          replyRate: 1
        })
        expect(yield* stateOf(ref)).toMatchObject({ position: 1, state: "ended", reason: "replied" })
      })
    ))

  it("DE-5: a message bounces once, whether softly, hard or both, and each type is told once", () =>
    run(
      Effect.gen(function* () {
        const { messageId, ref } = yield* inHand
        const told = yield* report(
          messageId,
          { type: "bounced", kind: "soft", at: noon },
          { type: "bounced", kind: "soft" },
          { type: "bounced", kind: "hard" },
          { type: "bounced", kind: "hard" },
          { type: "bounced", kind: "soft" }
        ).pipe(at(noon + 1_000))
        expect(told).toEqual(["recorded", "repeated", "recorded", "repeated", "repeated"])
        expect(yield* Campaigns.stats(ref)).toMatchObject({ sent: 1, bounced: 1, hardBounced: 1 })
        const { messages } = yield* Leads.explain({ ...ref, email })
        expect(messages[0]).toMatchObject({ bouncedAt: noon, hardBouncedAt: noon + 1_000 })
        const { items } = yield* Events.read({ workspaceId })
        expect(
          items.flatMap((event) => (event.kind === "message.bounced" ? [event.bounceType] : []))
        ).toEqual(["soft", "hard"])
      })
    ))

  it("DE-5: a lead that answers several messages, also after its end and its erasure, has replied once", () =>
    run(
      Effect.gen(function* () {
        const { messageId, ref } = yield* inHand
        yield* report(messageId, { type: "sent" })
        const second = messageId.replace(/_0$/, "_1")
        yield* report(second, { type: "sent" })
        expect(yield* report(messageId, { type: "replied", at: noon }).pipe(at(noon + 1_000))).toEqual([
          "recorded"
        ])
        expect(yield* Leads.enrollment({ ...ref, email })).toMatchObject({ state: "ended", repliedAt: noon })
        yield* Leads.erase({ workspaceId, emails: [email] })
        expect(yield* report(second, { type: "replied" }, { type: "replied" })).toEqual([
          "recorded",
          "repeated"
        ])
        expect(yield* Campaigns.stats(ref)).toMatchObject({
          totalEnrolled: 1,
          delivered: 2,
          replied: 1,
          replyRate: 0.5
        })
      })
    ))

  it.each([
    ["after", ["unsubscribed", "sent"]],
    ["before", ["sent", "unsubscribed"]]
  ])(
    "EV-1: a send that is reported %s the opt-out in one call leaves the enrolment counted, not listed",
    (_, types) =>
      run(
        Effect.gen(function* () {
          const { messageId } = yield* inHand
          yield* report(messageId, ...types.map((type) => ({ type })))
          const { items } = yield* Events.read({ workspaceId })
          expect(items.filter(({ kind }) => kind === "enrollment.ended")).toMatchObject([
            { reason: "unsubscribed", enrollments: 1, leadIds: [] }
          ])
        })
      )
  )

  it.each([
    [{ type: "bounced" }, "bounced", "bounced"],
    [{ type: "bounced", kind: "hard" }, "bounced", "bounced"],
    [{ type: "replied", class: "bounce" }, "bounced", "bounced"],
    [{ type: "unsubscribed" }, "unsubscribed", "unsubscribed"],
    [{ type: "replied", class: "unsubscribe" }, "unsubscribed", "unsubscribed"],
    [{ type: "replied", class: "not_interested" }, "replied", undefined],
    [{ type: "replied", class: "out_of_office" }, null, undefined],
    [{ type: "bounced", kind: "soft" }, null, undefined],
    [{ type: "opened" }, null, undefined]
  ])("SQ-6: %o ends the enrolment as %s, and suppresses as %s", (fact, reason, suppressed) =>
    run(
      Effect.gen(function* () {
        const { messageId, ref } = yield* inHand
        const other = yield* Campaigns.create({
          workspaceId,
          name: "Other",
          steps: [{ subject: "s", bodyHtml: "b" }]
        })
        yield* Leads.bulkUpsert({ workspaceId, campaignId: other.id, leads: [{ email }] })
        yield* report(messageId, fact)
        expect(yield* stateOf(ref)).toMatchObject({ reason })
        const [checked] = yield* Suppression.check({ workspaceId, emails: [email] })
        expect(checked?.suppression?.reason).toBe(suppressed)
        expect((yield* stateOf({ workspaceId, campaignId: other.id })).reason ?? undefined).toBe(suppressed)
        expect(yield* report(messageId, fact)).toEqual(["repeated"])
      })
    )
  )

  it("SQ-6: a send that is recorded after the end counts, and revives nothing", () =>
    run(
      Effect.gen(function* () {
        const { messageId, ref } = yield* inHand
        yield* Suppression.add({ workspaceId, emails: [email] })
        expect(yield* report(messageId, { type: "failed", claimToken: "claim_x" })).toEqual(["NotPending"])
        expect(yield* report(messageId, { type: "sent" })).toEqual(["recorded"])
        expect(yield* stateOf(ref)).toEqual({
          position: 1,
          state: "ended",
          reason: "suppressed",
          due: undefined
        })
        expect(yield* Campaigns.stats(ref)).toMatchObject({ sent: 1, queued: 0 })
      })
    ))

  it("SU-4: what an operator has taken off the list, an old bounce that is told again does not put back", () =>
    run(
      Effect.gen(function* () {
        const { messageId } = yield* inHand
        yield* report(messageId, { type: "bounced" }, { type: "unsubscribed" })
        yield* Suppression.remove({ workspaceId, entries: [email], actor: "op" })
        expect(yield* report(messageId, { type: "bounced" }, { type: "unsubscribed" })).toEqual([
          "repeated",
          "repeated"
        ])
        expect((yield* Suppression.list({ workspaceId })).items).toEqual([])
      })
    ))

  it("DE-1, DE-4: a message is tried again after each failure, later each time, until it has failed ten times", () =>
    run(
      Effect.gen(function* () {
        const { messageId, ref } = yield* inHand
        let now = noon + 300_000
        let due = 0
        for (let attempt = 2; attempt <= Limits.maxFailures; attempt++) {
          const [message] = yield* Delivery.claim({ workspaceId }).pipe(at(now))
          expect(message?.attempt).toBe(attempt)
          const failed = {
            type: "failed",
            claimToken: message?.claimToken,
            ...(attempt === 2 ? { retryAfterSeconds: 90 } : {})
          }
          expect(yield* report(messageId, failed, failed).pipe(at(now))).toEqual([
            "recorded",
            attempt === Limits.maxFailures ? "NotPending" : "StaleToken"
          ])
          due = (yield* stateOf(ref)).due ?? 0
          if (attempt === 2) expect(due).toBe(now + 90_000)
          else if (attempt < Limits.maxFailures) expect(due - now).toBe(backoff(messageId, attempt))
          now = due
        }
        expect(yield* stateOf(ref)).toEqual({ position: 0, state: "ended", reason: "failed", due: undefined })
        const { messages } = yield* Leads.explain({ ...ref, email })
        expect(messages).toMatchObject([
          { state: "failed", attempt: Limits.maxFailures, failures: Limits.maxFailures }
        ])
        expect(yield* Delivery.claim({ workspaceId }).pipe(at(noon + 365 * day))).toEqual([])
      })
    ))

  it("DE-4: a throttled message waits as long as it is told to, for ever if need be, and counts no failure", () =>
    run(
      Effect.gen(function* () {
        const { claimToken, messageId, ref } = yield* inHand
        const throttled = { type: "failed", kind: "throttled" }
        expect(yield* report(messageId, { ...throttled, claimToken, retryAfterSeconds: 90 })).toEqual([
          "recorded"
        ])
        expect((yield* stateOf(ref)).due).toBe(noon + 90_000)
        let now = noon + 90_000
        for (let attempt = 2; attempt <= 3 * Limits.maxFailures; attempt++) {
          const [message] = yield* Delivery.claim({ workspaceId }).pipe(at(now))
          expect(message?.attempt).toBe(attempt)
          const outcomes = yield* report(messageId, { ...throttled, claimToken: message?.claimToken }).pipe(
            at(now)
          )
          expect(outcomes).toEqual(["recorded"])
          const { due = 0 } = yield* stateOf(ref)
          expect(due - now).toBe(backoff(messageId, 1))
          now = due
        }
        const { messages } = yield* Leads.explain({ ...ref, email })
        expect(messages).toMatchObject([{ state: "pending", failures: 0 }])
      })
    ))

  it("DE-4: a released message is back in its old place, and another worker has it at once", () =>
    run(
      Effect.gen(function* () {
        const { claimToken, messageId, ref } = yield* inHand
        const messages = [
          { messageId, claimToken },
          { messageId, claimToken },
          { messageId, claimToken: 7 },
          null,
          { messageId: "msg_1", claimToken }
        ] as ReadonlyArray<unknown> as ReadonlyArray<Delivery.ClaimRef>
        const answer = yield* Delivery.release({ messages }).pipe(at(noon + 1_000))
        expect(answer).toMatchObject({ recorded: 1, repeated: 0, ignored: 1, failed: 3 })
        expect(answer.outcomes).toMatchObject([
          { index: 0, messageId, outcome: "recorded" },
          { index: 1, messageId, outcome: "ignored", reason: "StaleToken" },
          {
            outcome: "failed",
            retryable: false,
            issues: [
              {
                path: "claimToken",
                reason: "MissingToken",
                message: "claimToken must be that of the claim that handed out the message"
              }
            ]
          },
          {
            messageId: null,
            issues: [
              {
                path: "",
                reason: "NotAClaimRef",
                message: "a message in hand is an object with a messageId and a claimToken"
              }
            ]
          },
          { messageId: "msg_1", issues: [{ reason: "NotAMessageId" }] }
        ])
        expect((yield* stateOf(ref)).due).toBe(noon)
        const [again] = yield* Delivery.claim({ workspaceId }).pipe(at(noon + 1_000))
        expect(again).toMatchObject({ messageId, attempt: 2 })
        expect((yield* Leads.explain({ ...ref, email })).messages).toMatchObject([{ failures: 0 }])
        const stranger = yield* Delivery.release({
          workspaceId: "ws_2",
          messages: [{ messageId, claimToken }]
        })
        expect(stranger.outcomes).toMatchObject([{ issues: [{ reason: "UnknownMessage" }] }])
      })
    ))

  it("DE-4: a lease is lengthened while it holds, and never shortened", () =>
    run(
      Effect.gen(function* () {
        const { claimToken, messageId } = yield* inHand
        const extend = (millis: number, leaseSeconds?: number) =>
          Effect.map(
            Delivery.extend({ messages: [{ messageId, claimToken }], leaseSeconds }).pipe(at(noon + millis)),
            ({ outcomes }) =>
              outcomes.map((outcome) => ("reason" in outcome ? outcome.reason : outcome.outcome))
          )
        const claims = (millis: number) =>
          Effect.map(Delivery.claim({ workspaceId }).pipe(at(noon + millis)), ({ length }) => length)
        expect(yield* extend(0, 1)).toEqual(["repeated"])
        expect(yield* extend(200_000)).toEqual(["recorded"])
        expect(yield* claims(499_999)).toBe(0)
        expect(yield* extend(500_000)).toEqual(["LeaseExpired"])
        expect(yield* claims(500_000)).toBe(1)
        expect(yield* extend(500_001)).toEqual(["StaleToken"])
        yield* report(messageId, { type: "sent" })
        expect(yield* extend(500_001)).toEqual(["NotPending"])
      })
    ))

  it.each([
    ["release", { messages: "none" }, "messages", "messages must be an array of messages"],
    ["extend", { messages: [], leaseSeconds: 0 }, "leaseSeconds", undefined],
    ["extend", { messages: [], leaseSeconds: Limits.maxLeaseSeconds + 1 }, "leaseSeconds", undefined],
    ["extend", { messages: [], workspaceId: "a b" }, "workspaceId", undefined]
  ] as const)("DE-4: %s of %o is refused by name", (name, wrong, path, message) =>
    run(
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          Delivery[name](wrong as object as Parameters<typeof Delivery.extend>[0])
        )
        expect(error).toMatchObject({
          _tag: "InvalidRequest",
          issues: [message === undefined ? { path } : { path, message }]
        })
        const messages = Array(Limits.maxReports + 1).fill({ messageId: "m", claimToken: "c" })
        expect(yield* Effect.flip(Delivery[name]({ messages }))).toMatchObject({
          _tag: "BatchTooLarge",
          instead: "split the messages into several calls"
        })
      })
    )
  )

  it("DE-3: strangers, other workspaces and nonsense fail one by one, and cost no other its record", () =>
    run(
      Effect.gen(function* () {
        const { messageId } = yield* inHand
        const stranger = messageId.replace(/_0$/, "_7")
        const reports = [
          { messageId: "msg_1", type: "sent" },
          { messageId: stranger, type: "sent" },
          { messageId: messageId.replace("ws_1", "ws_2"), type: "sent" },
          null,
          { messageId, type: "sent" },
          { messageId, type: "read" }
        ]
        const answer = yield* Delivery.record({ reports: reports as ReadonlyArray<Delivery.Report> })
        expect(answer).toMatchObject({ recorded: 1, repeated: 0, ignored: 0, failed: 5 })
        expect(
          answer.outcomes.map((outcome) =>
            "issues" in outcome ? outcome.issues[0]?.reason : outcome.outcome
          )
        ).toEqual([
          "NotAMessageId",
          "UnknownMessage",
          "UnknownMessage",
          "NotAReport",
          "recorded",
          "WrongType"
        ])
        const [other] = (yield* Delivery.record({
          workspaceId: "ws_2",
          reports: [{ messageId, type: "opened" }]
        })).outcomes
        expect(other).toEqual({
          index: 0,
          messageId,
          outcome: "failed",
          retryable: false,
          issues: [
            {
              path: "messageId",
              reason: "UnknownMessage",
              message: "there is no such message in this workspace"
            }
          ]
        })
      })
    ))

  it("DE-3: too many, or no list of them, refuse the call", () =>
    run(
      Effect.gen(function* () {
        const reports = Array<Delivery.Report>(Limits.maxReports + 1).fill({ messageId: "m", type: "sent" })
        expect(yield* Effect.flip(Delivery.record({ reports }))).toMatchObject({
          _tag: "BatchTooLarge",
          size: 10_001,
          limit: 10_000
        })
        const none = "none" as unknown as ReadonlyArray<Delivery.Report>
        expect(yield* Effect.flip(Delivery.record({ reports: none }))).toMatchObject({
          _tag: "InvalidRequest",
          issues: [{ path: "reports", message: "reports must be an array of reports" }]
        })
      })
    ))
})

describe("an explanation", () => {
  it("SQ-2, SQ-7, DE-1: tells where a lead stands, from before its enrolment to its last step", () =>
    run(
      Effect.gen(function* () {
        const steps = Array(2).fill({ subject: "s", bodyHtml: "b", delayDays: 1 })
        const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c", steps })
        const ref = { workspaceId, campaignId }
        const told: Array<unknown> = []
        const tell = (millis = 0, of = email) =>
          Effect.map(Leads.explain({ ...ref, email: of }).pipe(at(noon + millis)), ({ summary, verdict }) => {
            told.push(summary)
            return verdict
          })
        expect(yield* tell()).toEqual({ reason: "notEnrolled" })
        yield* Suppression.add({ workspaceId, entries: ["@gone.com"], reason: "competitor" })
        expect(yield* tell(0, "x@gone.com")).toEqual({
          reason: "suppressed",
          why: "competitor",
          since: noon
        })
        yield* Leads.bulkUpsert({ ...ref, leads: [{ email }] })
        expect(yield* tell()).toEqual({ reason: "notStarted" })
        yield* Campaigns.start(ref)
        expect(yield* tell(5)).toEqual({ reason: "due", since: noon, step: 0, attempt: 0 })
        yield* Campaigns.pause(ref).pipe(at(noon + 1_000))
        expect(yield* tell()).toEqual({ reason: "paused", since: noon + 1_000, step: 0, dueAt: noon })
        yield* Campaigns.start(ref)
        const [message] = yield* Delivery.claim({ workspaceId })
        const claimed = {
          reason: "claimed",
          claimToken: message?.claimToken,
          until: noon + 300_000,
          step: 0,
          attempt: 1
        }
        expect(yield* tell()).toEqual(claimed)
        yield* report(message?.messageId ?? "", { type: "delivered" })
        expect(yield* tell()).toEqual({ reason: "waiting", until: noon + day, step: 1, attempt: 0 })
        const [second] = yield* Delivery.claim({ workspaceId }).pipe(at(noon + day))
        yield* report(second?.messageId ?? "", { type: "sent" }).pipe(at(noon + 2 * day))
        expect(yield* tell()).toEqual({ reason: "completed", since: noon + 2 * day })
        const gone = yield* Leads.explain({ ...ref, email: "x@gone.com" })
        expect(gone.suppression).toEqual({ by: "domain", reason: "competitor", since: noon })
        yield* Suppression.add({ workspaceId, emails: [email] })
        const { messages, suppression } = yield* Leads.explain({ ...ref, email })
        expect(suppression).toEqual({ by: "address", reason: "manual", since: noon })
        expect(messages).toMatchObject([
          { messageId: message?.messageId, step: 0, state: "sent", attempt: 1, deliveredAt: noon },
          { messageId: second?.messageId, step: 1, state: "sent", deliveredAt: null }
        ])
        expect(told).toEqual([
          "Not enrolled in this campaign",
          'Not enrolled: the address or its domain is on the suppression list since 2025-06-10T12:00:00Z, reason "competitor"',
          "Waits for the start of the campaign",
          "Step 1 is due since 2025-06-10T12:00:00Z and waits for a worker to send it",
          "Step 1 is on hold: the campaign is paused since 2025-06-10T12:00:01Z",
          "Step 1 is being sent: a worker has it until 2025-06-10T12:05:00Z, attempt 1",
          "Step 2 waits until 2025-06-11T12:00:00Z",
          "Every step was sent by 2025-06-12T12:00:00Z"
        ])
      })
    ))

  it("SQ-6: tells what ended an enrolment, and keeps the address to itself", () =>
    run(
      Effect.gen(function* () {
        const { messageId, ref } = yield* inHand
        yield* report(messageId, { type: "bounced" }).pipe(at(noon + day))
        const explanation = yield* Leads.explain({ ...ref, email: "AVA@AcmeCorp.com" })
        expect(explanation).toMatchObject({
          verdict: { reason: "ended", why: "bounced", since: noon + day },
          summary: "Ended at 2025-06-11T12:00:00Z: the mail came back, since the address does not work",
          status: "running",
          suppression: { by: "address", reason: "bounced" }
        })
        expect(JSON.stringify(explanation)).not.toMatch(/ava|acme/i)
        const none = { workspaceId, campaignId: "camp_none", email }
        expect(yield* Effect.flip(Leads.explain(none))).toMatchObject({ _tag: "CampaignNotFound" })
      })
    ))
})

describe("parsing a report", () => {
  const messageId = `msg_ws_1_${"0".repeat(26)}_${"1".repeat(26)}_0`
  it.each<readonly [unknown, string, string, string]>([
    [7, "", "NotAReport", "a report must be an object with a messageId and a type"],
    [
      { messageId: "m", type: "sent" },
      "messageId",
      "NotAMessageId",
      "messageId must be the id of a message that a claim handed out"
    ],
    [
      { messageId, type: "seen" },
      "type",
      "WrongType",
      "type must be one of sent, delivered, opened, bounced, replied, unsubscribed, failed"
    ],
    [
      { messageId, type: "bounced", kind: "both" },
      "kind",
      "WrongKind",
      'kind must be "hard" (the default) or "soft"'
    ],
    [
      { messageId, type: "replied", class: "angry" },
      "class",
      "WrongClass",
      "class must be one of interested, not_interested, out_of_office, bounce, unsubscribe, or left out"
    ],
    [
      { messageId: 7, type: "sent" },
      "messageId",
      "NotAMessageId",
      "messageId must be the id of a message that a claim handed out"
    ],
    [
      { messageId, type: "seen", kind: 7 },
      "type",
      "WrongType",
      "type must be one of sent, delivered, opened, bounced, replied, unsubscribed, failed"
    ],
    [
      { messageId, type: "failed", claimToken: 7 },
      "claimToken",
      "MissingToken",
      "a failure is reported with the claimToken of the claim that it ends"
    ],
    [
      { messageId, type: "failed", claimToken: "claim_x", kind: "busy" },
      "kind",
      "WrongKind",
      'kind must be "error" (the default) or "throttled"'
    ],
    [
      { messageId, type: "failed" },
      "claimToken",
      "MissingToken",
      "a failure is reported with the claimToken of the claim that it ends"
    ],
    ...[-1, Number.NaN, "1", 2_592_001].map(
      (retryAfterSeconds) =>
        [
          { messageId, type: "failed", claimToken: "claim_x", retryAfterSeconds },
          "retryAfterSeconds",
          "WrongRetry",
          "retryAfterSeconds must be a number from 0 to 2592000, or left out"
        ] as const
    ),
    ...[
      "yesterday",
      "2025-06-10",
      "2025-06-31T25:00:00Z",
      "2025-06-10T12:00:00",
      "2025-06-10T12:00:00Z (noon)",
      "(noon) 2025-06-10T12:00:00Z",
      "+002025-06-10T12:00:00Z",
      Number.NaN,
      9e15,
      true,
      {}
    ].map(
      (at) =>
        [
          { messageId, type: "sent", at },
          "at",
          "WrongTime",
          "at must be milliseconds since 1970 or an ISO time such as 2025-06-10T15:00:00Z"
        ] as const
    )
  ])("DE-3: %o fails at %j for %s: %s", (input, path, reason, message) => {
    expect(Result.getOrThrow(Result.flip(parseReport(input))).issues).toEqual([{ path, reason, message }])
  })

  it("DE-3: a time is milliseconds or an ISO time with its zone", () => {
    for (const time of [noon, "2025-06-10T12:00:00Z", "2025-06-10T14:00+02:00", "2025-06-10T12:00:00.000Z"])
      expect(Result.getOrThrow(parseReport({ messageId, type: "sent", at: time })).at).toBe(noon)
    expect(Result.getOrThrow(parseReport({ messageId, type: "sent", at: null })).at).toBeNull()
    for (const time of [8.64e15, -8.64e15])
      expect(Result.getOrThrow(parseReport({ messageId, type: "sent", at: time })).at).toBe(time)
  })

  it("DE-3: a day that no month has is no time, and an array is no report", () => {
    const accepts = (day: string) =>
      Result.isSuccess(parseReport({ messageId, type: "sent", at: `${day}T00:00:00+05:00` }))
    const days = [
      "2024-02-29",
      "2000-02-29",
      "2025-02-28",
      "2025-04-30",
      "2025-06-30",
      "2025-09-30",
      "2025-11-30"
    ]
    const none = [
      "2025-02-29",
      "1900-02-29",
      "2024-02-30",
      "2025-04-31",
      "2025-06-31",
      "2025-09-31",
      "2025-11-31"
    ]
    expect(days.filter((day) => !accepts(day))).toEqual([])
    expect(none.filter(accepts)).toEqual([])
    for (const month of ["01", "03", "05", "07", "08", "10", "12"])
      expect([accepts(`2025-${month}-31`), accepts(`2025-${month}-32`)]).toEqual([true, false])
    const parsed = parseReport([])
    expect(Result.isFailure(parsed) && parsed.failure.issues.map(({ reason }) => reason)).toEqual([
      "NotAReport"
    ])
  })

  it("DE-1: a failure may ask for any wait from none to the longest", () => {
    for (const retryAfterSeconds of [0, Limits.maxRetrySeconds]) {
      const parsed = parseReport({ messageId, type: "failed", claimToken: "claim_x", retryAfterSeconds })
      expect(Result.getOrThrow(parsed).fact).toEqual({
        type: "failed",
        claimToken: "claim_x",
        kind: "error",
        retryAfterSeconds
      })
    }
  })

  it("DE-3: what throws when it is read fails", () => {
    const throwing = {
      get messageId(): string {
        throw new Error("no")
      }
    }
    expect(Result.getOrThrow(Result.flip(parseReport(throwing)))).toEqual({
      messageId: null,
      issues: [{ path: "", reason: "Unreadable", message: "the report threw when it was read" }]
    })
  })

  it("DE-3: every problem is listed", () => {
    const problem = Result.getOrThrow(
      Result.flip(parseReport({ messageId: "m", type: "bounced", kind: 1, at: "x" }))
    )
    expect(problem.messageId).toBe("m")
    expect(Result.getOrThrow(Result.flip(parseReport({ messageId: 7 }))).messageId).toBeNull()
    expect(problem.issues.map(({ path }) => path)).toEqual(["messageId", "at", "kind"])
  })

  it("DE-3: anything at all is a report or a list of reasons", () => {
    const input = fc.oneof(
      fc.anything({ withBigInt: true, withNullPrototype: true }),
      fc.record({
        messageId: fc.constant(messageId),
        type: fc.anything(),
        at: fc.anything(),
        kind: fc.anything()
      })
    )
    fc.assert(
      fc.property(input, (input) => {
        const parsed = parseReport(input)
        if (Result.isFailure(parsed)) expect(parsed.failure.issues.length).toBeGreaterThan(0)
      })
    )
  })
})

describe("the ids of messages", () => {
  it("SQ-3: an id can be read back, whatever the workspace is called", () => {
    const ulid = fc.string({ unit: fc.constantFrom(...Ids.crockford), minLength: 26, maxLength: 26 })
    const workspace = fc.string({
      unit: fc.constantFrom(..."abcXYZ019._:-"),
      minLength: 1,
      maxLength: 64
    })
    fc.assert(
      fc.property(workspace, ulid, ulid, fc.nat({ max: 99 }), (name, campaign, lead, step) => {
        const workspaceId = Ids.WorkspaceId.make(name)
        const campaignId = Ids.campaignId(campaign)
        const leadId = Ids.storedLeadId(`lead_${lead}`)
        const id = Ids.messageId(workspaceId, campaignId, leadId, step)
        expect(Ids.parseMessageId(id)).toEqual({ workspaceId, campaignId, leadId, step })
        expect(Ids.parseMessageId(` ${id}`)).toBeUndefined()
        expect(Ids.parseMessageId(`${id}x`)).toBeUndefined()
      })
    )
  })

  it("DE-1: the wait before another attempt doubles up to six hours, and differs between messages", () => {
    const id = (n: number) => `msg_w_${"0".repeat(26)}_${String(n).padStart(26, "0")}_0` as Ids.MessageId
    for (let attempt = 1; attempt <= 10; attempt++) {
      const base = Math.min(60_000 * 2 ** (attempt - 1), 21_600_000)
      const waits = Array.from({ length: 100 }, (_, n) => backoff(id(n), attempt))
      for (const wait of waits) {
        expect(wait).toBeGreaterThanOrEqual(base)
        expect(wait).toBeLessThanOrEqual(1.5 * base)
      }
      expect(new Set(waits).size).toBeGreaterThan(90)
    }
    // FNV-1a, as computed elsewhere: the same in every version, since a store may be shared by two of them.
    expect([backoff(id(0), 1), backoff(id(1), 1), backoff(id(0), 2)]).toEqual([88_989, 70_200, 177_275])
  })
})
