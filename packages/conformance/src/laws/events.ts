/** The laws of events (EV): they tell what happened, no less and no more, and are read in one order. */
import {
  type BounceType,
  type DomainEvent,
  Events,
  Ids,
  type Lead,
  Leads,
  Repository,
  Suppression
} from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import fc from "fast-check"
import * as given from "../arbitraries.ts"
import { day, lived, scene } from "../histories.ts"
import { at, type Law, law, noon } from "../Law.ts"
import { everyEvent, everyPage } from "../observe.ts"
import { campaignIn, type Status, same, upsert, workspaceId } from "../scene.ts"

type Kind = DomainEvent["kind"]
type EventOf<K extends Kind> = Extract<DomainEvent, { readonly kind: K }>

const workspace = Ids.WorkspaceId.make(workspaceId)

const ofKind = <K extends Kind>(events: ReadonlyArray<DomainEvent>, kind: K): ReadonlyArray<EventOf<K>> =>
  events.filter((event): event is EventOf<K> => event.kind === kind)

const allEvents = everyEvent(workspaceId, 3)

const allLeads = (campaignId: Ids.CampaignId | null) =>
  Effect.flatMap(Repository, (repository) =>
    everyPage((after: string | null) =>
      repository.leads({ workspaceId: workspace, campaignId, after, limit: 100 })
    )
  )

/** The row that puts every field of a lead back. */
const rowOf = ({ company, customFields, email, firstName, jobTitle, lastName }: Lead) => ({
  email,
  firstName,
  lastName,
  company,
  jobTitle,
  customFields
})

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, each) => total + each, 0)

/** The messages of a campaign that events list, each once and with its lead at the same place. */
const messagesTold = Effect.fnUntraced(function* (
  events: ReadonlyArray<EventOf<"message.sent" | "message.bounced" | "reply.received">>,
  campaignId: Ids.CampaignId
) {
  const told: Array<Ids.MessageId> = []
  for (const { leadIds, messageIds } of events) {
    const names = messageIds.map((id) => Ids.parseMessageId(id))
    yield* same(
      names.map((name) => name?.leadId),
      leadIds,
      "the leads of messages"
    )
    told.push(...messageIds.filter((_, index) => names[index]?.campaignId === campaignId))
  }
  yield* same(told.length, new Set(told).size, "messages that are told of twice")
  return told
})

const status: fc.Arbitrary<Status> = fc.constantFrom("draft", "running", "paused")

export const eventLaws: ReadonlyArray<Law> = [
  law(
    "events tell what happened",
    "EV-1, ER-1: who was enrolled, what was sent, bounced and replied to, who is suppressed and what is over is what the events tell, each once",
    fc.tuple(scene, given.entries),
    ([input, lifted]) =>
      Effect.gen(function* () {
        const repository = yield* Repository
        const refs = yield* lived(input, () => Effect.void)
        yield* Suppression.remove({ workspaceId, entries: lifted, actor: "operator" })
        const events = yield* allEvents
        const erased = ofKind(events, "lead.suppressed")
          .filter(({ cause }) => cause === "erased")
          .flatMap(({ leadIds }) => leadIds)
        let over = 0
        for (const { campaignId } of refs) {
          const { campaign, counters } = yield* repository.read({ workspaceId: workspace, campaignId })
          over += counters.enrolled - counters.active
          const enrolled = ofKind(events, "lead.enrolled")
            .filter((event) => event.campaignId === campaignId)
            .flatMap(({ leadIds }) => leadIds)
          const listed = (yield* allLeads(campaignId)).map(({ id }) => id)
          yield* same(enrolled.length, counters.enrolled, "enrolments told of")
          const present = enrolled.filter((id) => !erased.includes(id)).sort()
          yield* same(present, listed.toSorted(), "who is enrolled")
          const bounces = ofKind(events, "message.bounced")
          const ofType = (type: BounceType) => bounces.filter(({ bounceType }) => bounceType === type)
          const sent = yield* messagesTold(ofKind(events, "message.sent"), campaignId)
          const hard = yield* messagesTold(ofType("hard"), campaignId)
          const soft = yield* messagesTold(ofType("soft"), campaignId)
          const replies = yield* messagesTold(ofKind(events, "reply.received"), campaignId)
          const told = {
            sent: sent.length,
            bounced: new Set([...hard, ...soft]).size,
            hardBounced: hard.length,
            replied: new Set(replies.map((id) => Ids.parseMessageId(id)?.leadId)).size
          }
          const { bounced, hardBounced, replied } = counters
          yield* same(told, { sent: counters.sent, bounced, hardBounced, replied }, "messages told of")
          const turns = events.filter(
            (event) =>
              (event.kind === "campaign.started" || event.kind === "campaign.paused") &&
              event.campaignId === campaignId
          )
          const last = turns.at(-1)?.kind === "campaign.paused" ? "paused" : "running"
          yield* same(campaign?.status, last, "status")
        }
        const told = sum(ofKind(events, "enrollment.ended").map(({ enrollments }) => enrollments))
        yield* same(told, over, "enrolments that are over")
        const { suppressionTotal } = yield* repository.read({ workspaceId: workspace })
        const added = sum(ofKind(events, "lead.suppressed").map(({ entries }) => entries))
        const removed = sum(ofKind(events, "suppression.removed").map(({ entries }) => entries))
        yield* same(added - removed, suppressionTotal, "entries of the list")
        const names = JSON.stringify(events)
        yield* same(
          given.keys.filter((key) => names.includes(key)),
          [],
          "addresses in events"
        )
      })
  ),
  law(
    "only a change is an update",
    "EV-1, UP-3: an update is told of the leads that it has changed and of no other, and a batch that is refused is not told of",
    fc.tuple(status, given.validRows, given.rows, fc.constantFrom("report", "reject"), fc.boolean()),
    ([status, before, rows, onInvalid, putsBack]) =>
      Effect.gen(function* () {
        const ref = yield* campaignIn(status)
        yield* upsert(ref, before).pipe(at(noon - day))
        const stored = yield* allLeads(null)
        const known = new Map(stored.map((lead) => [lead.id, lead]))
        const leads = putsBack ? [...rows, ...stored.map(rowOf)] : rows
        const { length } = yield* allEvents
        yield* Leads.preview({ ...ref, leads, onInvalid }).pipe(Effect.ignore)
        yield* same((yield* allEvents).length, length, "events after a preview")
        const landed = yield* Leads.bulkUpsert({ ...ref, leads, onInvalid }).pipe(
          Effect.as(true),
          Effect.catchTag("InvalidLeads", () => Effect.succeed(false))
        )
        const news = (yield* allEvents).slice(length)
        const changed: Array<Lead> = []
        for (const lead of yield* allLeads(null)) {
          const before = known.get(lead.id)
          if (before === undefined) continue
          if (JSON.stringify(rowOf(lead)) !== JSON.stringify(rowOf(before))) changed.push(lead)
          else yield* same(lead, before, "a lead whose fields are as before")
        }
        const updated = ofKind(news, "lead.updated").flatMap(({ leadIds }) => leadIds)
        yield* same(updated.toSorted(), changed.map(({ id }) => id).sort(), "leads updated")
        const kinds = news.map(({ kind }) => kind)
        yield* same(kinds.length, new Set(kinds).size, "one event of a kind")
        if (!landed) yield* same(news, [], "events of a refused batch")
      }),
    [
      // Found by the nightly run, as seed 1834430410.
      [
        "draft",
        [{ email: "ava@acmecorp.com", customFields: {} }],
        [
          { email: "ava@acmecorp.com", firstName: " " },
          { email: "ava@acmecorp.com", firstName: null }
        ],
        "report",
        false
      ]
    ]
  ),
  law(
    "events have one order",
    "EV-2: by pages of any size, from any place on, and as a stream, events are read once each, in the order of their sequences",
    fc.tuple(scene, fc.integer({ min: 1, max: 5 }), fc.nat({ max: 12 })),
    ([input, limit, skipped]) =>
      Effect.gen(function* () {
        const seen: Array<DomainEvent> = []
        let cursor: string | null = null
        yield* lived(input, () =>
          Effect.gen(function* () {
            for (let more = true; more; ) {
              const page: Events.EventsPage = yield* Events.read({ workspaceId, after: cursor, limit })
              seen.push(...page.items)
              cursor = page.next
              more = page.more
            }
          })
        )
        const all = yield* Events.read({ workspaceId, limit: 1_000 })
        yield* same(all.more, false, "the end")
        yield* same(yield* Events.last({ workspaceId }), all.next, "the last event")
        const sequences = all.items.map(({ sequence }) => sequence)
        yield* same(
          [...new Set(sequences)].sort((a, b) => a - b),
          sequences,
          "sequences"
        )
        yield* same(seen, all.items.slice(0, seen.length), "events read as they came")
        const after = all.items[skipped]?.cursor
        const rest = after === undefined ? all.items : all.items.slice(skipped + 1)
        yield* same(
          yield* Stream.runCollect(Events.stream({ workspaceId, after, limit })),
          rest,
          "the stream"
        )
      })
  ),
  law(
    "a cursor names one event",
    "EV-2: the cursor of an event that is not there, or that another stands for, is refused by a page and by a stream",
    fc.tuple(scene, given.rows, fc.nat({ max: 12 })),
    ([input, rows, picked]) =>
      Effect.gen(function* () {
        yield* lived(input, () => Effect.void)
        const other = "another"
        yield* upsert(yield* campaignIn("running", other), rows)
        const { items } = yield* Events.read({ workspaceId, limit: 1_000 })
        const cursor = items[picked % items.length]?.cursor ?? ""
        const own = yield* Events.read({ workspaceId, after: cursor, limit: 1 })
        yield* same(own.items, items.slice((picked % items.length) + 1).slice(0, 1), "the next event")
        for (const call of [
          Effect.asVoid(Events.read({ workspaceId: other, after: cursor })),
          Stream.runDrain(Events.stream({ workspaceId: other, after: cursor }))
        ]) {
          const refused = yield* Effect.flip(call).pipe(
            Effect.mapError(() => new Error("a cursor of another workspace was taken"))
          )
          yield* same(refused._tag, "CursorUnknown", "the error")
        }
      })
  )
]
