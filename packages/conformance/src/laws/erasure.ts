/**
 * The laws of erasure (ER): no data of the person is left, the numbers stay, and no import brings
 * the person back. Erasing many at once equals erasing each.
 */
import { Campaigns, Delivery, Ids, Leads, Limits, Repository, Suppression } from "@leadterra/core"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import * as given from "../arbitraries.ts"
import { day, lived, scene } from "../histories.ts"
import { at, type Law, law, noon } from "../Law.ts"
import { emailKey, everyEvent, observe } from "../observe.ts"
import {
  campaignIn,
  normalise,
  type Ref,
  type Status,
  same,
  suppress,
  upsert,
  workspaceId
} from "../scene.ts"

const workspace = Ids.WorkspaceId.make(workspaceId)
const secret = "Sentinel-\u{1f5dd}"
const later = noon + 60 * day

/** What the messages of a lead are, in each campaign, by their ids: also when nothing else leads to them. */
const messagesOf = Effect.fnUntraced(function* (refs: ReadonlyArray<Ref>, leadId: Ids.LeadId) {
  const repository = yield* Repository
  const ids = refs.flatMap(({ campaignId }) =>
    [0, 1, 2, 3].map((step) => Ids.messageId(workspace, campaignId, leadId, step))
  )
  const { messages } = yield* repository.read({ workspaceId: workspace, messages: ids })
  return [...messages.values()]
})

export const erasureLaws: ReadonlyArray<Law> = [
  law(
    "erasure forgets the person",
    "ER-1, SU-4: nothing shows an erased address or a field of it, no import and no claim brings it back, and the numbers stay",
    fc.tuple(scene, given.spelling, given.spelling),
    ([input, first, second]) =>
      Effect.gen(function* () {
        const key = emailKey(first)
        const refs = yield* lived(input, () => Effect.void)
        for (const ref of refs) yield* upsert(ref, [{ email: first, company: secret, secret }])
        const known = yield* Leads.get({ workspaceId, email: first }).pipe(Effect.option)
        const before = yield* observe(workspaceId)
        const stats = yield* Effect.forEach(refs, (ref) => Campaigns.stats(ref))
        const messages = known._tag === "None" ? [] : yield* messagesOf(refs, known.value.id)

        const erased = known._tag === "Some"
        yield* same(
          yield* Leads.erase({ workspaceId, emails: [first] }),
          { erased: erased ? 1 : 0, outcomes: [{ index: 0, erased }] },
          "answer"
        )
        const after = yield* observe(workspaceId)
        yield* same(
          after.leads,
          before.leads.filter((lead) => lead.key !== key),
          "the other leads"
        )
        const shown = JSON.stringify([
          after,
          yield* everyEvent(workspaceId),
          known._tag === "None" ? [] : yield* messagesOf(refs, known.value.id)
        ])
        yield* same(
          [key, secret].filter((text) => shown.includes(JSON.stringify(text).slice(1, -1))),
          [],
          "shown"
        )

        const gone = yield* Effect.forEach(refs, (ref) => Campaigns.stats(ref))
        const kept = ({ queued: _, ...rest }: Campaigns.CampaignStats) => rest
        yield* same(gone.map(kept), stats.map(kept), "numbers")
        if (known._tag === "Some") {
          const facts = (yield* messagesOf(refs, known.value.id)).map(({ enrollment, message }) => [
            enrollment.position,
            message.sentAt,
            message.state
          ])
          const expected = messages.map(({ enrollment, message }) => [
            enrollment.position,
            message.sentAt,
            message.state === "pending" ? "cancelled" : message.state
          ])
          yield* same(facts, expected, "messages")
        }
        yield* Leads.erase({ workspaceId, emails: [first] })
        yield* same(yield* observe(workspaceId), after, "the state after a second time")

        const [checked] = yield* Suppression.check({ workspaceId, emails: [first] })
        yield* same(checked?.suppression?.reason, "erased", "the reason")
        for (const ref of refs) {
          const { skipped } = yield* upsert(ref, [{ email: first }])
          yield* same(skipped, 1, "skipped by an import")
          yield* Campaigns.start(ref)
        }
        const claimed = yield* Delivery.claim({ workspaceId, limit: Limits.maxClaim }).pipe(at(later))
        yield* same(
          claimed.filter(({ lead }) => lead.key === key || lead.email === ""),
          [],
          "handed out"
        )

        const { length } = yield* everyEvent(workspaceId)
        const { removed } = yield* Suppression.remove({ workspaceId, entries: [second], actor: "operator" })
        const lifted = normalise(second) === key
        if (lifted) yield* same(removed, 1, "removed")
        const told = (yield* everyEvent(workspaceId)).slice(length)
        yield* same(
          told.map((event) => [event.kind, "entries" in event && event.entries]),
          removed === 0 ? [] : [["suppression.removed", 1]],
          "the event of the removal"
        )
        const again = yield* Suppression.check({ workspaceId, emails: [first] })
        const own = again[0]?.suppression?.entry === key
        yield* same(own, !lifted, "lifted by its own removal alone")
      })
  ),
  law(
    "erasing many is erasing each",
    "ER-1: erasing many people in one call gives the answers, the state and the suppressions of erasing one after the other, and its events tell of as many",
    fc.record({
      status: fc.constantFrom<Status>("draft", "running", "paused"),
      rows: given.validRows,
      suppressed: given.entries,
      claimed: fc.nat({ max: 3 }),
      emails: fc.array(given.spelling, { minLength: 1, maxLength: 5 })
    }),
    ({ claimed, emails, rows, status, suppressed }) =>
      Effect.gen(function* () {
        const arrange = Effect.fnUntraced(function* (workspace: string) {
          const ref = yield* campaignIn(status, workspace)
          yield* suppress(suppressed, workspace)
          yield* upsert(ref, rows)
          if (claimed === 0) return
          const handed = yield* Delivery.claim({ workspaceId: workspace, limit: claimed })
          const [first] = handed
          if (first !== undefined)
            yield* Delivery.record({ reports: [{ messageId: first.messageId, type: "sent" }] })
        })
        const seen = Effect.fnUntraced(function* (workspace: string) {
          const checked = yield* Suppression.check({ workspaceId: workspace, emails })
          const events = yield* everyEvent(workspace)
          return [
            yield* observe(workspace),
            checked,
            events.reduce((sum, event) => sum + (event.kind === "lead.suppressed" ? event.entries : 0), 0),
            events.reduce(
              (sum, event) => sum + (event.kind === "lead.suppressed" ? event.leadIds.length : 0),
              0
            ),
            events.reduce(
              (sum, event) => sum + (event.kind === "enrollment.ended" ? event.enrollments : 0),
              0
            )
          ]
        })
        yield* arrange("together")
        yield* arrange("apart")
        const together = yield* Leads.erase({ workspaceId: "together", emails })
        const apart: Array<boolean> = []
        for (const email of emails) {
          const { outcomes } = yield* Leads.erase({ workspaceId: "apart", emails: [email] })
          apart.push(...outcomes.map(({ erased }) => erased))
        }
        const expected = {
          erased: apart.filter((erased) => erased).length,
          outcomes: apart.map((erased, index) => ({ index, erased }))
        }
        yield* same(together, expected, "answer")
        yield* same(yield* seen("together"), yield* seen("apart"), "state, suppressions and events")
      })
  )
]
