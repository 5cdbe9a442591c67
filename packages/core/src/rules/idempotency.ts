/**
 * Idempotency keys (UP-10): the same key with the same rows gives back the first report, marked as `replayed`, and changes
 * nothing; with other rows it is a conflict. What is remembered of a report is a letter per row, since the rows that come again bring the rest.
 */
import * as Result from "effect/Result"
import { answer, type Decision } from "../model/Decision.ts"
import {
  type CampaignChanged,
  type CampaignNotFound,
  IdempotencyConflict,
  type InvalidLeads
} from "../model/Errors.ts"
import type { IdempotencyRecord, IdempotentCall } from "../model/Idempotency.ts"
import { standardFields } from "../model/Lead.ts"
import * as Limits from "../model/Limits.ts"
import type { RowOutcome, UpsertReport } from "../model/Report.ts"
import type { Snapshot } from "../model/Snapshot.ts"
import { decideUpsert, mergeIssues, type UpsertBatch } from "./upsert.ts"

/**
 * What the fingerprint of a call is the hash of, piece by piece: the operation, the campaign, `onInvalid`, and each row as it
 * was parsed; of a row that broke a rule its issues. Equal calls give equal pieces, whatever the order of fields.
 */
export function* piecesOf({ campaignId, onInvalid, rows }: UpsertBatch): Generator<string> {
  yield JSON.stringify(["bulkUpsert", campaignId, onInvalid])
  for (const row of rows) {
    // The issues of a row follow from the row, and so does a suggestion: no hash of it is stored.
    if (Result.isFailure(row))
      yield JSON.stringify(row.failure.issues.map(({ message, path, reason }) => [path, reason, message]))
    else {
      const { customFields, email, ...fields } = row.success
      // JSON has no undefined: 0 is no value of a standard field.
      const standard = standardFields.map((name) => (fields[name] === undefined ? 0 : fields[name]))
      const custom = Object.entries(customFields).sort(([a], [b]) => (a < b ? -1 : 1))
      yield JSON.stringify([email.address, standard, custom])
    }
  }
}

/** Decides a batch that came with a key; see `decideUpsert`. */
export const decideUpsertOnce = (
  snapshot: Snapshot,
  batch: UpsertBatch,
  { fingerprint, key }: IdempotentCall,
  now: number
): Result.Result<
  Decision<UpsertReport>,
  CampaignNotFound | CampaignChanged | InvalidLeads | IdempotencyConflict
> => {
  const { idempotency } = snapshot
  const forgetUpTo = now - Limits.idempotencySeconds * 1_000
  if (snapshot.campaign !== null && idempotency !== null && idempotency.keptAt > forgetUpTo) {
    return idempotency.fingerprint === fingerprint
      ? Result.succeed(answer(recall(idempotency, batch)))
      : Result.fail(IdempotencyConflict.make({ keptAt: idempotency.keptAt }))
  }
  return Result.map(decideUpsert(snapshot, batch, now), ({ answer, changes }) => {
    const record: IdempotencyRecord = { key, fingerprint, answer: remember(answer), keptAt: now }
    return { answer, changes: [...changes, { _tag: "IdempotencyRecorded", record, forgetUpTo }] }
  })
}

/** Rows that fail by themselves bring their issues along: their letter is `f`, and not read. */
const letters = { enrolled: "e", updated: "u", skipped: "s", failed: "f", LeadTooLarge: "l" } as const

const letterOf = (row: RowOutcome): string =>
  row.outcome === "failed" && row.issues === mergeIssues.LeadTooLarge
    ? letters.LeadTooLarge
    : letters[row.outcome]

const remember = ({ outcomes, totalInCampaign }: UpsertReport): string =>
  `${totalInCampaign} ${outcomes.map(letterOf).join("")}`

type Outcome = RowOutcome["outcome"]

const outcomeOf: ReadonlyMap<string, Exclude<Outcome, "failed">> = new Map([
  [letters.enrolled, "enrolled"],
  [letters.updated, "updated"],
  [letters.skipped, "skipped"]
])

const recall = ({ answer }: IdempotencyRecord, { rows }: UpsertBatch): UpsertReport => {
  const [total, kept = ""] = answer.split(" ")
  const counts: Record<Outcome, number> = { enrolled: 0, updated: 0, skipped: 0, failed: 0 }
  const outcomes = rows.map((row, index): RowOutcome => {
    const letter = kept.charAt(index)
    const outcome = Result.isFailure(row) ? "failed" : (outcomeOf.get(letter) ?? "failed")
    counts[outcome]++
    if (Result.isFailure(row))
      return { index, email: row.failure.email, outcome: "failed", issues: row.failure.issues }
    const email = row.success.email.address
    if (outcome !== "failed") return { index, email, outcome }
    const issues = letter === letters.LeadTooLarge ? mergeIssues.LeadTooLarge : mergeIssues.TooManyFields
    return { index, email, outcome, issues }
  })
  return { ...counts, totalInCampaign: Number(total), outcomes, replayed: true }
}
