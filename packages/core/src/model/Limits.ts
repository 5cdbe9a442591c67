/**
 * The limits on lengths and counts (UP-8, TK-6): documented constants, so that a batch, a merge and a
 * rendering stay bounded. A row, a template or a call beyond them is refused with a typed reason.
 */

/** Rows in one `bulkUpsert` or `preview`. */
export const maxBatchRows = 10_000

/** Rows in one batch of `importAll`: from, to, and when nothing is said. */
export const minImportBatch = 500
export const maxImportBatch = maxBatchRows
export const defaultImportBatch = 1_000

/** Bytes of rows, about, at which a batch of `importAll` closes, however few rows it has. */
export const maxImportBatchBytes = 8_000_000

/**
 * Failed rows that the summary of an import keeps, and about how many bytes of them. Progress has
 * all.
 */
export const maxKeptFailedRows = 10_000
export const maxKeptFailedBytes = 16_000_000

/** Bytes, about, of a failed row that the summary still keeps. */
export const maxKeptRowBytes = 1_000_000

/** Milliseconds that an import waits for its source to close, which it leaves before its end. */
export const maxSourceCloseMillis = 5_000

/** How often `importAll` tries a batch again that the store was too busy for, when nothing is said. */
export const defaultImportRetries = 8
export const maxImportRetries = 20

/** UTF-16 code units in an idempotency key. */
export const maxIdempotencyKeyLength = 255

/** UTF-16 code units in the `resumeKey` of an import. */
export const maxResumeKeyLength = 200

/** Seconds for which an idempotency key is remembered: a week. */
export const idempotencySeconds = 7 * 86_400

/** Entries in one `Suppression` call. */
export const maxSuppressionEntries = 1_000

/** Addresses in one `Leads.erase`. */
export const maxErasedAddresses = 1_000

/** UTF-16 code units in a standard field or a custom text value. */
export const maxFieldLength = 5_000

/** UTF-16 code units in the name of a custom field. */
export const maxFieldNameLength = 200

/** Custom fields on one lead, after the merge. */
export const maxCustomFields = 500

/** Keys of a row, and of its `customFields`, whatever their values: more are refused unread. */
export const maxRowKeys = 1_000

/** Problems of the fields of one row that are listed; the others are counted. */
export const maxRowIssues = 100

/**
 * Bytes of one lead, after the merge: the UTF-8 of its address, of its standard fields, and of the
 * names and values of its custom fields, where a value that is no text counts 8.
 */
export const maxLeadBytes = 65_536

/** Steps in a campaign's sequence. */
export const maxSteps = 100

/**
 * UTF-16 code units in the name of a campaign, in the reason of a suppression and in the actor of a
 * removal.
 */
export const maxNameLength = 200

/** UTF-16 code units in the subject of a step. */
export const maxSubjectLength = 1_000

/** UTF-16 code units in the body of a step. */
export const maxBodyLength = 200_000

/** Bytes of UTF-8 in the subjects and bodies of all steps of a campaign together. */
export const maxStepsBytes = 1_000_000

/** Tokens in one template. Together with `maxFieldLength` it bounds a rendered message to a few megabytes. */
export const maxTokens = 200

/** Days that a step may wait after the one before it. */
export const maxDelayDays = 3_650

/** Messages in one `Delivery.claim`, and how many are asked for when nothing is said. */
export const maxClaim = 1_000
export const defaultClaim = 100

/**
 * Messages that one decision of a claim or of a record is about, and campaigns that they are of: it
 * loads leads of up to 64 KB each and campaigns of up to 1 MB each. In memory a text takes twice
 * its bytes when one of its characters is not Latin-1.
 */
export const maxMessagesInDecision = 250
export const maxCampaignsInDecision = 50

/**
 * UTF-8 bytes that one decision of a claim renders, about, those of refused messages among them.
 * The claim goes on in another decision.
 */
export const maxRenderedInDecision = 16_000_000

/**
 * Messages that a claim ends in one workspace, about, before it goes on with the next workspace; a
 * claim that has messages returns them by then.
 */
export const maxEndedInClaim = 1_000

/** Seconds for which a claim leases its messages: at most a day, and five minutes when nothing is said. */
export const maxLeaseSeconds = 86_400
export const defaultLeaseSeconds = 300

/** Reports in one `Delivery.record`. */
export const maxReports = 10_000

/** Failures of a message, by reports or by leases that ran out, that end its enrolment (DE-4). */
export const maxFailures = 10

/**
 * UTF-8 bytes of a rendered message, subject and body together. A larger message fails alone
 * (TK-6).
 */
export const maxRenderedBytes = 1_000_000

/** UTF-8 bytes of the rendered messages of one claim. The rest stays for the next one. */
export const maxClaimBytes = 16_000_000

/** Seconds after which a failed message may ask to be tried again. */
export const maxRetrySeconds = 30 * 86_400

/**
 * The latest time of a test clock, in milliseconds since 1970: the end of the year 9989. The longest
 * delay of a step ends before the year 10000 then, which has no ISO time of four digits.
 */
export const maxTestClock = 253_086_767_999_999

/** Seconds that a stream of events waits before it looks for more. */
export const maxPollSeconds = 86_400

/** Entries on a page of a list, and how many a page has when nothing is said. */
export const maxPageSize = 1_000
export const defaultPageSize = 100

/** Bytes of UTF-8 in a secret that signs unsubscribe links, and how many secrets are tried. */
export const minSecretBytes = 32
export const maxSecretBytes = 1_024
export const maxSecrets = 10

/** Characters in the token of an unsubscribe link. */
export const maxTokenLength = 300

/** Bytes of the items on a page of a list or of events, about; one item is always on it. */
export const maxPageBytes = 8_000_000

/** Bytes of an event, about: the ids of the most messages and leads that one call moves. */
export const maxEventBytes = maxReports * 160
