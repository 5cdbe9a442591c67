/** The one error of the client. */

/** The codes of the API's problems. */
export const problemCodes = [
  "invalid_request",
  "no_leads_enrolled",
  "no_sequence_steps",
  "authentication_failed",
  "campaign_not_found",
  "lead_not_found",
  "import_not_found",
  "failed_rows_not_found",
  "webhook_not_found",
  "path_not_found",
  "method_not_allowed",
  "request_timeout",
  "campaign_not_editable",
  "test_clock_is_later",
  "import_not_resumable",
  "import_over",
  "too_many_webhooks",
  "webhook_disabled",
  "cursor_unknown",
  "campaign_changed",
  "too_large",
  "unsupported_media_type",
  "invalid_leads",
  "invalid_suppression_entries",
  "idempotency_conflict",
  "too_many_requests",
  "internal",
  "imports_not_served",
  "unavailable",
  "insufficient_storage"
] as const

export type ProblemCode = (typeof problemCodes)[number]

/**
 * A code of the API, or one of the client: no connection, no answer in time, an answer that the API
 * does not give, or arguments that cannot be sent.
 */
export type ErrorCode =
  | ProblemCode
  | "connection_failed"
  | "timed_out"
  | "unexpected_answer"
  | "invalid_argument"

/** One thing that is wrong: a JSON pointer into the body, a reason and a sentence. */
export interface ProblemItem {
  readonly pointer: string
  readonly code: string
  readonly message: string
}

interface Members {
  readonly code: ErrorCode
  readonly detail: string
  readonly status?: number | null
  readonly errors?: ReadonlyArray<ProblemItem>
  readonly errorCount?: number
  readonly requestId?: string | null
  readonly retryAfterMillis?: number | null
}

/**
 * A call that failed. No member holds the API key, and the message holds no value of the call. The
 * error keeps no `cause`: errors of `fetch` can hold bytes of an answer.
 */
export class LeadterraError extends Error {
  override readonly name = "LeadterraError"
  readonly code: ErrorCode
  /** The status of the answer; null when there was no answer. */
  readonly status: number | null
  /** A sentence: what was wrong and what would be right. */
  readonly detail: string
  /** The faults of a body, up to 1,000 of them. */
  readonly errors: ReadonlyArray<ProblemItem>
  /** The number of all faults. */
  readonly errorCount: number
  /** The id of the request, for the operator of the server. */
  readonly requestId: string | null
  /** Milliseconds after which the server lets the call come again, when it said so. */
  readonly retryAfterMillis: number | null

  constructor(members: Members) {
    super(members.detail)
    this.code = members.code
    this.status = members.status ?? null
    this.detail = members.detail
    this.errors = members.errors ?? []
    this.errorCount = members.errorCount ?? this.errors.length
    this.requestId = members.requestId ?? null
    this.retryAfterMillis = members.retryAfterMillis ?? null
  }
}

/** Returns the error for an argument that cannot be sent. */
export const invalidArgument = (detail: string) => new LeadterraError({ code: "invalid_argument", detail })
