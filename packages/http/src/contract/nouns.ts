/**
 * The nouns of the answers, in their published shapes. Handlers return what `@leadterra/core`
 * answers; encoding by these schemas renames, drops and writes times as ISO 8601 in UTC.
 */
import { Limits } from "@leadterra/core"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { asMade } from "./asMade.ts"
import { isoTime } from "./isoTime.ts"

/** A moment: milliseconds since 1970 here, ISO 8601 in JSON. */
export const Time = Schema.String.annotate({ format: "date-time" }).pipe(
  Schema.decodeTo(
    Schema.Finite,
    SchemaTransformation.transform({
      decode: (text: string) => Date.parse(text),
      encode: isoTime
    })
  )
)

export const nullableTime = Schema.NullOr(Time)

/** A page of a list: `next` goes into `after` of the next call, and is null on the last page. */
export const next = Schema.NullOr(Schema.String)

const isPageSize = Schema.makeFilter((value: number) =>
  Number.isInteger(value) && value >= 1 && value <= Limits.maxPageSize
    ? undefined
    : `must be a whole number from 1 to ${Limits.maxPageSize}`
)

/** Which page: after which entry, and of how many. */
export const pageQuery = {
  after: Schema.optionalKey(Schema.String),
  limit: Schema.optionalKey(Schema.FiniteFromString.check(isPageSize))
}

export const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

export const CampaignStatus = Schema.Literals(["draft", "running", "paused"])

export const SequenceStep = Schema.Struct({
  subject: Schema.String,
  bodyHtml: Schema.String,
  delayDays: Schema.Finite
}).annotate({ identifier: "SequenceStep" })

export const Campaign = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  status: CampaignStatus,
  sequenceSteps: Schema.Array(SequenceStep),
  createdAt: Time,
  startedAt: nullableTime,
  pausedAt: nullableTime
}).annotate({ identifier: "Campaign" })

export const StepLint = Schema.Struct({
  step: Count,
  field: Schema.Literals(["subject", "bodyHtml"]),
  message: Schema.String
}).annotate({ identifier: "StepLint" })

export const FieldValue = Schema.NullOr(Schema.Union([Schema.String, Schema.Finite, Schema.Boolean]))

export const Lead = Schema.Struct({
  id: Schema.String,
  email: Schema.String,
  firstName: Schema.NullOr(Schema.String),
  lastName: Schema.NullOr(Schema.String),
  company: Schema.NullOr(Schema.String),
  jobTitle: Schema.NullOr(Schema.String),
  customFields: Schema.Record(Schema.String, FieldValue),
  createdAt: Time,
  updatedAt: Time
}).annotate({ identifier: "Lead" })

/** One thing that is wrong with a row or an entry. `suggestion` is the address that was probably meant (ID-4). */
export const RowIssue = Schema.Struct({
  path: Schema.String,
  reason: Schema.String,
  message: Schema.String,
  suggestion: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "RowIssue" })

export const RowOutcome = Schema.Struct({
  index: Count,
  email: Schema.NullOr(Schema.String),
  outcome: Schema.Literals(["enrolled", "updated", "skipped", "failed"]),
  issues: Schema.optionalKey(Schema.Array(RowIssue))
}).annotate({ identifier: "RowOutcome" })

/** The published counts of a batch, and the failed rows beside them (UP-1). */
export const BulkAnswer = Schema.Struct({
  result: Schema.Struct({
    enrolled: Count,
    updated: Count,
    skipped: Count,
    totalInCampaign: Count,
    failed: Count
  }),
  outcomes: asMade(RowOutcome)
}).annotate({ identifier: "BulkAnswer" })

const messageFacts = {
  sentAt: nullableTime,
  deliveredAt: nullableTime,
  openedAt: nullableTime,
  bouncedAt: nullableTime,
  hardBouncedAt: nullableTime,
  repliedAt: nullableTime,
  unsubscribedAt: nullableTime
}

export const PendingMessage = Schema.Struct({
  id: Schema.String,
  step: Count,
  dueAt: Time,
  attempt: Count,
  failures: Count
}).annotate({ identifier: "PendingMessage" })

export const EndReason = Schema.Literals(["suppressed", "bounced", "unsubscribed", "replied", "failed"])

export const Enrollment = Schema.Struct({
  campaignId: Schema.String,
  leadId: Schema.String,
  position: Count,
  state: Schema.Literals(["active", "completed", "ended"]),
  endReason: Schema.NullOr(EndReason),
  enrolledAt: Time,
  repliedAt: nullableTime,
  endedAt: nullableTime,
  pending: Schema.NullOr(PendingMessage)
}).annotate({ identifier: "Enrollment" })

const verdict = <Reason extends string, Members extends Schema.Struct.Fields>(
  reason: Reason,
  members: Members
) => Schema.Struct({ reason: Schema.Literal(reason), ...members })

const pendingSince = { since: Time, step: Count, attempt: Count }
const pendingUntil = { until: Time, step: Count, attempt: Count }

/** The one reason that holds now. */
export const Verdict = Schema.Union([
  verdict("suppressed", { why: Schema.String, since: Time }),
  verdict("notEnrolled", {}),
  verdict("notStarted", {}),
  verdict("completed", { since: Time }),
  verdict("ended", { why: EndReason, since: Time }),
  verdict("paused", { since: Time, step: Count, dueAt: Time }),
  verdict("claimed", pendingUntil),
  verdict("waiting", pendingUntil),
  verdict("exhausted", pendingSince),
  verdict("oversized", pendingSince),
  verdict("due", pendingSince)
]).annotate({ identifier: "Verdict" })

export const Explanation = Schema.Struct({
  summary: Schema.String.annotate({
    description: "The verdict as a sentence. It counts steps from 1, and members count them from 0."
  }),
  verdict: Verdict,
  status: CampaignStatus,
  suppression: Schema.NullOr(
    Schema.Struct({ by: Schema.Literals(["address", "domain"]), reason: Schema.String, since: Time })
  ),
  messages: Schema.Array(
    Schema.Struct({
      messageId: Schema.String,
      step: Count,
      state: Schema.Literals(["pending", "sent", "cancelled", "failed"]),
      attempt: Count,
      failures: Count,
      ...messageFacts
    })
  )
}).annotate({ identifier: "Explanation" })

export const Suppression = Schema.Struct({
  entry: Schema.String,
  reason: Schema.String,
  suppressedAt: Time
}).annotate({ identifier: "Suppression" })

/** A message that was handed out, rendered. `messageId` stays over all attempts. */
export const ClaimedMessage = Schema.Struct({
  messageId: Schema.String,
  attempt: Count,
  claimToken: Schema.String,
  leasedUntil: Time,
  to: Schema.String,
  subject: Schema.String,
  html: Schema.String,
  campaignId: Schema.String,
  step: Count,
  lead: Lead,
  /** The unsubscribe link and the headers to send, where the server knows its public url. */
  unsubscribe: Schema.optionalKey(
    Schema.Struct({
      url: Schema.String,
      headers: Schema.Struct({ "List-Unsubscribe": Schema.String, "List-Unsubscribe-Post": Schema.String })
    })
  )
}).annotate({ identifier: "ClaimedMessage" })

export const ReportOutcome = Schema.Struct({
  index: Count,
  messageId: Schema.NullOr(Schema.String),
  outcome: Schema.Literals(["recorded", "repeated", "ignored", "failed"]),
  reason: Schema.optionalKey(Schema.String),
  issues: Schema.optionalKey(Schema.Array(RowIssue)),
  retryable: Schema.optionalKey(Schema.Boolean)
}).annotate({ identifier: "ReportOutcome" })

/** The counts add up to the reports; the outcomes come in their order. */
export const ReportsAnswer = Schema.Struct({
  recorded: Count,
  repeated: Count,
  ignored: Count,
  failed: Count,
  outcomes: asMade(ReportOutcome)
}).annotate({ identifier: "ReportsAnswer" })

const event = <Kind extends string, Members extends Schema.Struct.Fields>(kind: Kind, members: Members) =>
  Schema.Struct({ sequence: Count, at: Time, kind: Schema.Literal(kind), ...members })

const ids = Schema.Array(Schema.String)
const ofLeads = { campaignId: Schema.String, leadIds: ids }
const ofEntries = { entries: Count, leadIds: ids }
const ofMessages = { messageIds: ids, leadIds: ids }

/** An event (EV-1). */
export const Event = Schema.Union([
  event("lead.enrolled", ofLeads),
  event("lead.updated", ofLeads),
  event("lead.suppressed", {
    cause: Schema.Literals(["added", "bounced", "unsubscribed", "erased"]),
    ...ofEntries
  }),
  event("suppression.removed", { actor: Schema.String, ...ofEntries }),
  event("campaign.started", { campaignId: Schema.String, leadsEnrolled: Count, queuedMessages: Count }),
  event("campaign.paused", { campaignId: Schema.String }),
  event("message.sent", ofMessages),
  event("message.bounced", { bounceType: Schema.Literals(["hard", "soft"]), ...ofMessages }),
  event("reply.received", ofMessages),
  event("enrollment.ended", {
    reason: Schema.Literals([...EndReason.literals, "completed"]),
    enrollments: Count,
    leadIds: ids
  })
]).annotate({ identifier: "Event" })
