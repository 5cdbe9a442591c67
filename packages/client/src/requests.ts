/** The arguments of the calls. A test holds each type against the contract of `@leadterra/http`. */
import type { WebhookEvent } from "./answers.ts"

export interface CallOptions {
  /** Ends the call and its waits. The call then rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined
}

export interface ChangeOptions extends CallOptions {
  /** The `etag` of the campaign that was read: the change is refused when it is another by now. */
  readonly ifMatch?: string | undefined
}

/** A page of a list: the entries behind a cursor, and how many. */
export interface PageQuery {
  readonly after?: string
  readonly limit?: number
}

/** All pages of a list, `limit` entries a call. */
export interface AllOptions extends CallOptions {
  readonly limit?: number
}

/** A step. `delayDays` is 0 when it is left out. */
export interface StepInput {
  readonly subject: string
  readonly bodyHtml: string
  readonly delayDays?: number
}

export interface CreateCampaign {
  readonly name: string
  readonly sequenceSteps?: ReadonlyArray<StepInput>
}

export interface UpdateCampaign {
  readonly name: string
}

export interface ReplaceSteps {
  readonly sequenceSteps: ReadonlyArray<StepInput>
}

/** A batch of leads, each with an `email`. The server judges each row by itself. */
export interface BulkLeads {
  readonly leads: ReadonlyArray<unknown>
  /** Whether rows that break a rule fail alone, or refuse the batch; `report` by default. */
  readonly onInvalid?: "report" | "reject"
  /**
   * For a week the same key and rows land once. Only a batch with a key is sent again after its
   * answer was lost.
   */
  readonly idempotencyKey?: string | undefined
}

/** How a list is read, where it does not say so itself. */
export interface ListQuery {
  /** Between cells: a character, or `tab`; found by itself otherwise. */
  readonly delimiter?: string
  readonly encoding?: string
  /** `"false"`: the first line is a lead; columns are mapped by their numbers. */
  readonly header?: "true" | "false"
  /** `COLUMN=FIELD`; `COLUMN=` leaves the column out. */
  readonly map?: ReadonlyArray<string>
  readonly skipLines?: number
  /** `"true"`: a column of full names is split. */
  readonly splitName?: "true" | "false"
  readonly maxRecordBytes?: number
  readonly maxBytes?: number
  /** Rows of the list to pass over: the `next` of an import that has stopped. */
  readonly from?: number
}

export interface ImportList extends ListQuery {
  /** The list: text or bytes, a file, or a stream of bytes; it may be gzipped. */
  readonly list: string | Uint8Array | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>
  /** By default `csv`. */
  readonly format?: "csv" | "ndjson"
}

export interface UploadOptions extends CallOptions {
  /** Milliseconds of the upload and its answer; by default 30 minutes. */
  readonly timeoutMillis?: number | undefined
}

export interface ByAddress {
  readonly email: string
}

export interface Addresses {
  readonly emails: ReadonlyArray<string>
}

/** Up to 1,000 addresses, or domains written `@acme.com`. */
export interface Suppress extends Addresses {
  readonly reason?: string
  /** Whether faulty entries are answered as `invalid`, or refuse the call; `reject` by default. */
  readonly onInvalid?: "report" | "reject"
}

export interface Claim {
  readonly limit?: number
  readonly leaseSeconds?: number
}

/** A claimed message, by its id and the token of its claim. */
export interface ClaimedRef {
  readonly messageId: string
  readonly claimToken: string
}

/** A fact about a message. `at` is milliseconds since 1970 or an ISO time, by default now. */
export type MessageReport = { readonly messageId: string; readonly at?: number | string } & (
  | { readonly type: "sent" | "delivered" | "opened" | "unsubscribed" }
  | { readonly type: "bounced"; readonly kind?: "hard" | "soft" }
  | {
      readonly type: "replied"
      readonly class?: "interested" | "not_interested" | "out_of_office" | "bounce" | "unsubscribe"
    }
  | {
      readonly type: "failed"
      readonly claimToken: string
      readonly kind?: "error" | "throttled"
      readonly retryAfterSeconds?: number
    }
)

export interface Reports {
  readonly reports: ReadonlyArray<MessageReport>
}

export interface ClaimedRefs {
  readonly messages: ReadonlyArray<ClaimedRef>
}

export interface Extension extends ClaimedRefs {
  readonly leaseSeconds?: number
}

export interface CreateWebhook {
  /** Begins with `https://`, or with an origin that the server allows. */
  readonly url: string
  readonly events: ReadonlyArray<WebhookEvent>
}

export interface RotateSecret {
  /** Seconds for which the secret before signs as well, at most a week; by default a day. */
  readonly keepSeconds?: number
}

export interface Redeliver {
  /** 1 to 100 ids; by default the oldest 1,000 deliveries that failed. */
  readonly deliveryIds?: ReadonlyArray<string>
}

export interface WebhookDeliveryQuery extends PageQuery {
  readonly state?: "pending" | "delivered" | "failed"
}

export interface AllDeliveriesOptions extends AllOptions {
  readonly state?: "pending" | "delivered" | "failed"
}

export interface FollowOptions extends CallOptions {
  /** The cursor of the last event that was handled; by default the stream begins with the first. */
  readonly after?: string | undefined
}

export interface AdvanceTestClock {
  /** An ISO time with its zone, such as `2025-06-13T12:00:00Z`. */
  readonly advanceTo: string
}
