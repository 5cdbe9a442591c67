/**
 * The use cases that take rows: bulkUpsert, preview. Rows are untrusted and parsed here, before the
 * store is touched, with turns of the event loop between pieces of them; the rule then decides
 * inside the store, for the whole batch at once.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { decisionMoment } from "./decisionMoment.ts"
import { digest } from "./digest.ts"
import { mapInTurns } from "./inTurns.ts"
import * as Email from "./model/EmailAddress.ts"
import { type IdempotentCall, idempotencyKey as makeKey } from "./model/Idempotency.ts"
import * as Limits from "./model/Limits.ts"
import type { Scope, Snapshot } from "./model/Snapshot.ts"
import { Repository } from "./Repository.ts"
import { type CampaignRef, decodeExactly, inCampaign, key, list as listOf, takeList } from "./request.ts"
import { decideUpsertOnce, piecesOf } from "./rules/idempotency.ts"
import { parseLead } from "./rules/parseLead.ts"
import { batchOf, decideUpsert, type UpsertBatch } from "./rules/upsert.ts"
import { drawUlid } from "./ulid.ts"

/** The arguments of `bulkUpsert` and `preview`. */
export interface UpsertInput extends CampaignRef {
  /** Untrusted rows, at most 10,000: objects with an `email`, standard fields, `customFields` and further keys. */
  readonly leads: ReadonlyArray<unknown>
  /** `"report"` (default) lands the valid rows, `"reject"` lands none when one fails (UP-6). */
  readonly onInvalid?: "report" | "reject" | undefined
  /** The `revisionOf` the campaign as it was read: the batch is refused once it has another one (SQ-10). */
  readonly ifRevision?: string | undefined
  /** Names this batch, in 1 to 255 characters: for a week the same key and rows land once (UP-10). */
  readonly idempotencyKey?: string | undefined
}

/**
 * Enrols a batch of leads into a campaign (UP-1 to UP-9), atomically: new ones are enrolled, those in the campaign
 * updated without losing their place, suppressed ones skipped, broken rows failed with their reasons. In a
 * campaign that has started the new ones are queued at once (SQ-4). With an `idempotencyKey` that has landed it answers
 * the first report again with `replayed: true`, and changes nothing (UP-10). Fails with `CampaignNotFound`, `BatchTooLarge`,
 * with `InvalidLeads` under `onInvalid: "reject"`, with `CampaignChanged` when the campaign does not have the
 * `ifRevision`, and with `IdempotencyConflict` when the key came with other rows.
 */
export const bulkUpsert = Effect.fn("Leads.bulkUpsert")(function* (input: UpsertInput) {
  const repository = yield* Repository
  const { decide, rows, scope } = yield* prepare(input)
  yield* Effect.annotateCurrentSpan({ "leads.rows": rows })
  return yield* repository.decide(scope, decide)
})

/** Answers what `bulkUpsert` would, and writes nothing. Fails alike. */
export const preview = Effect.fn("Leads.preview")(function* (input: UpsertInput) {
  const repository = yield* Repository
  const { decide, scope } = yield* prepare(input)
  const decision = yield* Effect.fromResult(decide(yield* repository.read(scope)))
  return decision.answer
})

const decodeUpsert = decodeExactly(
  Schema.Struct({
    ...inCampaign,
    leads: listOf("leads", "rows"),
    onInvalid: Schema.optional(Schema.Literals(["report", "reject"])),
    ifRevision: Schema.optional(Schema.String),
    idempotencyKey: Schema.optional(key)
  })
)

const prepare = Effect.fnUntraced(function* (input: UpsertInput) {
  const { idempotencyKey, ifRevision, leads, onInvalid = "report", ...ref } = yield* decodeUpsert(input)
  const rows = yield* takeList(
    leads,
    Limits.maxBatchRows,
    "split the list into batches of 500 to 1,000 rows, or hand it to Leads.importAll; any split ends in the same state"
  )
  const parseAddress = Email.makeParser()
  const parsed = yield* mapInTurns(rows, (row) => parseLead(row, parseAddress))
  const batch: UpsertBatch = batchOf(parsed, {
    campaignId: ref.campaignId,
    onInvalid,
    ifRevision,
    ulid: yield* drawUlid
  })
  const moment = yield* decisionMoment
  const scope: Scope = { ...ref, addresses: batch.keys, covers: batch.keys }
  if (idempotencyKey === undefined) {
    return {
      scope,
      rows: rows.length,
      decide: (snapshot: Snapshot) => decideUpsert(snapshot, batch, moment(snapshot).now)
    }
  }
  const call: IdempotentCall = {
    key: makeKey(yield* digest([idempotencyKey])),
    fingerprint: yield* digest(piecesOf(batch))
  }
  return {
    scope: { ...scope, idempotency: call },
    rows: rows.length,
    decide: (snapshot: Snapshot) => decideUpsertOnce(snapshot, batch, call, moment(snapshot).now)
  }
})
