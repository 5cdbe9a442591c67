/**
 * The use cases of leads: bulkUpsert, preview, importAll, importStream and enrolled, which have modules of their own, and get,
 * getById, list, enrollment, explain, erase. Besides its own errors each fails with `RepositoryError`, and with `InvalidRequest` where an
 * argument has the wrong shape.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decisionMoment } from "./decisionMoment.ts"
import type { Enrollment } from "./model/Enrollment.ts"
import { CampaignNotFound, LeadNotFound } from "./model/Errors.ts"
import * as Ids from "./model/Ids.ts"
import * as Limits from "./model/Limits.ts"
import type { Message } from "./model/Message.ts"
import { pageByBytes } from "./pageByBytes.ts"
import { Repository } from "./Repository.ts"
import {
  address,
  type CampaignRef,
  decodeRequest,
  inCampaign,
  inWorkspace,
  keyOf,
  keysOf,
  list as listOf,
  type PageInput,
  pageRequest,
  takeList
} from "./request.ts"
import { decideErase } from "./rules/erasure.ts"
import { explain as explainLead, type Standing } from "./rules/explain.ts"
import { leadBytes } from "./rules/leadSize.ts"
import { summaryOf } from "./summary.ts"

export { bulkUpsert, preview, type UpsertInput } from "./bulkUpsert.ts"
export { type EnrolledLead, enrolled } from "./enrolled.ts"
export type { FailedRow } from "./failedRows.ts"
export type { Landed } from "./ImportStopped.ts"
export {
  type BatchProgress,
  type ImportInput,
  type ImportProgress,
  type ImportSummary,
  importAll,
  importStream
} from "./importAll.ts"

/** An enrolment with the message that it waits for, null when there is none (SQ-2). */
export type EnrollmentView = Enrollment & { readonly pending: Message | null }

/** Why a lead is, or is not, being sent something: where it stands, and the verdict as a sentence. */
export type Explanation = Standing & { readonly summary: string }

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

/** Gets a lead by its id. Fails with `LeadNotFound`, also for the id of an erased lead and for text that is no id. */
export const getById = Effect.fn("Leads.getById")(function* (input: {
  readonly workspaceId: string
  readonly leadId: string
}) {
  const repository = yield* Repository
  const { leadId, workspaceId } = yield* decodeLeadRef(input)
  const id = Ids.parseLeadId(leadId)
  if (id === undefined) return yield* new LeadNotFound()
  const { leads } = yield* repository.read({ workspaceId, leadIds: [id] })
  const [lead] = leads.values()
  return lead ?? (yield* new LeadNotFound())
})

/**
 * Lists leads in the order in which they were made: all of the workspace, or those of a campaign. `after` is the
 * `next` of the page before. A page ends at 8 MB of leads too. An unknown campaign has no leads.
 */
export const list = Effect.fn("Leads.list")(function* (
  input: PageInput & { readonly campaignId?: string | undefined }
) {
  const repository = yield* Repository
  const { after, limit, ...of } = yield* pageRequest(input)
  return yield* pageByBytes(
    {
      read: (after, limit) => repository.leads({ ...of, after, limit }),
      cursorOf: ({ id }): string => id,
      bytesOf: leadBytes,
      mostBytes: Limits.maxLeadBytes
    },
    after,
    limit
  )
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
  const moment = yield* decisionMoment
  const snapshot = yield* repository.read({
    ...ref,
    addresses: [key],
    history: true,
    covers: [key]
  })
  const standing = explainLead(snapshot, key, moment(snapshot))
  if (standing === null) return yield* new CampaignNotFound({ campaignId: ref.campaignId })
  const explanation: Explanation = { ...standing, summary: summaryOf(standing.verdict) }
  return explanation
})

/**
 * Erases 1 to 1,000 people in one step (ER-1): ends their enrolments, suppresses each address by a
 * hash, and keeps only the id of each record, so that counters and positions stay true. Returns how
 * many leads were erased, and an outcome for each address in order. After that no file of the store
 * holds an address or a field of them. Any address may be erased, also twice. Fails with
 * `InvalidRequest` that lists every invalid address by its index, and with `BatchTooLarge`; then
 * nothing is written. After a `RepositoryError` call it again: the erasure may have landed while
 * the files still hold the bytes.
 *
 * @example
 * yield* Leads.erase({ workspaceId, emails: ["ava@acmecorp.com"] })
 * // { erased: 1, outcomes: [{ index: 0, erased: true }] }
 */
export const erase = Effect.fn("Leads.erase")(function* (input: {
  readonly workspaceId: string
  readonly emails: ReadonlyArray<string>
}) {
  const repository = yield* Repository
  const { emails, workspaceId } = yield* decodeAddresses(input)
  const keys = yield* keysOf(
    "emails",
    yield* takeList(emails, Limits.maxErasedAddresses, "split the list; any split ends in the same state")
  )
  const moment = yield* decisionMoment
  const distinct = [...new Set(keys)]
  return yield* repository.decide({ workspaceId, addresses: distinct, suppressions: distinct }, (snapshot) =>
    Result.succeed(decideErase(snapshot, keys, moment(snapshot).now))
  )
})

const decodeLeadRef = decodeRequest(Schema.Struct({ ...inWorkspace, leadId: Schema.String }))
const decodeAddress = decodeRequest(Schema.Struct({ ...inWorkspace, email: address }))
const decodeAddresses = decodeRequest(Schema.Struct({ ...inWorkspace, emails: listOf("emails", "text") }))
const decodeEnrolled = decodeRequest(Schema.Struct({ ...inCampaign, email: address }))
