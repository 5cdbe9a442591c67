import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import type { Campaign } from "../src/model/Campaign.ts"
import { noCounters } from "../src/model/Counters.ts"
import type { Enrollment } from "../src/model/Enrollment.ts"
import * as Ids from "../src/model/Ids.ts"
import { isErased, type Lead, nobodyOf } from "../src/model/Lead.ts"
import * as Limits from "../src/model/Limits.ts"
import { type Message, type MessageInContext, queuedMessage } from "../src/model/Message.ts"
import { emptySnapshot, type Snapshot } from "../src/model/Snapshot.ts"
import { coveringEntries, isDomainEntry } from "../src/model/Suppression.ts"
import { decideClaim } from "../src/rules/claim.ts"
import { decideErase } from "../src/rules/erasure.ts"
import { createLead } from "../src/rules/mergeLead.ts"
import { parseLead } from "../src/rules/parseLead.ts"
import type { DeliveryReport, ReportedFact } from "../src/rules/parseReport.ts"
import { decideRecord } from "../src/rules/record.ts"
import { revisionOf } from "../src/rules/revision.ts"
import { decidePause, decideReplaceSteps, decideStart, decideUpdate } from "../src/rules/sequence.ts"
import { addSuppressions, allOf, parseEntry, removeSuppressions } from "../src/rules/suppression.ts"
import { batchOf, decideUpsert } from "../src/rules/upsert.ts"

const ulid = "01JXCQ00000000000000000000"
const campaignId = Ids.campaignId(ulid)
const step = { subject: "s", bodyHtml: "b", delayDays: 0 }

const campaign = (fields: Partial<Campaign> = {}): Campaign => ({
  id: campaignId,
  workspaceId: Ids.WorkspaceId.make("ws_1"),
  name: "Spring",
  status: "draft",
  steps: [step],
  createdAt: 1,
  startedAt: null,
  pausedAt: null,
  ...fields
})
const running = campaign({ status: "running", startedAt: 2 })
const paused = campaign({ status: "paused", startedAt: 2, pausedAt: 3 })

/** A moment of a live workspace. */
const at9 = { now: 9, realNow: 9 }

const snapshot = (fields: Partial<Snapshot> = {}): Snapshot => ({
  ...emptySnapshot,
  campaign: campaign(),
  counters: { ...noCounters, enrolled: 3, active: 2, pending: 1 },
  ...fields
})

const leadOf = (row: unknown): Lead => createLead(Result.getOrThrow(parseLead(row)), Ids.leadId(ulid, 0), 1)

describe("start and pause", () => {
  it("SQ-9: the start of a draft changes its status and queues the first step of the active", () => {
    const started = { ...running, startedAt: 9 }
    expect(decideStart(snapshot(), campaignId, 9)).toEqual(
      Result.succeed({
        changes: [
          { _tag: "CampaignChanged", campaign: started },
          { _tag: "FirstStepQueued", campaignId, dueAt: 9 },
          {
            _tag: "EventsRecorded",
            at: 9,
            events: [{ kind: "campaign.started", campaignId, leadsEnrolled: 3, queuedMessages: 2 }]
          }
        ],
        answer: { id: campaignId, status: "running", startedAt: 9, leadsEnrolled: 3, queuedMessages: 2 }
      })
    )
  })

  it("SQ-7: the start of what has started keeps its time and queues nothing; of what runs it changes nothing", () => {
    const answer = { id: campaignId, status: "running", startedAt: 2, leadsEnrolled: 3, queuedMessages: 1 }
    expect(decideStart(snapshot({ campaign: paused }), campaignId, 9)).toEqual(
      Result.succeed({
        changes: [
          { _tag: "CampaignChanged", campaign: running },
          {
            _tag: "EventsRecorded",
            at: 9,
            events: [{ kind: "campaign.started", campaignId, leadsEnrolled: 3, queuedMessages: 1 }]
          }
        ],
        answer
      })
    )
    expect(decideStart(snapshot({ campaign: running }), campaignId, 9)).toEqual(
      Result.succeed({ changes: [], answer })
    )
  })

  it("SQ-9: steps are missed before leads, and neither once it has started", () => {
    const counters = noCounters
    const tagOf = (fields: Partial<Snapshot>) => {
      const decided = decideStart(snapshot(fields), campaignId, 9)
      return Result.isFailure(decided) ? decided.failure._tag : decided.success.answer.status
    }
    expect(tagOf({ campaign: null })).toBe("CampaignNotFound")
    expect(tagOf({ campaign: campaign({ steps: [] }), counters })).toBe("NoSequenceSteps")
    expect(tagOf({ counters })).toBe("NoLeadsEnrolled")
    expect(tagOf({ campaign: { ...paused, steps: [] }, counters })).toBe("running")
  })

  it("SQ-7: a pause holds what runs, from now; what does not run it leaves alone", () => {
    expect(decidePause(snapshot({ campaign: running }), campaignId, 3)).toEqual(
      Result.succeed({
        changes: [
          { _tag: "CampaignChanged", campaign: paused },
          { _tag: "EventsRecorded", at: 3, events: [{ kind: "campaign.paused", campaignId }] }
        ],
        answer: { id: campaignId, status: "paused", pausedAt: 3 }
      })
    )
    for (const still of [campaign(), paused]) {
      const { pausedAt, status } = still
      expect(decidePause(snapshot({ campaign: still }), campaignId, 9)).toEqual(
        Result.succeed({ changes: [], answer: { id: campaignId, status, pausedAt } })
      )
    }
  })

  it("SQ-8: a draft takes any steps, a paused campaign as many as it has, a running one none", () => {
    const replaced = (before: Campaign, count: number) => {
      const decided = decideReplaceSteps(snapshot({ campaign: before }), campaignId, Array(count).fill(step))
      return Result.isFailure(decided) ? decided.failure.message : decided.success.answer.steps.length
    }
    expect([0, 1, 2].map((count) => replaced(campaign(), count))).toEqual([0, 1, 2])
    const kept = "A paused campaign keeps its name and its number of steps: change copy and delays alone"
    expect([0, 1, 2].map((count) => replaced(paused, count))).toEqual([kept, 1, kept])
    expect(replaced(running, 1)).toBe(
      "A running campaign keeps its name and its steps: pause it to change copy and delays"
    )
  })
})

describe("a change of a campaign", () => {
  const outcome = (decided: ReturnType<typeof decideUpdate>) =>
    Result.isFailure(decided) ? decided.failure._tag : decided.success

  it("SQ-8: a rename changes a draft's name alone, and of others it changes nothing", () => {
    const renamed = campaign({ name: "Summer" })
    expect(outcome(decideUpdate(snapshot(), campaignId, "Summer"))).toEqual({
      changes: [{ _tag: "CampaignChanged", campaign: renamed }],
      answer: renamed
    })
    const decided = [running, paused, null].map((campaign) =>
      outcome(decideUpdate(snapshot({ campaign }), campaignId, "Summer"))
    )
    expect(decided).toEqual(["CampaignNotEditable", "CampaignNotEditable", "CampaignNotFound"])
  })

  it("SQ-10: a change at another revision is refused, whatever the status", () => {
    for (const before of [campaign(), running, paused]) {
      const seen = snapshot({ campaign: before })
      expect(outcome(decideUpdate(seen, campaignId, "Summer", "stale"))).toBe("CampaignChanged")
      expect(outcome(decideReplaceSteps(seen, campaignId, [], "stale"))).toBe("CampaignChanged")
      const revision = revisionOf(before)
      expect(decideReplaceSteps(seen, campaignId, [step], revision)).toEqual(
        decideReplaceSteps(seen, campaignId, [step])
      )
    }
    const missing = snapshot({ campaign: null })
    expect(outcome(decideUpdate(missing, campaignId, "Summer", "stale"))).toBe("CampaignNotFound")
  })
})

describe("the suppression list", () => {
  const ava = Result.getOrThrow(parseEntry("Ava@AcmeCorp.com"))
  const acme = Result.getOrThrow(parseEntry(" @AcmeCorp.com "))
  const held = new Map([[ava, { entry: ava, reason: "first", suppressedAt: 1 }]])

  it("SU-1: an entry is an address or @domain, trimmed and normalised", () => {
    expect([ava, acme]).toEqual(["ava@acmecorp.com", "@acmecorp.com"])
    expect([ava, acme].map(isDomainEntry)).toEqual([false, true])
  })

  it("SU-1: every entry that is none is listed, by its index and with what would be right", () => {
    const parsed = allOf([ava, 3, "@localhost", "@", "nobody"].map(parseEntry))
    expect(Result.isFailure(parsed) && parsed.failure.issues).toEqual([
      { index: 1, path: "", reason: "NotAString", message: "the address is not text: write it as text" },
      {
        index: 2,
        path: "",
        reason: "SingleLabelDomain",
        message: "the domain has no dot: write it out, as acme.com"
      },
      {
        index: 3,
        path: "",
        reason: "EmptyDomain",
        message: "there is nothing after the @: write the address as name@acme.com"
      },
      {
        index: 4,
        path: "",
        reason: "MissingAt",
        message: "there is no @: write the address as name@acme.com"
      }
    ])
    expect(allOf([])).toEqual(Result.succeed([]))
  })

  it("SU-1: a batch asks for its addresses, and for each of their domains once", () => {
    const keys = ["a@x.com", "b@x.com", "a@y.com", "a@x.com"].map((email) => leadOf({ email }).key)
    expect(coveringEntries(keys)).toEqual([...new Set(keys), "@x.com", "@y.com"])
  })

  it("SU-1, SU-2: what is new is added once and ends what it covers; what is there stays as it is", () => {
    const before = snapshot({ suppressions: held, suppressionTotal: 5 })
    expect(addSuppressions(before, [ava, acme, acme], "later", 9)).toEqual({
      changes: [
        { _tag: "SuppressionsAdded", suppressions: [{ entry: acme, reason: "later", suppressedAt: 9 }] },
        {
          _tag: "EventsRecorded",
          at: 9,
          events: [{ kind: "lead.suppressed", cause: "added", entries: 1, leadIds: [] }]
        },
        { _tag: "EnrollmentsEnded", entries: [acme], reason: "suppressed", endedAt: 9 }
      ],
      answer: { suppressed: 1, alreadySuppressed: 2, total: 6 }
    })
    for (const entries of [[], [ava]]) {
      expect(addSuppressions(before, entries, "later", 9)).toEqual({
        changes: [],
        answer: { suppressed: 0, alreadySuppressed: entries.length, total: 5 }
      })
    }
  })

  it("SU-2: the event of a suppression names the leads that its new entries name by address", () => {
    const [known, other, listed] = ["known@x.com", "other@x.com", ava].map((email, index) => ({
      ...leadOf({ email }),
      id: Ids.leadId(ulid, index)
    }))
    if (known === undefined || other === undefined || listed === undefined) throw new Error("three leads")
    const leads = new Map([known, other, listed].map((lead) => [lead.key, lead]))
    const before = snapshot({ leads, suppressions: held })
    const [, told] = addSuppressions(before, [known.key, ava, acme], "later", 9).changes
    expect(told).toEqual({
      _tag: "EventsRecorded",
      at: 9,
      events: [{ kind: "lead.suppressed", cause: "added", entries: 2, leadIds: [known.id] }]
    })
  })

  it("SU-4: what is on the list is taken off once, and what is not changes nothing", () => {
    const before = snapshot({ suppressions: held, suppressionTotal: 5 })
    expect(removeSuppressions(before, [ava, acme, ava], "op", 9)).toEqual({
      changes: [
        { _tag: "SuppressionsRemoved", entries: [ava] },
        {
          _tag: "EventsRecorded",
          at: 9,
          events: [{ kind: "suppression.removed", actor: "op", entries: 1, leadIds: [] }]
        }
      ],
      answer: { removed: 1, total: 4 }
    })
    expect(removeSuppressions(before, [acme], "op", 9)).toEqual({
      changes: [],
      answer: { removed: 0, total: 5 }
    })
  })
})

describe("an upsert", () => {
  const decide = (fields: Partial<Snapshot>, leads: ReadonlyArray<unknown>) =>
    Result.getOrThrow(
      decideUpsert(
        snapshot(fields),
        batchOf(
          leads.map((row) => parseLead(row)),
          { campaignId, onInvalid: "report", ulid }
        ),
        9
      )
    ).changes

  it("UP-1: a decision holds the changes that there are, and no empty ones", () => {
    const ava = leadOf({ email: "ava@acmecorp.com", firstName: "Ava" })
    const leads = new Map([[ava.key, ava]])
    const enrolled = { _tag: "LeadsEnrolled", campaignId, keys: [ava.key], enrolledAt: 9, dueAt: null }
    const changed = { _tag: "LeadsChanged", leads: [{ ...ava, firstName: "A", updatedAt: 9 }] }
    expect(decide({}, [])).toEqual([])
    expect(decide({}, [{ email: "nobody" }])).toEqual([])
    expect(decide({}, [{ email: ava.email }]).map(({ _tag }) => _tag)).toEqual([
      "LeadsCreated",
      "LeadsEnrolled",
      "EventsRecorded"
    ])
    const told = (...kinds: ReadonlyArray<"lead.enrolled" | "lead.updated">) => ({
      _tag: "EventsRecorded",
      at: 9,
      events: kinds.map((kind) => ({ kind, campaignId, leadIds: [ava.id] }))
    })
    expect(decide({}, [{ email: ava.email }, { email: ava.email, firstName: "A" }]).at(-1)).toEqual(
      told("lead.enrolled")
    )
    expect(decide({ leads }, [{ email: ava.email }])).toEqual([enrolled, told("lead.enrolled")])
    expect(decide({ leads, campaign: paused }, [{ email: ava.email }])).toEqual([
      { ...enrolled, dueAt: 9 },
      told("lead.enrolled")
    ])
    expect(decide({ leads }, [{ email: ava.email, firstName: "A" }])).toEqual([
      changed,
      enrolled,
      told("lead.enrolled", "lead.updated")
    ])
  })

  it("UP-8: a row whose merge would pass the limit fails, and the lead stays as it is", () => {
    const fields = Object.fromEntries(Array.from({ length: Limits.maxCustomFields }, (_, i) => [`f${i}`, i]))
    const ava = leadOf({ email: "ava@acmecorp.com", customFields: fields })
    const batch = batchOf([parseLead({ email: ava.email, one: 1, f0: 2 })], {
      campaignId,
      onInvalid: "report",
      ulid
    })
    const { answer, changes } = Result.getOrThrow(
      decideUpsert(snapshot({ leads: new Map([[ava.key, ava]]) }), batch, 9)
    )
    expect(changes).toEqual([])
    const message = "with the fields that it has, the lead would pass 500 custom fields"
    const issues = [{ path: "customFields", reason: "TooManyFields", message }]
    expect(answer.outcomes).toEqual([{ index: 0, email: ava.email, outcome: "failed", issues }])
  })

  it("UP-6: a batch under reject without a failed row lands", () => {
    const batch = batchOf([parseLead({ email: "ava@acmecorp.com" })], {
      campaignId,
      onInvalid: "reject",
      ulid
    })
    const { answer, changes } = Result.getOrThrow(decideUpsert(snapshot(), batch, 9))
    expect([answer.enrolled, changes.length]).toEqual([1, 3])
  })

  it("UP-3: the rows of one address fold into one change, which holds what the last one said", () => {
    const ava = leadOf({ email: "ava@acmecorp.com", firstName: "Ava" })
    const rows = ["A", "B", "B"].map((firstName) => ({ email: ava.email, firstName }))
    const [change] = decide({ leads: new Map([[ava.key, ava]]) }, rows)
    expect(change).toEqual({ _tag: "LeadsChanged", leads: [{ ...ava, firstName: "B", updatedAt: 9 }] })
  })

  it("UP-3, EV-1: a lead that its batch changes and puts back is neither written nor told of", () => {
    // FAULTS 59.
    const { email } = leadOf({ email: "ava@acmecorp.com" })
    const ava = leadOf({ email, firstName: "Ava", plan: "pro" })
    const decided = (...rows: ReadonlyArray<object>) =>
      decide(
        { leads: new Map([[ava.key, ava]]), enrolled: new Set([ava.key]) },
        rows.map((row) => ({ email, ...row }))
      )
    expect(decided({ firstName: " " }, { firstName: "Ava" })).toEqual([])
    expect(decided({ plan: "free" }, { company: "Acme" }, { company: null, plan: "pro" })).toEqual([])
    // A custom field that came with the batch stays, so this lead is another one.
    for (const rows of [[{ seats: 1 }, { seats: null }], [{ plan: 1 }, { plan: "1" }], [{ firstName: "A" }]])
      expect(decided(...rows).map(({ _tag }) => _tag)).toEqual(["LeadsChanged", "EventsRecorded"])
    expect(decided({ plan: "free" }, { plan: "pro" }, { plan: "x" })[0]).toEqual({
      _tag: "LeadsChanged",
      leads: [{ ...ava, customFields: { plan: "x" }, updatedAt: 9 }]
    })
  })
})

describe("a claim and a record", () => {
  const lead = leadOf({ email: "ava@acmecorp.com" })
  const other = { ...leadOf({ email: "bo@gone.com" }), id: Ids.leadId(ulid, 1) }
  const place = (of: Lead): Enrollment => ({
    campaignId,
    leadId: of.id,
    position: 0,
    state: "active",
    endReason: null,
    enrolledAt: 1,
    repliedAt: null,
    endedAt: null
  })
  const inContext = (of: Lead, dueAt: number, fields: Partial<Message> = {}): MessageInContext => {
    const id = Ids.messageId(running.workspaceId, campaignId, of.id, 0)
    const message = { ...queuedMessage(id, place(of), 0, dueAt), ...fields }
    return { message, campaign: running, lead: of, enrollment: place(of) }
  }
  const lease = { token: Ids.claimToken(ulid), until: 99 }
  const claiming = { lease, moment: at9, limit: 10, maxBytes: 1_000 }
  const none = { messages: [], bytes: 0, ended: 0, isFull: false, isCut: false }
  const seen = (found: ReadonlyArray<MessageInContext>, fields: Partial<Snapshot> = {}) =>
    snapshot({ messages: new Map(found.map((each) => [each.message.id, each])), ...fields })

  it("DE-1, DE-2: what can be claimed is leased, and what cannot is left as it is", () => {
    const due = inContext(lead, 9)
    const held = [
      inContext(other, 10),
      inContext(other, 1, { lease }),
      inContext(other, 1, { state: "sent" }),
      { ...inContext(other, 1), campaign: paused }
    ]
    for (const waiting of held) {
      expect(decideClaim(seen([due, waiting]), claiming)).toEqual({
        changes: [{ _tag: "MessagesLeased", ids: [due.message.id], lease }],
        answer: {
          messages: [
            {
              messageId: due.message.id,
              attempt: 1,
              claimToken: lease.token,
              leasedUntil: lease.until,
              to: lead.email,
              subject: "s",
              html: "b",
              workspaceId: running.workspaceId,
              campaignId,
              step: 0,
              lead
            }
          ],
          bytes: 2,
          ended: 0,
          isFull: false,
          isCut: false
        }
      })
      expect(decideClaim(seen([waiting]), claiming)).toEqual({ changes: [], answer: none })
    }
  })

  it("SU-3: what the list covers is not handed out, and ends", () => {
    const entry = "@gone.com" as const
    const suppressions = new Map([[entry, { entry, reason: "r", suppressedAt: 1 }]])
    expect(decideClaim(seen([inContext(other, 9)], { suppressions }), claiming)).toEqual({
      changes: [{ _tag: "EnrollmentsEnded", entries: [other.key], reason: "suppressed", endedAt: 9 }],
      answer: { ...none, ended: 1 }
    })
  })

  it("DE-4: a message whose lease has run out for the last time ends, and is not handed out", () => {
    const ranOut = { token: lease.token, until: 8 }
    const [last, before] = [Limits.maxFailures - 1, Limits.maxFailures - 2].map((failures, index) =>
      inContext(index === 0 ? lead : other, 1, { attempt: 40, failures, lease: ranOut })
    )
    if (last === undefined || before === undefined) throw new Error("two messages")
    const { answer, changes } = decideClaim(seen([last, before]), claiming)
    expect(answer).toMatchObject({ messages: [{ messageId: before.message.id, attempt: 41 }], ended: 1 })
    expect(changes).toEqual([
      {
        _tag: "MessagesChanged",
        messages: [{ ...last.message, state: "failed", failures: Limits.maxFailures, lease: null }]
      },
      {
        _tag: "EnrollmentsChanged",
        enrollments: [{ ...last.enrollment, state: "ended", endReason: "failed", endedAt: 9 }]
      },
      {
        _tag: "EventsRecorded",
        at: 9,
        events: [{ kind: "enrollment.ended", reason: "failed", enrollments: 1, leadIds: [lead.id] }]
      },
      { _tag: "MessagesLeased", ids: [before.message.id], lease }
    ])
  })

  it("TK-6: a claim ends when the next message would pass its bytes, and takes no more than it may", () => {
    const both = seen([inContext(lead, 1), inContext(other, 2)])
    const claimed = (fields: Partial<typeof claiming>) => decideClaim(both, { ...claiming, ...fields }).answer
    expect(claimed({ maxBytes: 4 })).toMatchObject({
      messages: [{}, {}],
      bytes: 4,
      isFull: false,
      isCut: false
    })
    expect(claimed({ maxBytes: 3 })).toMatchObject({ messages: [{}], bytes: 2, isFull: true })
    expect(claimed({ limit: 1 })).toMatchObject({ messages: [{}], bytes: 2, isFull: false, isCut: false })
  })

  const reported = (found: MessageInContext, fact: ReportedFact): DeliveryReport => ({
    messageId: found.message.id,
    name: { workspaceId: running.workspaceId, campaignId, leadId: found.lead.id, step: 0 },
    at: null,
    fact
  })

  it("DE-3: a record holds the changes that there are, and no empty ones", () => {
    const claimed = inContext(lead, 1, { attempt: 1, lease })
    const changesOf = (fact: ReportedFact, from = claimed) =>
      decideRecord(seen([from]), [reported(from, fact)], at9).changes
    const { message } = claimed
    const told = (...events: ReadonlyArray<object>) => ({ _tag: "EventsRecorded", at: 9, events })
    const leadIds = [lead.id]
    expect(
      changesOf({ type: "failed", claimToken: lease.token, kind: "error", retryAfterSeconds: 1 })
    ).toEqual([
      { _tag: "MessagesChanged", messages: [{ ...message, dueAt: 1_009, failures: 1, lease: null }] }
    ])
    expect(
      changesOf({ type: "failed", claimToken: "claim_none", kind: "error", retryAfterSeconds: null })
    ).toEqual([])
    expect(changesOf({ type: "unsubscribed" })).toEqual([
      {
        _tag: "SuppressionsAdded",
        suppressions: [{ entry: lead.key, reason: "unsubscribed", suppressedAt: 9 }]
      },
      { _tag: "MessagesChanged", messages: [{ ...message, unsubscribedAt: 9 }] },
      told({ kind: "lead.suppressed", cause: "unsubscribed", entries: 1, leadIds }),
      { _tag: "EnrollmentsEnded", entries: [lead.key], reason: "unsubscribed", endedAt: 9 }
    ])
    const sent = { ...message, state: "sent" as const, sentAt: 9, lease: null }
    expect(changesOf({ type: "sent" })).toEqual([
      { _tag: "MessagesChanged", messages: [sent] },
      {
        _tag: "EnrollmentsChanged",
        enrollments: [{ ...place(lead), position: 1, state: "completed", endedAt: 9 }]
      },
      told(
        { kind: "message.sent", messageIds: [message.id], leadIds },
        { kind: "enrollment.ended", reason: "completed", enrollments: 1, leadIds }
      )
    ])
    expect(changesOf({ type: "sent" }, { ...claimed, message: sent })).toEqual([])
  })

  it("ER-1: a report on a lead that was erased is recorded, and puts nobody on the list", () => {
    const gone = { ...inContext(nobodyOf(lead, 5), 1, { state: "sent", sentAt: 1 }) }
    const bounced = reported(gone, { type: "bounced", kind: "hard" })
    expect(decideRecord(seen([gone]), [bounced], at9)).toEqual({
      changes: [
        { _tag: "MessagesChanged", messages: [{ ...gone.message, bouncedAt: 9, hardBouncedAt: 9 }] },
        {
          _tag: "EventsRecorded",
          at: 9,
          events: [
            {
              kind: "message.bounced",
              bounceType: "hard",
              messageIds: [gone.message.id],
              leadIds: [lead.id]
            }
          ]
        }
      ],
      answer: [{ outcome: "recorded" }]
    })
  })

  it("DE-3: events tell of each thing once, a reply and a failure with the enrolments that they end", () => {
    const [first, second] = [
      inContext(lead, 1, { failures: Limits.maxFailures - 1, lease }),
      inContext(other, 1)
    ]
    const replied = { type: "replied", class: null } as const
    const failed = {
      type: "failed",
      claimToken: lease.token,
      kind: "error",
      retryAfterSeconds: null
    } as const
    const reports = [reported(first, failed), reported(second, replied), reported(second, replied)]
    const told = decideRecord(seen([first, second]), reports, at9).changes.at(-1)
    const messageIds = [second.message.id]
    const leadIds = [other.id]
    expect(told?._tag === "EventsRecorded" && told.events).toEqual([
      { kind: "message.sent", messageIds, leadIds },
      { kind: "reply.received", messageIds, leadIds },
      { kind: "enrollment.ended", reason: "failed", enrollments: 1, leadIds: [lead.id] },
      { kind: "enrollment.ended", reason: "completed", enrollments: 1, leadIds }
    ])
  })
})

describe("an erasure", () => {
  const ava = leadOf({ email: "Ava@AcmeCorp.com", firstName: "Ava", customFields: { plan: "pro" } })
  const leads = new Map([[ava.key, ava]])
  const nobody = {
    id: ava.id,
    key: `erased:${ava.id}`,
    email: "",
    firstName: null,
    lastName: null,
    company: null,
    jobTitle: null,
    customFields: {},
    createdAt: 1,
    updatedAt: 9
  }
  const ends = { _tag: "EnrollmentsEnded", entries: [ava.key], reason: "suppressed", endedAt: 9 }
  const forgets = { _tag: "AddressesForgotten", keys: [ava.key], suppressedAt: 9 }
  const answerOf = (erased: boolean) => ({ erased: erased ? 1 : 0, outcomes: [{ index: 0, erased }] })
  const told = (entries: number, leadIds: ReadonlyArray<string>) => ({
    _tag: "EventsRecorded",
    at: 9,
    events: [{ kind: "lead.suppressed", cause: "erased", entries, leadIds }]
  })

  it("ER-1: ends the enrolments, leaves of the record an id and its time, and forgets the address", () => {
    expect(decideErase(snapshot({ leads }), [ava.key], 9)).toEqual({
      changes: [
        told(1, [ava.id]),
        ends,
        { _tag: "LeadsErased", leads: [{ key: ava.key, anonymised: nobody }] },
        forgets
      ],
      answer: answerOf(true)
    })
    expect([ava, nobodyOf(ava, 9)].map(isErased)).toEqual([false, true])
  })

  it("ER-1: of an address that is no lead, and of one on the list, it tells what is new, and always forgets", () => {
    const suppressions = new Map([[ava.key, { entry: ava.key, reason: "r", suppressedAt: 1 }]])
    expect(decideErase(snapshot(), [ava.key], 9)).toEqual({
      changes: [told(1, []), ends, forgets],
      answer: answerOf(false)
    })
    expect(decideErase(snapshot({ leads, suppressions }), [ava.key], 9).changes.at(0)).toEqual(
      told(0, [ava.id])
    )
    expect(decideErase(snapshot({ suppressions }), [ava.key], 9)).toEqual({
      changes: [ends, forgets],
      answer: answerOf(false)
    })
  })
  it("ER-1: erases an address that comes twice once, by its first place", () => {
    const bo = leadOf({ email: "bo@example.com" }).key
    expect(decideErase(snapshot({ leads }), [bo, ava.key, ava.key, bo], 9)).toEqual({
      changes: [
        told(2, [ava.id]),
        { ...ends, entries: [bo, ava.key] },
        { _tag: "LeadsErased", leads: [{ key: ava.key, anonymised: nobody }] },
        { ...forgets, keys: [bo, ava.key] }
      ],
      answer: {
        erased: 1,
        outcomes: [
          { index: 0, erased: false },
          { index: 1, erased: true },
          { index: 2, erased: false },
          { index: 3, erased: false }
        ]
      }
    })
  })
})
