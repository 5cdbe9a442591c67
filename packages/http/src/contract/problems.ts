/**
 * The errors of the contract, as problem details (RFC 9457). `code` is the published code, or one in
 * its style; `detail` is what was wrong and what would be right. No problem repeats a value that
 * came with a request.
 */
import { HttpApiError } from "effect/http-api"
import * as Schema from "effect/Schema"

/** The namespace of the problem types. They are names, not addresses of pages. */
const type = <const Code extends string>(code: Code): `urn:leadterra:problem:${Code}` =>
  `urn:leadterra:problem:${code}`

/** One thing that is wrong: a JSON pointer (RFC 6901) into the body, a reason and a sentence. */
export const ProblemItem = Schema.Struct({
  pointer: Schema.String,
  code: Schema.String,
  message: Schema.String
}).annotate({ identifier: "ProblemItem" })
export interface ProblemItem extends Schema.Schema.Type<typeof ProblemItem> {}

/** How many items a problem lists; `errorCount` counts all. */
export const maxProblemItems = 1_000

const items = { errors: Schema.Array(ProblemItem), errorCount: Schema.Int }

/** The members that list what is wrong, cut to the first `maxProblemItems`. */
export const listed = (errors: ReadonlyArray<ProblemItem>) => ({
  errors: errors.slice(0, maxProblemItems),
  errorCount: errors.length
})

export class InvalidRequest extends HttpApiError.Problem<InvalidRequest>()(
  "InvalidRequest",
  { type: type("invalid_request"), status: 400, title: "The request is not well-formed" },
  { code: Schema.tag("invalid_request"), ...items }
) {}

export class NoLeadsEnrolled extends HttpApiError.Problem<NoLeadsEnrolled>()(
  "NoLeadsEnrolled",
  { type: type("no_leads_enrolled"), status: 400, title: "The campaign has no leads" },
  { code: Schema.tag("no_leads_enrolled") }
) {}

export class NoSequenceSteps extends HttpApiError.Problem<NoSequenceSteps>()(
  "NoSequenceSteps",
  { type: type("no_sequence_steps"), status: 400, title: "The campaign has no steps" },
  { code: Schema.tag("no_sequence_steps") }
) {}

export class AuthenticationFailed extends HttpApiError.Problem<AuthenticationFailed>()(
  "AuthenticationFailed",
  { type: type("authentication_failed"), status: 401, title: "The API key is missing or not valid" },
  { code: Schema.tag("authentication_failed") }
) {}

export class CampaignNotFound extends HttpApiError.Problem<CampaignNotFound>()(
  "CampaignNotFound",
  { type: type("campaign_not_found"), status: 404, title: "There is no such campaign" },
  { code: Schema.tag("campaign_not_found") }
) {}

export class LeadNotFound extends HttpApiError.Problem<LeadNotFound>()(
  "LeadNotFound",
  { type: type("lead_not_found"), status: 404, title: "There is no such lead" },
  { code: Schema.tag("lead_not_found") }
) {}

export class ImportNotFound extends HttpApiError.Problem<ImportNotFound>()(
  "ImportNotFound",
  { type: type("import_not_found"), status: 404, title: "There is no such import" },
  { code: Schema.tag("import_not_found") }
) {}

export class FailedRowsNotFound extends HttpApiError.Problem<FailedRowsNotFound>()(
  "FailedRowsNotFound",
  { type: type("failed_rows_not_found"), status: 404, title: "The import has no failed rows" },
  { code: Schema.tag("failed_rows_not_found") }
) {}

export class WebhookNotFound extends HttpApiError.Problem<WebhookNotFound>()(
  "WebhookNotFound",
  { type: type("webhook_not_found"), status: 404, title: "There is no such webhook" },
  { code: Schema.tag("webhook_not_found") }
) {}

export class PathNotFound extends HttpApiError.Problem<PathNotFound>()(
  "PathNotFound",
  { type: type("path_not_found"), status: 404, title: "There is nothing at this path" },
  { code: Schema.tag("path_not_found") }
) {}

export class MethodNotAllowed extends HttpApiError.Problem<MethodNotAllowed>()(
  "MethodNotAllowed",
  { type: type("method_not_allowed"), status: 405, title: "The path does not take this method" },
  { code: Schema.tag("method_not_allowed") }
) {}

/** A body whose bytes come too slowly. */
export class RequestTimeout extends HttpApiError.Problem<RequestTimeout>()(
  "RequestTimeout",
  { type: type("request_timeout"), status: 408, title: "The body came too slowly" },
  { code: Schema.tag("request_timeout") }
) {}

export class CampaignNotEditable extends HttpApiError.Problem<CampaignNotEditable>()(
  "CampaignNotEditable",
  {
    type: type("campaign_not_editable"),
    status: 409,
    title: "The state of the campaign does not allow the change"
  },
  { code: Schema.tag("campaign_not_editable") }
) {}

export class TestClockIsLater extends HttpApiError.Problem<TestClockIsLater>()(
  "TestClockIsLater",
  { type: type("test_clock_is_later"), status: 409, title: "The test clock only goes forward" },
  { code: Schema.tag("test_clock_is_later") }
) {}

/** The state of an import does not allow what was asked. */
export class ImportNotResumable extends HttpApiError.Problem<ImportNotResumable>()(
  "ImportNotResumable",
  { type: type("import_not_resumable"), status: 409, title: "The import cannot go on" },
  { code: Schema.tag("import_not_resumable") }
) {}

export class ImportOver extends HttpApiError.Problem<ImportOver>()(
  "ImportOver",
  { type: type("import_over"), status: 409, title: "The import is over" },
  { code: Schema.tag("import_over") }
) {}

export class TooManyWebhooks extends HttpApiError.Problem<TooManyWebhooks>()(
  "TooManyWebhooks",
  { type: type("too_many_webhooks"), status: 409, title: "The workspace has as many webhooks as it may" },
  { code: Schema.tag("too_many_webhooks") }
) {}

export class WebhookDisabled extends HttpApiError.Problem<WebhookDisabled>()(
  "WebhookDisabled",
  { type: type("webhook_disabled"), status: 409, title: "The webhook is disabled" },
  { code: Schema.tag("webhook_disabled") }
) {}

/** The event of a cursor no longer exists (EV-2). */
export class CursorUnknown extends HttpApiError.Problem<CursorUnknown>()(
  "CursorUnknown",
  { type: type("cursor_unknown"), status: 410, title: "The event of the cursor no longer exists" },
  { code: Schema.tag("cursor_unknown") }
) {}

export class CampaignChanged extends HttpApiError.Problem<CampaignChanged>()(
  "CampaignChanged",
  { type: type("campaign_changed"), status: 412, title: "The campaign has changed since it was read" },
  { code: Schema.tag("campaign_changed") }
) {}

export class TooLarge extends HttpApiError.Problem<TooLarge>()(
  "TooLarge",
  { type: type("too_large"), status: 413, title: "The request is larger than one call takes" },
  { code: Schema.tag("too_large"), limit: Schema.Int, unit: Schema.Literals(["bytes", "entries"]) }
) {}

export class UnsupportedMediaType extends HttpApiError.Problem<UnsupportedMediaType>()(
  "UnsupportedMediaType",
  { type: type("unsupported_media_type"), status: 415, title: "The body is not of a type that is read here" },
  { code: Schema.tag("unsupported_media_type") }
) {}

export class InvalidLeads extends HttpApiError.Problem<InvalidLeads>()(
  "InvalidLeads",
  { type: type("invalid_leads"), status: 422, title: "Rows break a rule, and nothing was written" },
  { code: Schema.tag("invalid_leads"), ...items }
) {}

export class InvalidSuppressionEntries extends HttpApiError.Problem<InvalidSuppressionEntries>()(
  "InvalidSuppressionEntries",
  {
    type: type("invalid_suppression_entries"),
    status: 422,
    title: "Entries are no addresses, and nothing was written"
  },
  { code: Schema.tag("invalid_suppression_entries"), ...items }
) {}

export class IdempotencyConflict extends HttpApiError.Problem<IdempotencyConflict>()(
  "IdempotencyConflict",
  { type: type("idempotency_conflict"), status: 422, title: "The idempotency key stands for another call" },
  { code: Schema.tag("idempotency_conflict") }
) {}

/**
 * More calls are under way than the server takes, or a workspace makes more than its rate. The answer
 * says by `Retry-After` when to come again.
 */
export class TooManyRequests extends HttpApiError.Problem<TooManyRequests>()(
  "TooManyRequests",
  { type: type("too_many_requests"), status: 429, title: "There are too many calls" },
  { code: Schema.tag("too_many_requests") }
) {}

export class Internal extends HttpApiError.Problem<Internal>()(
  "Internal",
  { type: type("internal"), status: 500, title: "The server failed" },
  { code: Schema.tag("internal") }
) {}

/** The server was given no spool. */
export class ImportsNotServed extends HttpApiError.Problem<ImportsNotServed>()(
  "ImportsNotServed",
  { type: type("imports_not_served"), status: 501, title: "This server takes no imports" },
  { code: Schema.tag("imports_not_served") }
) {}

/** The store is busy, or cannot be reached, or the server stops. The same call may be sent again. */
export class Unavailable extends HttpApiError.Problem<Unavailable>()(
  "Unavailable",
  { type: type("unavailable"), status: 503, title: "The server cannot answer now" },
  { code: Schema.tag("unavailable") }
) {}

/** The disk of the spool is full, or the spool has its bytes. */
export class InsufficientStorage extends HttpApiError.Problem<InsufficientStorage>()(
  "InsufficientStorage",
  { type: type("insufficient_storage"), status: 507, title: "The server has no room for the list" },
  { code: Schema.tag("insufficient_storage") }
) {}
