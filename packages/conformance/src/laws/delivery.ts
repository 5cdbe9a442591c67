/** The laws of claims and reports (DE, SU-3), and of the steps that they move (SQ). */
import { Campaigns, Delivery, type DueScope, firstDue, Ids, Leads, Limits, Repository } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import fc from "fast-check"
import * as given from "../arbitraries.ts"
import { day, lived, scene } from "../histories.ts"
import { at, type Law, law, noon } from "../Law.ts"
import { everyEvent, type Observed, type ObservedMessage, observe } from "../observe.ts"
import { covers, normalise, same, upsert, workspaceId } from "../scene.ts"

const messagesOf = ({
  campaigns
}: Observed): ReadonlyArray<
  ObservedMessage & { readonly campaign: string; readonly key: string; readonly running: boolean }
> =>
  campaigns.flatMap(({ campaign, enrollments }) =>
    Object.entries(enrollments).flatMap(([key, { messages }]) =>
      messages.map((message) => ({
        ...message,
        campaign: campaign.name,
        key,
        running: campaign.status === "running"
      }))
    )
  )

/**
 * The sums of the events of a workspace, whatever their number: by kind and reason, the leads
 * listed and the counts.
 */
const toldIn = Effect.fnUntraced(function* (workspaceId: string) {
  const { items } = yield* Leads.list({ workspaceId, limit: 1_000 })
  const keys = new Map<string, string>(items.map(({ id, key }) => [id, key]))
  const told = new Map<string, { count: number; leads: Array<string> }>()
  for (const event of yield* everyEvent(workspaceId)) {
    const { kind } = event
    const why = "reason" in event ? event.reason : "cause" in event ? event.cause : ""
    const type = "bounceType" in event ? event.bounceType : ""
    const sum = told.get(`${kind} ${why}${type}`) ?? { count: 0, leads: [] }
    sum.count += "enrollments" in event ? event.enrollments : "entries" in event ? event.entries : 0
    if ("leadIds" in event) sum.leads.push(...event.leadIds.map((id) => keys.get(id) ?? ""))
    told.set(`${kind} ${why}${type}`, sum)
  }
  return new Map([...told].map(([what, { count, leads }]) => [what, { count, leads: leads.sort() }]))
})

export const deliveryLaws: ReadonlyArray<Law> = [
  law(
    "step at most once",
    "SQ-1, SQ-3, SQ-5: the steps recorded as sent are the first ones, without gaps, and the next is due its delay later",
    scene,
    (input) =>
      Effect.gen(function* () {
        yield* lived(input, () =>
          Effect.gen(function* () {
            for (const { campaign, enrollments } of (yield* observe(workspaceId)).campaigns) {
              for (const { messages, position, state } of Object.values(enrollments)) {
                const sent = messages.filter(({ sentAt }) => sentAt !== null).map(({ step }) => step)
                yield* same(
                  sent,
                  Array.from({ length: position }, (_, step) => step),
                  "steps sent"
                )
                const all = position === campaign.steps.length
                if (state !== "ended") yield* same(state === "completed", all, "completed")
                for (const [index, { dueAt, attempt }] of messages.entries()) {
                  const before = messages[index - 1]?.sentAt
                  const delay = campaign.steps[index]?.delayDays
                  if (before === undefined || before === null || delay === undefined || attempt > 0) continue
                  yield* same(dueAt, before + delay * day, "due time")
                }
              }
            }
          })
        )
      })
  ),
  law(
    "one claim at a time",
    "DE-1: while a lease holds nobody else is given the message; each time that it is handed out the attempt is one more and the token another",
    scene,
    (input) =>
      Effect.gen(function* () {
        const tokens = new Map<string, Set<string>>()
        const until = new Map<string, number>()
        let seen = { handed: 0, outcomes: 0 }
        yield* lived(input, (now, _, { handed, outcomes }) =>
          Effect.gen(function* () {
            for (const { message } of handed.slice(seen.handed)) {
              const { attempt, claimToken, leasedUntil, messageId } = message
              const known = tokens.get(messageId) ?? new Set()
              yield* same(attempt, known.size + 1, "attempt")
              yield* same(known.has(claimToken), false, "the token is an old one")
              yield* same((until.get(messageId) ?? now) <= now, true, "handed out while leased")
              tokens.set(messageId, known.add(claimToken))
              until.set(messageId, leasedUntil)
            }
            // What has failed is free before its lease runs out.
            for (const { outcome, type } of outcomes.slice(seen.outcomes)) {
              if (type === "failed" && outcome.outcome === "recorded") until.delete(outcome.messageId ?? "")
            }
            seen = { handed: handed.length, outcomes: outcomes.length }
          })
        )
      })
  ),
  law(
    "what is due is handed out",
    "DE-2, SQ-7: a claim takes all that is due in running campaigns and not in hand, the oldest due first, and nothing else",
    scene,
    (input) =>
      Effect.gen(function* () {
        const refs = yield* lived(input, () => Effect.void)
        const later = noon + 30 * day
        const due = new Map<string, number>()
        for (const message of messagesOf(yield* observe(workspaceId))) {
          const { dueAt, leasedUntil, running, state } = message
          if (!running || state !== "pending" || dueAt > later || (leasedUntil ?? 0) > later) continue
          due.set(`${message.campaign} ${message.key} ${message.step}`, dueAt)
        }
        const claimed: Array<number> = []
        for (let more = true; more; ) {
          const messages = yield* Delivery.claim({ workspaceId, limit: 3 }).pipe(at(later))
          for (const { campaignId, lead, step } of messages) {
            const campaign = refs.findIndex((ref) => ref.campaignId === campaignId)
            claimed.push(due.get(`c${campaign} ${lead.key} ${step}`) ?? Number.NaN)
          }
          more = messages.length > 0
        }
        const free = [...due.values()].sort((a, b) => a - b)
        yield* same(claimed.length, free.length, "messages handed out")
        yield* same(claimed, free, "their due times")
      })
  ),
  law(
    "due messages end by campaigns",
    "DE-2: of the messages that can be claimed a decision is shown the first ones, before those of one campaign too many",
    fc.tuple(scene, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 3 })),
    ([input, limit, campaigns]) =>
      Effect.gen(function* () {
        yield* lived(input, () => Effect.void)
        const repository = yield* Repository
        const due = (bounds: Omit<DueScope, "at">) =>
          repository.decide(
            { workspaceId: Ids.WorkspaceId.make(workspaceId), due: { at: noon + 30 * day, ...bounds } },
            ({ messages }) =>
              Result.succeed({
                changes: [],
                answer: Array.from(messages.values(), ({ campaign, message }) => ({
                  campaign,
                  id: message.id
                }))
              })
          )
        const all = yield* due({ limit: Limits.maxClaim })
        const shown = yield* due({ limit, campaigns })
        yield* same(
          shown.map(({ id }) => id),
          firstDue(all, { limit, campaigns }).map(({ id }) => id),
          "messages shown"
        )
      })
  ),
  law(
    "explanations are true",
    "DE-2, SU-3: of whom explain says that a message is due, and of no other, a claim of that moment hands it out",
    fc.tuple(scene, fc.constantFrom(0, 1_000, 61_000, day, 9 * day)),
    ([input, wait]) =>
      Effect.gen(function* () {
        let end = noon
        const refs = yield* lived(input, (now) =>
          Effect.sync(() => {
            end = now
          })
        )
        const moment = end + wait
        const due: Array<string> = []
        for (const ref of refs) {
          for (const email of given.keys) {
            const { messages, verdict } = yield* Leads.explain({ ...ref, email }).pipe(at(moment))
            const { position } = (yield* Leads.enrollment({ ...ref, email })) ?? { position: 0 }
            const sent = messages.filter(({ sentAt }) => sentAt !== null).length
            yield* same(sent, position, "steps sent")
            if (verdict.reason === "due") due.push(`${ref.campaignId} ${email} ${verdict.step}`)
          }
        }
        const claimed = yield* Delivery.claim({ workspaceId, limit: Limits.maxClaim }).pipe(at(moment))
        const handed = claimed.map(({ campaignId, lead, step }) => `${campaignId} ${lead.key} ${step}`)
        yield* same(handed.sort(), due.sort(), "handed out")
      })
  ),
  law(
    "claims respect suppression",
    "SU-2, SU-3: once an address is suppressed, by whom and for what ever, no claim hands it out",
    scene,
    (input) =>
      Effect.gen(function* () {
        const suppressed = new Set<string>()
        let seen = 0
        yield* lived(input, (_, act, { handed }) =>
          Effect.gen(function* () {
            for (const { message } of handed.slice(seen))
              yield* same(covers(suppressed, message.lead.key), false, "handed out, yet suppressed")
            seen = handed.length
            if ("suppress" in act) for (const entry of act.suppress) suppressed.add(normalise(entry))
            if ("erase" in act) for (const email of act.erase) suppressed.add(normalise(email))
            for (const { hardBouncedAt, key, unsubscribedAt } of messagesOf(yield* observe(workspaceId)))
              if (hardBouncedAt !== null || unsubscribedAt !== null) suppressed.add(key)
          })
        )
      })
  ),
  law(
    "reports stand alone",
    "DE-3, EV-1: reports in one call come to what they come to one by one, in state and events; a second time they change nothing",
    fc.tuple(
      given.steps,
      given.validRows,
      fc.array(fc.tuple(fc.nat({ max: 8 }), given.report), { maxLength: 8 })
    ),
    ([steps, rows, facts]) =>
      Effect.gen(function* () {
        const reportsIn = Effect.fnUntraced(function* (workspaceId: string) {
          const { id } = yield* Campaigns.create({ workspaceId, name: "c", steps })
          const ref = { workspaceId, campaignId: id }
          yield* upsert(ref, rows)
          yield* Campaigns.start(ref)
          const claimed = yield* Delivery.claim({ workspaceId, limit: Limits.maxClaim })
          return facts.flatMap(([pick, fact]) => {
            const { claimToken, messageId } = claimed[pick % claimed.length] ?? {}
            // The wait that is drawn from a message's id is another in another workspace.
            const named = { messageId, claimToken, ...fact, retryAfterSeconds: 30 }
            return [named as object as Delivery.Report]
          })
        })
        const together = yield* Delivery.record({ reports: yield* reportsIn("one") })
        const outcomes: Array<unknown> = []
        const apart = yield* reportsIn("two")
        for (const report of apart) outcomes.push(...(yield* Delivery.record({ reports: [report] })).outcomes)
        const bare = (outcome: unknown) => ({ ...Object(outcome), index: 0, messageId: null })
        yield* same(outcomes.map(bare), together.outcomes.map(bare), "outcomes")
        const state = yield* observe("two")
        yield* same(state, yield* observe("one"), "state")
        yield* same(yield* toldIn("two"), yield* toldIn("one"), "events")
        const again = yield* Delivery.record({ workspaceId: "two", reports: apart })
        yield* same(again.recorded, 0, "recorded a second time")
        yield* same(yield* observe("two"), state, "state after the second time")
      })
  )
]
