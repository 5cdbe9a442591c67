/**
 * The law of attempts and failures (DE-4): workers die, release and retry, and no message waits for
 * ever.
 */
import { Campaigns, Delivery, Ids, Limits, Repository } from "@leadterra/core"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import * as given from "../arbitraries.ts"
import { day } from "../histories.ts"
import { at, type Law, law, noon } from "../Law.ts"
import { type Ref, same, upsert, workspaceId } from "../scene.ts"

const workspace = Ids.WorkspaceId.make(workspaceId)

/**
 * The action of a worker on a claimed message. A late one reports its failure just before the next
 * claim.
 */
const fate = fc.constantFrom(
  "dies",
  "dies",
  "dies",
  "failed",
  "failed",
  "late",
  "throttled",
  "released",
  "extended",
  "sent"
)

/**
 * A claim, and the fates of its messages in turn. The waits are longer than any lease and most
 * backoffs.
 */
const shift = fc.record({
  wait: fc.constantFrom(0, 90_000, day, day, day),
  limit: fc.constantFrom(1, 3, 100),
  fates: fc.array(fate, { minLength: 1, maxLength: 4 })
})

const shifts = fc.array(shift, { maxLength: 40, size: "max" })

/** The counts of each message, and the hand-outs that have not been answered. */
class Ledger {
  readonly failures = new Map<string, number>()
  readonly unanswered = new Map<string, Delivery.ClaimedMessage>()

  failed(messageId: string): void {
    this.failures.set(messageId, (this.failures.get(messageId) ?? 0) + 1)
    this.unanswered.delete(messageId)
  }

  handedOut(message: Delivery.ClaimedMessage): void {
    if (this.unanswered.has(message.messageId)) this.failed(message.messageId)
    this.unanswered.set(message.messageId, message)
  }
}

const act = Effect.fnUntraced(function* (
  { claimToken, messageId }: Delivery.ClaimedMessage,
  does: typeof fate extends fc.Arbitrary<infer F> ? F : never,
  ledger: Ledger
) {
  const inHand = { messages: [{ messageId, claimToken }] }
  const record = (report: object) =>
    Delivery.record({ reports: [{ messageId, claimToken, ...report } as object as Delivery.Report] })
  switch (does) {
    case "dies":
    case "late":
      return
    case "failed":
      yield* same((yield* record({ type: "failed" })).recorded, 1, "a failure is recorded")
      return ledger.failed(messageId)
    case "extended":
      yield* Delivery.extend({ ...inHand, leaseSeconds: 80 })
      return
    case "throttled":
      yield* record({ type: "failed", kind: "throttled", retryAfterSeconds: 60 })
      break
    case "released":
      yield* Delivery.release(inHand)
      break
    case "sent":
      yield* record({ type: "sent" })
      break
  }
  ledger.unanswered.delete(messageId)
})

/** The state of every message that was handed out agrees with its counts. */
const agrees = Effect.fnUntraced(function* (handedOut: ReadonlySet<Ids.MessageId>, ledger: Ledger) {
  const repository = yield* Repository
  const { messages } = yield* repository.read({ workspaceId: workspace, messages: [...handedOut] })
  for (const { enrollment, message } of messages.values()) {
    // A claim that met the last failure has ended the message instead of handing it out.
    if (message.state === "failed" && ledger.unanswered.has(message.id)) ledger.failed(message.id)
    const failures = ledger.failures.get(message.id) ?? 0
    yield* same(message.failures, failures, "failures")
    yield* same(message.state === "failed", failures >= Limits.maxFailures, "failed for good")
    if (message.step === enrollment.position)
      yield* same(enrollment.endReason === "failed", message.state === "failed", "the end of the enrolment")
  }
})

export const failureLaws: ReadonlyArray<Law> = [
  law(
    "failures are bounded",
    "DE-4: whatever becomes of workers, no enrolment waits for ever, and none ends as failed without ten failures of its own",
    fc.tuple(given.steps, given.validRows, shifts),
    ([steps, rows, shifts]) =>
      Effect.gen(function* () {
        const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c", steps })
        const ref: Ref = { workspaceId, campaignId }
        yield* upsert(ref, rows)
        yield* Campaigns.start(ref)
        const ledger = new Ledger()
        const handedOut = new Set<Ids.MessageId>()
        let now = noon
        let late: Array<Delivery.ClaimedMessage> = []
        const claim = Effect.fnUntraced(function* (limit: number) {
          const claimed = yield* Delivery.claim({ workspaceId, limit, leaseSeconds: 60 })
          for (const message of claimed) {
            handedOut.add(message.messageId)
            ledger.handedOut(message)
          }
          yield* agrees(handedOut, ledger)
          return claimed
        })
        const work = Effect.fnUntraced(function* ({ fates, limit }: (typeof shifts)[number]) {
          for (const { claimToken, messageId } of late) {
            const reports = [{ messageId, claimToken, type: "failed" }] as const
            if ((yield* Delivery.record({ reports })).recorded === 1) ledger.failed(messageId)
          }
          const claimed = yield* claim(limit)
          const fateOf = (index: number) => fates[index % fates.length] ?? "dies"
          for (const [index, message] of claimed.entries()) yield* act(message, fateOf(index), ledger)
          late = claimed.filter((_, index) => fateOf(index) === "late")
          yield* agrees(handedOut, ledger)
        })
        for (const shift of shifts) {
          now += shift.wait
          yield* work(shift).pipe(at(now))
        }
        // From here on every worker dies: the remaining messages still end.
        for (let claims = 0; claims <= Limits.maxFailures; claims++) {
          now += 31 * day
          yield* claim(Limits.maxClaim).pipe(at(now))
        }
        yield* same((yield* Campaigns.stats(ref)).queued, 0, "messages that wait for ever")
      })
  )
]
