/**
 * What a report changes (DE-1, DE-3, SQ-1, SQ-5, SQ-6). Reports are folded in order, each seeing the effects of the
 * ones before it, and each has an outcome of its own: no order, no repetition and no stranger among them costs the
 * record of another. A send is recorded once per message, whenever it is told of, and never starts what has ended.
 */
import { type Change, type Decision, events } from "../model/Decision.ts"
import type { EmailKey } from "../model/EmailAddress.ts"
import type { EndReason, Enrollment } from "../model/Enrollment.ts"
import type { BounceType, Happening } from "../model/Event.ts"
import { type CampaignId, type LeadId, type MessageId, messageId } from "../model/Ids.ts"
import { isErased } from "../model/Lead.ts"
import * as Limits from "../model/Limits.ts"
import { type Lease, type Message, type MessageInContext, queuedMessage } from "../model/Message.ts"
import type { RowIssue } from "../model/Report.ts"
import type { Snapshot } from "../model/Snapshot.ts"
import type { Suppression } from "../model/Suppression.ts"
import { fnv1a } from "./fnv1a.ts"
import type { Moment } from "./moment.ts"
import type { DeliveryReport, ReplyClass, ReportedFact } from "./parseReport.ts"

/**
 * The reason why a report about a claimed message changes nothing: the message is no longer
 * pending, the token is not that of its current claim, or the lease that was to be extended has run
 * out.
 */
export type IgnoredReason = "NotPending" | "StaleToken" | "LeaseExpired"

/** What one report came to. */
export type Judgement =
  | { readonly outcome: "recorded" | "repeated" }
  | { readonly outcome: "ignored"; readonly reason: IgnoredReason }
  | { readonly outcome: "failed"; readonly issues: ReadonlyArray<RowIssue> }

const recorded: Judgement = { outcome: "recorded" }
const repeated: Judgement = { outcome: "repeated" }
const ignored = (reason: IgnoredReason): Judgement => ({ outcome: "ignored", reason })
/** The judgement of a report whose message is not there, or is another workspace's. */
export const unknownMessage = {
  outcome: "failed",
  issues: [
    { path: "messageId", reason: "UnknownMessage", message: "there is no such message in this workspace" }
  ]
} satisfies Judgement

const day = 86_400_000

/** The time that a report speaks of: none in the future, and none before the enrolment. */
const timeOfFact = (at: number | null, { enrolledAt }: Enrollment, now: number): number =>
  Math.max(Math.min(at ?? now, now), Math.min(enrolledAt, now))

/** A number from 0 to 1 that a text decides: the same for every store and every run. */
const fraction = (text: string): number => fnv1a(text) / 0x1_0000_0000

/**
 * Milliseconds until a message is due again after its n-th failure: a minute, doubled with each
 * failure up to six hours, plus jitter of up to half. The jitter follows from message and failure,
 * so that messages that failed together are not retried together.
 */
export const backoff = (id: MessageId, failures: number): number => {
  const base = Math.min(60_000 * 2 ** Math.max(0, failures - 1), 6 * 3_600_000)
  return Math.round(base * (1 + fraction(`${id}#${failures}`) / 2))
}

/** The effects of the reports so far, over the snapshot. */
class Fold {
  private readonly snapshot: Snapshot
  private readonly now: number
  private readonly realNow: number
  private readonly changed = new Map<MessageId, Message>()
  private readonly queued = new Map<MessageId, MessageInContext>()
  private readonly enrollments = new Map<CampaignId, Map<LeadId, Enrollment>>()
  private readonly suppressed = new Map<EmailKey, Suppression>()
  private readonly ended = new Map<EmailKey, "bounced" | "unsubscribed">()
  /** What is news, by the event that tells of it. */
  private readonly messageNews = new Map<MessageNews, Array<Message>>()
  private readonly suppressionNews = new Map<"bounced" | "unsubscribed", Array<LeadId>>()
  private readonly endNews = new Map<EndReason | "completed", Array<LeadId>>()

  constructor(snapshot: Snapshot, { now, realNow }: Moment) {
    this.snapshot = snapshot
    this.now = now
    this.realNow = realNow
  }

  judge({ at: told, fact, messageId: id }: DeliveryReport): Judgement {
    const found = this.snapshot.messages.get(id) ?? this.queued.get(id)
    if (found === undefined) return unknownMessage
    // A reporter has no test clock: its times are real ones, which mean nothing here (TC-3).
    const isTest = typeof this.snapshot.workspace?.testClock === "number"
    const at = isTest ? this.now : timeOfFact(told, found.enrollment, this.now)
    switch (fact.type) {
      case "sent":
        return outcomeOf(this.send(found, at))
      case "delivered":
        return outcomeOf(this.deliver(found, at))
      case "opened":
        return outcomeOf(this.deliver(found, at), this.note(found, "openedAt", at))
      case "replied":
        return this.reply(found, fact.class, at)
      case "bounced":
        return outcomeOf(this.send(found, at), this.bounce(found, fact.kind, at))
      case "unsubscribed":
        return outcomeOf(this.unsubscribe(found, at))
      case "failed":
        return this.inHand(found, fact.claimToken, (message) => this.fail(found, message, fact, at))
      case "released":
        return this.inHand(found, fact.claimToken, () => {
          this.change(found, { lease: null })
          return recorded
        })
      case "extended":
        return this.inHand(found, fact.claimToken, (_, lease) =>
          this.extend(found, lease, this.realNow + fact.leaseSeconds * 1_000)
        )
    }
  }

  changes(): ReadonlyArray<Change> {
    const changes: Array<Change> = []
    const queued = [...this.queued.values()].map((found) => this.messageOf(found))
    const changed = [...this.changed.values()].filter(({ id }) => !this.queued.has(id))
    if (this.suppressed.size > 0)
      changes.push({ _tag: "SuppressionsAdded", suppressions: [...this.suppressed.values()] })
    // In this order an enrolment has one pending message at each moment (SQ-2).
    if (changed.length > 0) changes.push({ _tag: "MessagesChanged", messages: changed })
    if (queued.length > 0) changes.push({ _tag: "MessagesQueued", messages: queued })
    const enrollments = [...this.enrollments.values()].flatMap((inCampaign) => [...inCampaign.values()])
    if (enrollments.length > 0) changes.push({ _tag: "EnrollmentsChanged", enrollments })
    changes.push(...events(this.now, this.happenings()))
    for (const reason of ["bounced", "unsubscribed"] as const) {
      const entries = [...this.ended].flatMap(([key, why]) => (why === reason ? [key] : []))
      if (entries.length > 0) changes.push({ _tag: "EnrollmentsEnded", entries, reason, endedAt: this.now })
    }
    return changes
  }

  private happenings(): ReadonlyArray<Happening> {
    const found: Array<Happening> = []
    for (const [news, messages] of this.messageNews) {
      const messageIds = messages.map(({ id }) => id)
      found.push({ ...messageNews[news], messageIds, leadIds: messages.map(({ leadId }) => leadId) })
    }
    for (const [cause, leadIds] of this.suppressionNews)
      found.push({ kind: "lead.suppressed", cause, entries: leadIds.length, leadIds })
    for (const [reason, leadIds] of this.endNews)
      found.push({ kind: "enrollment.ended", reason, enrollments: leadIds.length, leadIds })
    return found
  }

  private messageOf({ message }: MessageInContext): Message {
    return this.changed.get(message.id) ?? message
  }

  /**
   * An enrolment as this decision writes it. One that a suppression ends is active here:
   * `EnrollmentsEnded` ends it.
   */
  private writtenOf({ enrollment }: MessageInContext): Enrollment {
    return this.enrollments.get(enrollment.campaignId)?.get(enrollment.leadId) ?? enrollment
  }

  /** Whether an enrolment is active after the reports so far. */
  private isActive(found: MessageInContext): boolean {
    return this.writtenOf(found).state === "active" && !this.ended.has(found.lead.key)
  }

  private change(found: MessageInContext, fields: Partial<Message>): void {
    this.changed.set(found.message.id, { ...this.messageOf(found), ...fields })
  }

  /** Records a fact the first time that it is told. */
  private note(
    found: MessageInContext,
    fact: "deliveredAt" | "openedAt" | "bouncedAt" | "hardBouncedAt" | "repliedAt" | "unsubscribedAt",
    at: number
  ): boolean {
    if (this.messageOf(found)[fact] !== null) return false
    this.change(found, { [fact]: at })
    return true
  }

  /** The position grows, and the next step is queued or the enrolment completed, if it is active still (SQ-1, SQ-5). */
  private send(found: MessageInContext, at: number): boolean {
    const message = this.messageOf(found)
    if (message.sentAt !== null) return false
    this.changed.set(message.id, { ...message, state: "sent", sentAt: at, lease: null })
    add(this.messageNews, "sent", message)
    const position = message.step + 1
    const next = found.campaign.steps[position]
    this.changeEnrollment(found, { position })
    if (!this.isActive(found)) return true
    if (next === undefined) this.end(found, "completed")
    else this.queue(found, position, at + next.delayDays * day)
    return true
  }

  private changeEnrollment(found: MessageInContext, fields: Partial<Enrollment>): void {
    const enrollment = { ...this.writtenOf(found), ...fields }
    const { campaignId, leadId } = enrollment
    const inCampaign = this.enrollments.get(campaignId)
    if (inCampaign === undefined) this.enrollments.set(campaignId, new Map([[leadId, enrollment]]))
    else inCampaign.set(leadId, enrollment)
  }

  private queue(found: MessageInContext, step: number, dueAt: number): void {
    const { campaign, enrollment, lead } = found
    const id = messageId(campaign.workspaceId, campaign.id, lead.id, step)
    this.queued.set(id, { campaign, enrollment, lead, message: queuedMessage(id, enrollment, step, dueAt) })
  }

  private deliver(found: MessageInContext, at: number): boolean {
    const sent = this.send(found, at)
    return this.note(found, "deliveredAt", at) || sent
  }

  /** A hard bounce suppresses the address; a soft one is recorded, and ends nothing (SQ-6). */
  private bounce(found: MessageInContext, type: BounceType, at: number): boolean {
    const isFirst = this.note(found, "bouncedAt", at)
    const isNews = type === "hard" ? this.note(found, "hardBouncedAt", at) : isFirst
    if (isNews) add(this.messageNews, type, found.message)
    return type === "hard" && isNews ? this.suppress(found, "bounced") : isNews
  }

  private unsubscribe(found: MessageInContext, at: number): boolean {
    return this.note(found, "unsubscribedAt", at) && this.suppress(found, "unsubscribed")
  }

  /** Suppresses the address and ends its enrolments in every campaign (SQ-6). An erasure has done both already (ER-1). */
  private suppress({ lead }: MessageInContext, reason: "bounced" | "unsubscribed"): true {
    if (isErased(lead)) return true
    const { id, key } = lead
    if (!this.snapshot.suppressions.has(key) && !this.suppressed.has(key)) {
      this.suppressed.set(key, { entry: key, reason, suppressedAt: this.now })
      add(this.suppressionNews, reason, id)
    }
    if (!this.ended.has(key)) this.ended.set(key, reason)
    return true
  }

  private reply(found: MessageInContext, as: ReplyClass | null, at: number): Judgement {
    if (as === "bounce") return outcomeOf(this.send(found, at), this.bounce(found, "hard", at))
    const delivered = this.deliver(found, at)
    if (as === "out_of_office") return outcomeOf(delivered)
    const replied = this.note(found, "repliedAt", at)
    if (replied) {
      add(this.messageNews, "replied", found.message)
      if (this.writtenOf(found).repliedAt === null) this.changeEnrollment(found, { repliedAt: at })
    }
    const unsubscribed = as === "unsubscribe" && this.unsubscribe(found, at)
    this.end(found, "replied")
    return outcomeOf(delivered, replied, unsubscribed)
  }

  /** Judges a report about a claimed message, if it has the token of the current claim. */
  private inHand(
    found: MessageInContext,
    token: string,
    judge: (message: Message, lease: Lease) => Judgement
  ): Judgement {
    const message = this.messageOf(found)
    if (message.state !== "pending" || !this.isActive(found)) return ignored("NotPending")
    const { lease } = message
    return lease?.token === token ? judge(message, lease) : ignored("StaleToken")
  }

  /** The message waits for another attempt, or has failed for good (DE-4). */
  private fail(
    found: MessageInContext,
    message: Message,
    { kind, retryAfterSeconds }: Extract<ReportedFact, { type: "failed" }>,
    at: number
  ): Judgement {
    const next = message.failures + 1
    const failures = kind === "throttled" ? message.failures : next
    if (failures >= Limits.maxFailures) {
      this.change(found, { state: "failed", failures, lease: null })
      this.end(found, "failed")
    } else {
      const wait = retryAfterSeconds === null ? backoff(message.id, next) : retryAfterSeconds * 1_000
      this.change(found, { dueAt: at + wait, failures, lease: null })
    }
    return recorded
  }

  /** A lease that holds is lengthened, and never shortened (DE-4). */
  private extend(found: MessageInContext, lease: Lease, until: number): Judgement {
    if (lease.until <= this.realNow) return ignored("LeaseExpired")
    if (lease.until >= until) return repeated
    this.change(found, { lease: { ...lease, until } })
    return recorded
  }

  /** Ends one enrolment, if it is active still; the event lists its lead. */
  private end(found: MessageInContext, reason: EndReason | "completed"): void {
    if (!this.isActive(found)) return
    add(this.endNews, reason, found.lead.id)
    const over = { endedAt: this.now }
    if (reason === "completed") this.changeEnrollment(found, { ...over, state: "completed" })
    else this.changeEnrollment(found, { ...over, state: "ended", endReason: reason })
  }
}

/** The events that list messages, without their lists. */
const messageNews = {
  sent: { kind: "message.sent" },
  hard: { kind: "message.bounced", bounceType: "hard" },
  soft: { kind: "message.bounced", bounceType: "soft" },
  replied: { kind: "reply.received" }
} as const
type MessageNews = keyof typeof messageNews

const add = <K, V>(groups: Map<K, Array<V>>, group: K, value: V): void => {
  const values = groups.get(group)
  if (values === undefined) groups.set(group, [value])
  else values.push(value)
}

const outcomeOf = (...news: ReadonlyArray<boolean>): Judgement => (news.includes(true) ? recorded : repeated)

/** Judges reports of one workspace, in order; the answer has one judgement for each. */
export const decideRecord = (
  snapshot: Snapshot,
  reports: ReadonlyArray<DeliveryReport>,
  moment: Moment
): Decision<ReadonlyArray<Judgement>> => {
  const fold = new Fold(snapshot, moment)
  const answer = reports.map((report) => fold.judge(report))
  return { changes: fold.changes(), answer }
}
