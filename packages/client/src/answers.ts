/**
 * The answers of the API, as they are in JSON: times are ISO 8601 in UTC. A test holds each type
 * against the contract of `@leadterra/http`, so the package needs neither that one nor its schemas.
 */

export type CampaignStatus = "draft" | "running" | "paused"

export interface SequenceStep {
  readonly subject: string
  readonly bodyHtml: string
  readonly delayDays: number
}

export interface Campaign {
  readonly id: string
  readonly name: string
  readonly status: CampaignStatus
  readonly sequenceSteps: ReadonlyArray<SequenceStep>
  readonly createdAt: string
  readonly startedAt: string | null
  readonly pausedAt: string | null
}

/** A hint about a step, such as a token that no lead has. `step` counts from 0. */
export interface StepLint {
  readonly step: number
  readonly field: "subject" | "bodyHtml"
  readonly message: string
}

/** A campaign and its revision, which goes into `ifMatch` of a change. */
export interface TaggedCampaign {
  readonly campaign: Campaign
  readonly etag: string
}

export interface LintedCampaign extends TaggedCampaign {
  readonly lints: ReadonlyArray<StepLint>
}

export interface CampaignPage {
  readonly campaigns: ReadonlyArray<Campaign>
  /** Goes into `after` of the next call; null on the last page. */
  readonly next: string | null
}

export interface StartAnswer {
  readonly campaign: {
    readonly id: string
    readonly status: CampaignStatus
    readonly startedAt: string
    readonly leadsEnrolled: number
    readonly queuedMessages: number
  }
}

export interface PauseAnswer {
  readonly id: string
  readonly status: CampaignStatus
  readonly pausedAt: string | null
}

export interface Stats {
  readonly campaignId: string
  readonly totalEnrolled: number
  readonly sent: number
  readonly delivered: number
  readonly bounced: number
  readonly hardBounced: number
  readonly replied: number
  readonly queued: number
  readonly openRate: number
  readonly replyRate: number
}

export type FieldValue = string | number | boolean | null

export interface Lead {
  readonly id: string
  readonly email: string
  readonly firstName: string | null
  readonly lastName: string | null
  readonly company: string | null
  readonly jobTitle: string | null
  readonly customFields: { readonly [field: string]: FieldValue }
  readonly createdAt: string
  readonly updatedAt: string
}

export interface LeadPage {
  readonly leads: ReadonlyArray<Lead>
  /** Goes into `after` of the next call; null on the last page. */
  readonly next: string | null
}

/** A fault of a row or an entry. `suggestion` is the address that was probably meant. */
export interface RowIssue {
  readonly path: string
  readonly reason: string
  readonly message: string
  readonly suggestion?: string
}

export interface RowOutcome {
  readonly index: number
  readonly email: string | null
  readonly outcome: "enrolled" | "updated" | "skipped" | "failed"
  readonly issues?: ReadonlyArray<RowIssue>
}

/** The counts of a batch, and the outcome of each row in order. */
export interface PreviewAnswer {
  readonly result: {
    readonly enrolled: number
    readonly updated: number
    readonly skipped: number
    readonly totalInCampaign: number
    readonly failed: number
  }
  readonly outcomes: ReadonlyArray<RowOutcome>
}

export interface BulkAnswer extends PreviewAnswer {
  /** True when the batch had landed before under its key, and this is its first answer. */
  readonly replayed: boolean
}

export interface PendingMessage {
  readonly id: string
  readonly step: number
  readonly dueAt: string
  readonly attempt: number
  readonly failures: number
}

export type EndReason = "suppressed" | "bounced" | "unsubscribed" | "replied" | "failed"

export interface Enrollment {
  readonly campaignId: string
  readonly leadId: string
  readonly position: number
  readonly state: "active" | "completed" | "ended"
  readonly endReason: EndReason | null
  readonly enrolledAt: string
  readonly repliedAt: string | null
  readonly endedAt: string | null
  readonly pending: PendingMessage | null
}

/** The one reason that holds now; the optional members depend on it. */
export interface Verdict {
  readonly reason:
    | "suppressed"
    | "notEnrolled"
    | "notStarted"
    | "completed"
    | "ended"
    | "paused"
    | "claimed"
    | "waiting"
    | "exhausted"
    | "oversized"
    | "due"
  readonly why?: string
  readonly since?: string
  readonly until?: string
  readonly dueAt?: string
  readonly step?: number
  readonly attempt?: number
}

export interface ExplainedMessage {
  readonly messageId: string
  readonly step: number
  readonly state: "pending" | "sent" | "cancelled" | "failed"
  readonly attempt: number
  readonly failures: number
  readonly sentAt: string | null
  readonly deliveredAt: string | null
  readonly openedAt: string | null
  readonly bouncedAt: string | null
  readonly hardBouncedAt: string | null
  readonly repliedAt: string | null
  readonly unsubscribedAt: string | null
}

export interface Explanation {
  readonly summary: string
  readonly verdict: Verdict
  readonly status: CampaignStatus
  readonly suppression: {
    readonly by: "address" | "domain"
    readonly reason: string
    readonly since: string
  } | null
  readonly messages: ReadonlyArray<ExplainedMessage>
}

export type ImportState = "queued" | "running" | "completed" | "failed" | "aborted"

/** An import: a list of any length into a campaign, as a job. */
export interface Import {
  readonly id: string
  readonly campaignId: string
  readonly state: ImportState
  /** Rows that were taken; the counts of `result` add up to them. */
  readonly rows: number
  readonly result: {
    readonly enrolled: number
    readonly updated: number
    readonly skipped: number
    readonly totalInCampaign: number
    readonly failed: number
  }
  /** Bytes of the list as it was sent, and how many of them were read. */
  readonly bytes: number
  readonly bytesRead: number
  /** The place to go on from: rows of the list that were taken or passed over. */
  readonly next: number
  /** Whether `resume` lets a failed import go on. */
  readonly resumable: boolean
  readonly failure: {
    readonly code: string
    readonly message: string
    readonly line: number | null
  } | null
  /** Null when no row has failed, or the rows are no longer kept. */
  readonly failedRows: {
    readonly format: "csv" | "ndjson"
    readonly rows: number
    readonly bytes: number
  } | null
  readonly createdAt: string
  readonly startedAt: string | null
  readonly endedAt: string | null
}

export interface ImportAnswer {
  readonly import: Import
}

export interface ImportPage {
  readonly imports: ReadonlyArray<Import>
  /** Goes into `after` of the next call; null on the last page. */
  readonly next: string | null
}

export interface EraseAnswer {
  readonly erased: number
  readonly outcomes: ReadonlyArray<{ readonly index: number; readonly erased: boolean }>
}

export interface Suppression {
  readonly entry: string
  readonly reason: string
  readonly suppressedAt: string
}

export interface SuppressionPage {
  readonly suppressions: ReadonlyArray<Suppression>
  /** Goes into `after` of the next call; null on the last page. */
  readonly next: string | null
}

export interface SuppressAnswer {
  readonly result: {
    readonly suppressed: number
    readonly alreadySuppressed: number
    readonly total: number
  }
  /** Entries that are no addresses. */
  readonly invalid?: ReadonlyArray<RowIssue & { readonly index: number }>
}

export interface SuppressionCheck {
  readonly email: string
  readonly suppressed: boolean
  readonly suppression: Suppression | null
}

/** A message that was handed out, rendered. `messageId` is the same for all attempts. */
export interface ClaimedMessage {
  readonly messageId: string
  readonly attempt: number
  readonly claimToken: string
  readonly leasedUntil: string
  readonly to: string
  readonly subject: string
  readonly html: string
  readonly campaignId: string
  readonly step: number
  readonly lead: Lead
  /** The unsubscribe link and the headers to send, where the server knows its public url. */
  readonly unsubscribe?: {
    readonly url: string
    readonly headers: { readonly "List-Unsubscribe": string; readonly "List-Unsubscribe-Post": string }
  }
}

export interface ReportOutcome {
  readonly index: number
  readonly messageId: string | null
  readonly outcome: "recorded" | "repeated" | "ignored" | "failed"
  readonly reason?: string
  readonly issues?: ReadonlyArray<RowIssue>
  readonly retryable?: boolean
}

/** The counts add up to the reports; the outcomes come in their order. */
export interface ReportsAnswer {
  readonly recorded: number
  readonly repeated: number
  readonly ignored: number
  readonly failed: number
  readonly outcomes: ReadonlyArray<ReportOutcome>
}

/** An event; the optional members depend on its kind. */
export interface Event {
  readonly sequence: number
  readonly at: string
  readonly kind:
    | "lead.enrolled"
    | "lead.updated"
    | "lead.suppressed"
    | "suppression.removed"
    | "campaign.started"
    | "campaign.paused"
    | "message.sent"
    | "message.bounced"
    | "reply.received"
    | "enrollment.ended"
  readonly campaignId?: string
  readonly leadIds?: ReadonlyArray<string>
  readonly messageIds?: ReadonlyArray<string>
  readonly cause?: "added" | "bounced" | "unsubscribed" | "erased"
  readonly bounceType?: "hard" | "soft"
  readonly reason?: EndReason | "completed"
  readonly entries?: number
  readonly enrollments?: number
  readonly leadsEnrolled?: number
  readonly queuedMessages?: number
  readonly actor?: string
}

/** An event of the stream, with the cursor that goes on behind it. */
export interface FollowedEvent extends Event {
  readonly cursor: string
}

export interface EventPage {
  readonly events: ReadonlyArray<Event>
  /** Goes into `after` of the next call, on the last page too; null before the first event. */
  readonly next: string | null
  /** Whether there are more events by now. */
  readonly more: boolean
}

/** The time of a test clock, which stands still until the next advance. */
export interface TestClockTime {
  readonly now: string
}

export type WebhookEvent =
  | "campaign.started"
  | "message.sent"
  | "message.bounced"
  | "reply.received"
  | "webhook.disabled"

/** An endpoint that is told of events. */
export interface Webhook {
  readonly id: string
  readonly url: string
  readonly events: ReadonlyArray<WebhookEvent>
  readonly status: "active" | "disabled"
  readonly createdAt: string
  /** `failing`: no attempt had succeeded for three days. `gone`: the endpoint answered 410. */
  readonly disabledReason: "requested" | "failing" | "gone" | null
  readonly disabledAt: string | null
  /** The first failure since the last attempt that succeeded. */
  readonly failingSince: string | null
  /** While the secret rotates: until when the one before signs as well. */
  readonly previousSecretUntil: string | null
}

/** The one answer that holds the secret. */
export interface WebhookWithSecret extends Webhook {
  readonly secret: string
}

/** A delivery of one event. `id` is the `webhook-id` of its attempts. */
export interface WebhookDelivery {
  readonly id: string
  readonly event: WebhookEvent | "webhook.test"
  readonly campaignId?: string
  readonly messageId?: string
  readonly state: "pending" | "delivered" | "failed"
  readonly attempts: number
  readonly createdAt: string
  readonly nextAttemptAt: string | null
  readonly endedAt: string | null
  /** The status of the receiver's answer, or the reason why there was none. */
  readonly lastAttempt: {
    readonly at: string
    readonly status: number | null
    readonly reason: "timed_out" | "address_refused" | "not_resolved" | "connection_failed" | "lost" | null
  } | null
}

export interface WebhookDeliveryPage {
  readonly deliveries: ReadonlyArray<WebhookDelivery>
  readonly next: string | null
}
