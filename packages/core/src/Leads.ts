/**
 * The use cases of leads: bulkUpsert, preview, get, list, enrollment, explain, erase. Rows are untrusted and parsed here, before
 * the store is touched; the rule then decides inside the store, for the whole batch at once. Besides its own
 * errors each fails with `RepositoryError`, and with `InvalidRequest` where an argument has the wrong shape.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Enrollment } from "./model/Enrollment.ts"
import { CampaignNotFound, LeadNotFound } from "./model/Errors.ts"
import * as Limits from "./model/Limits.ts"
import type { Message } from "./model/Message.ts"
import type { Scope } from "./model/Snapshot.ts"
import { Repository } from "./Repository.ts"
import {
  address,
  type CampaignRef,
  decodeRequest,
  inCampaign,
  inWorkspace,
  keyOf,
  list as listOf,
  type PageInput,
  pageRequest,
  takeList
} from "./request.ts"
import { decideErase } from "./rules/erasure.ts"
import { explain as explainLead, type Standing } from "./rules/explain.ts"
import { coveringEntries } from "./rules/suppression.ts"
import { decideUpsert, parseBatch, type UpsertBatch } from "./rules/upsert.ts"
import { summaryOf } from "./summary.ts"
import { drawUlid } from "./ulid.ts"

/** The arguments of `bulkUpsert` and `preview`. */
export interface UpsertInput extends CampaignRef {
  /** Untrusted rows, at most 10,000: objects with an `email`, standard fields, `customFields` and further keys. */
  readonly leads: ReadonlyArray<unknown>
  /** `"report"` (default) lands the valid rows, `"reject"` lands none when one fails (UP-6). */
  readonly onInvalid?: "report" | "reject" | undefined
}

/** An enrolment with the message that it waits for, null when there is none (SQ-2). */
export type EnrollmentView = Enrollment & { readonly pending: Message | null }

/** Why a lead is, or is not, being sent something: where it stands, and the verdict as a sentence. */
export type Explanation = Standing & { readonly summary: string }

/**
 * Enrols a batch of leads into a campaign (UP-1 to UP-9), atomically: new ones are enrolled, those in the campaign
 * updated without losing their place, suppressed ones skipped, broken rows failed with their reasons. In a
 * campaign that has started the new ones are queued at once (SQ-4). Fails with `CampaignNotFound`, `BatchTooLarge`,
 * and with `InvalidLeads` under `onInvalid: "reject"`.
 */
export const bulkUpsert = Effect.fn("Leads.bulkUpsert")(function* (input: UpsertInput) {
  const repository = yield* Repository
  const { batch, scope } = yield* prepare(input)
  yield* Effect.annotateCurrentSpan({ "leads.rows": batch.rows.length })
  return yield* repository.decide(scope, (snapshot) => decideUpsert(snapshot, batch))
})

/** Answers what `bulkUpsert` would, and writes nothing. Fails alike. */
export const preview = Effect.fn("Leads.preview")(function* (input: UpsertInput) {
  const repository = yield* Repository
  const { batch, scope } = yield* prepare(input)
  const decision = yield* Effect.fromResult(decideUpsert(yield* repository.read(scope), batch))
  return decision.answer
})

/** Gets a lead by any spelling of its address (ID-2). Fails with `LeadNotFound`, and `InvalidRequest` for no address. */
export const get = Effect.fn("Leads.get")(function* (input: {
  readonly workspaceId: string
  readonly email: string
}) {
  const repository = yield* Repository
  const { email, workspaceId } = yield* decodeAddress(input)
  const key = keyOf(email)
  const { leads } = yield* repository.read({ workspaceId, addresses: [key] })
  return leads.get(key) ?? (yield* new LeadNotFound())
})

/**
 * Lists leads in the order in which they were made: all of the workspace, or those of a campaign. `after` is the
 * `next` of the page before. An unknown campaign has no leads.
 */
export const list = Effect.fn("Leads.list")(function* (
  input: PageInput & { readonly campaignId?: string | undefined }
) {
  const repository = yield* Repository
  return yield* repository.leads(yield* pageRequest(input))
})

/**
 * Where a lead stands in a campaign: position, state and pending message, or null when it is not enrolled.
 * Fails with `CampaignNotFound`.
 */
export const enrollment = Effect.fn("Leads.enrollment")(function* (
  input: CampaignRef & { readonly email: string }
) {
  const repository = yield* Repository
  const { email, ...ref } = yield* decodeEnrolled(input)
  const key = keyOf(email)
  const snapshot = yield* repository.read({ ...ref, addresses: [key], history: true })
  if (snapshot.campaign === null) return yield* new CampaignNotFound({ campaignId: ref.campaignId })
  const found = snapshot.enrollments.get(key)
  const view: EnrollmentView | null =
    found === undefined
      ? null
      : { ...found, pending: snapshot.history.get(key)?.find(({ state }) => state === "pending") ?? null }
  return view
})

/**
 * Why a lead is, or is not, being sent something in a campaign, from state alone: not enrolled, suppressed, waiting,
 * held, claimed, completed, ended, and what was sent. It agrees with what a claim would do now. Any address may be
 * asked about. Fails with `CampaignNotFound`.
 */
export const explain = Effect.fn("Leads.explain")(function* (
  input: CampaignRef & { readonly email: string }
) {
  const repository = yield* Repository
  const { email, ...ref } = yield* decodeEnrolled(input)
  const key = keyOf(email)
  const now = yield* Clock.currentTimeMillis
  const snapshot = yield* repository.read({
    ...ref,
    addresses: [key],
    history: true,
    suppressions: coveringEntries([key])
  })
  const standing = explainLead(snapshot, key, now)
  if (standing === null) return yield* new CampaignNotFound({ campaignId: ref.campaignId })
  const explanation: Explanation = { ...standing, summary: summaryOf(standing.verdict) }
  return explanation
})

/**
 * Forgets a person (ER-1): ends their enrolments, suppresses the address by a hash, and leaves of the record an id, so
 * that counters and positions stay true. When it has answered, no file of the store holds the address or a field. Any
 * address may be erased, and erasing twice is erasing once. After a `RepositoryError` call it again: it may have
 * landed without the files being clean.
 */
export const erase = Effect.fn("Leads.erase")(function* (input: {
  readonly workspaceId: string
  readonly email: string
}) {
  const repository = yield* Repository
  const { email, workspaceId } = yield* decodeAddress(input)
  const key = keyOf(email)
  const now = yield* Clock.currentTimeMillis
  return yield* repository.decide({ workspaceId, addresses: [key], suppressions: [key] }, (snapshot) =>
    Result.succeed(decideErase(snapshot, key, now))
  )
})

const decodeAddress = decodeRequest(Schema.Struct({ ...inWorkspace, email: address }))
const decodeEnrolled = decodeRequest(Schema.Struct({ ...inCampaign, email: address }))
const decodeUpsert = decodeRequest(
  Schema.Struct({
    ...inCampaign,
    leads: listOf("leads", "rows"),
    onInvalid: Schema.optional(Schema.Literals(["report", "reject"]))
  })
)

const prepare = Effect.fnUntraced(function* (input: UpsertInput) {
  const { leads, onInvalid = "report", ...ref } = yield* decodeUpsert(input)
  const rows = yield* takeList(
    leads,
    Limits.maxBatchRows,
    "split the list into batches of 500 to 1,000 rows; any split ends in the same state"
  )
  const batch: UpsertBatch = parseBatch(rows, {
    campaignId: ref.campaignId,
    onInvalid,
    ulid: yield* drawUlid,
    now: yield* Clock.currentTimeMillis
  })
  const scope: Scope = {
    ...ref,
    addresses: batch.keys,
    suppressions: coveringEntries(batch.keys)
  }
  return { batch, scope }
})
