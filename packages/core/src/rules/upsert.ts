/**
 * The bulk upsert (UP): given parsed rows and a snapshot, who is enrolled, updated, skipped or failed, and what
 * changes. The rows are folded in order, each seeing the effect of the ones before it, so that one batch and
 * any split of it end in the same state.
 */
import * as Result from "effect/Result"
import { type Change, type Decision, events } from "../model/Decision.ts"
import type { EmailKey } from "../model/EmailAddress.ts"
import { CampaignChanged, CampaignNotFound, type IndexedIssue, InvalidLeads } from "../model/Errors.ts"
import type { Happening } from "../model/Event.ts"
import { type CampaignId, type LeadId, leadId, type Ulid } from "../model/Ids.ts"
import type { Lead } from "../model/Lead.ts"
import * as Limits from "../model/Limits.ts"
import type { RowIssue, RowOutcome, UpsertReport } from "../model/Report.ts"
import type { Snapshot } from "../model/Snapshot.ts"
import { createLead, hasSameFields, type MergeProblem, mergeLead } from "./mergeLead.ts"
import type { InvalidRow, LeadPatch } from "./parseLead.ts"
import { revisionOf } from "./revision.ts"
import { suppressionOf } from "./suppression.ts"

/** Rows that have been parsed, with what an upsert needs besides the snapshot. */
export interface UpsertBatch {
  readonly campaignId: CampaignId
  readonly rows: ReadonlyArray<Result.Result<LeadPatch, InvalidRow>>
  /** Each key of the valid rows, once. */
  readonly keys: ReadonlyArray<EmailKey>
  readonly onInvalid: "report" | "reject"
  /** The revision that the campaign must have (SQ-10); any without it. */
  readonly ifRevision?: string | undefined
  /** The ids of new leads come from this ULID. */
  readonly ulid: Ulid
}

/** A batch of parsed rows. */
export const batchOf = (
  rows: UpsertBatch["rows"],
  batch: Omit<UpsertBatch, "rows" | "keys">
): UpsertBatch => {
  const keys = new Set<EmailKey>()
  for (const row of rows) if (Result.isSuccess(row)) keys.add(row.success.email.key)
  return { ...batch, rows, keys: [...keys] }
}

/** Why a row fails that breaks no rule by itself, by the limit that its merge would pass. */
export const mergeIssues: Readonly<Record<MergeProblem, ReadonlyArray<RowIssue>>> = {
  TooManyFields: [
    {
      path: "customFields",
      reason: "TooManyFields",
      message: `with the fields that it has, the lead would pass ${Limits.maxCustomFields} custom fields`
    }
  ],
  LeadTooLarge: [
    {
      path: "",
      reason: "LeadTooLarge",
      message: `with the fields that it has, the lead would pass ${Limits.maxLeadBytes} bytes: shorten or leave out fields`
    }
  ]
}

/** The outcomes and the leads of a batch while its rows are folded. */
class Fold {
  readonly outcomes: Array<RowOutcome> = []
  /** New leads, and leads whose fields differ from the snapshot's, as the rows so far have left them. */
  readonly created = new Map<EmailKey, Lead>()
  readonly changed = new Map<EmailKey, Lead>()
  readonly enrolled = new Set<EmailKey>()
  updated = 0
  skipped = 0
  failed = 0

  private readonly snapshot: Snapshot
  private readonly batch: UpsertBatch
  private readonly now: number

  constructor(snapshot: Snapshot, batch: UpsertBatch, now: number) {
    this.snapshot = snapshot
    this.batch = batch
    this.now = now
  }

  row(patch: LeadPatch, index: number): void {
    const { address, key } = patch.email
    const isNew = this.created.has(key)
    const known = isNew ? this.created.get(key) : (this.changed.get(key) ?? this.snapshot.leads.get(key))
    const { now } = this
    const lead =
      known === undefined
        ? createLead(patch, leadId(this.batch.ulid, this.created.size), now)
        : mergeLead(known, patch, now)
    // The order of UP-1: failed comes before skipped, and skipped before the others.
    if (typeof lead === "string") this.fail({ email: address, issues: mergeIssues[lead] }, index)
    else if (suppressionOf(this.snapshot, key) !== undefined) this.skip(address, index)
    else {
      if (known === undefined || isNew) this.created.set(key, lead)
      else if (lead !== known) this.change(key, lead)
      this.enroll(key, address, index)
    }
  }

  /** A lead that a later row restores to its stored state is unchanged: it is not written. */
  private change(key: EmailKey, lead: Lead): void {
    const stored = this.changed.has(key) ? this.snapshot.leads.get(key) : undefined
    if (stored !== undefined && hasSameFields(lead, stored)) this.changed.delete(key)
    else this.changed.set(key, lead)
  }

  fail({ email, issues }: InvalidRow, index: number): void {
    this.failed++
    this.outcomes.push({ index, email, outcome: "failed", issues })
  }

  private skip(email: string, index: number): void {
    this.skipped++
    this.outcomes.push({ index, email, outcome: "skipped" })
  }

  private enroll(key: EmailKey, email: string, index: number): void {
    if (this.snapshot.enrolled.has(key) || this.enrolled.has(key)) {
      this.updated++
      this.outcomes.push({ index, email, outcome: "updated" })
    } else {
      this.enrolled.add(key)
      this.outcomes.push({ index, email, outcome: "enrolled" })
    }
  }

  report(): UpsertReport {
    const enrolled = this.enrolled.size
    const { failed, outcomes, skipped, updated } = this
    return {
      enrolled,
      updated,
      skipped,
      failed,
      totalInCampaign: this.snapshot.counters.enrolled + enrolled,
      outcomes
    }
  }

  /** New enrolments of a campaign that has started are queued in the same step (SQ-4); a draft's are not. */
  changes(status: "draft" | "running" | "paused"): ReadonlyArray<Change> {
    const { now } = this
    const { campaignId } = this.batch
    const changes: Array<Change> = []
    if (this.created.size > 0) changes.push({ _tag: "LeadsCreated", leads: [...this.created.values()] })
    if (this.changed.size > 0) changes.push({ _tag: "LeadsChanged", leads: [...this.changed.values()] })
    if (this.enrolled.size > 0) {
      const dueAt = status === "draft" ? null : now
      changes.push({ _tag: "LeadsEnrolled", campaignId, keys: [...this.enrolled], enrolledAt: now, dueAt })
    }
    return [...changes, ...events(now, this.happenings())]
  }

  private happenings(): ReadonlyArray<Happening> {
    const { campaignId } = this.batch
    const found: Array<Happening> = []
    if (this.enrolled.size > 0) {
      const leadIds: Array<LeadId> = []
      for (const key of this.enrolled) {
        const lead = this.created.get(key) ?? this.snapshot.leads.get(key)
        if (lead !== undefined) leadIds.push(lead.id)
      }
      found.push({ kind: "lead.enrolled", campaignId, leadIds })
    }
    if (this.changed.size > 0) {
      const leadIds = Array.from(this.changed.values(), ({ id }) => id)
      found.push({ kind: "lead.updated", campaignId, leadIds })
    }
    return found
  }
}

const problems = (outcomes: ReadonlyArray<RowOutcome>): ReadonlyArray<IndexedIssue> =>
  outcomes.flatMap((outcome) =>
    outcome.outcome === "failed"
      ? outcome.issues.map(({ message, path, reason }) => ({ index: outcome.index, path, reason, message }))
      : []
  )

/**
 * Decides a batch at a time, in milliseconds since 1970 (UP-1 to UP-7). With `onInvalid: "reject"` one failed row refuses them all
 * (UP-6), and so does a campaign of another revision than `ifRevision` (SQ-10).
 */
export const decideUpsert = (
  snapshot: Snapshot,
  batch: UpsertBatch,
  now: number
): Result.Result<Decision<UpsertReport>, CampaignNotFound | CampaignChanged | InvalidLeads> => {
  const { campaignId, ifRevision } = batch
  if (snapshot.campaign === null) return Result.fail(CampaignNotFound.make({ campaignId }))
  if (ifRevision !== undefined && ifRevision !== revisionOf(snapshot.campaign))
    return Result.fail(CampaignChanged.make({ campaignId }))
  const fold = new Fold(snapshot, batch, now)
  batch.rows.forEach((row, index) => {
    if (Result.isSuccess(row)) fold.row(row.success, index)
    else fold.fail(row.failure, index)
  })
  return fold.failed > 0 && batch.onInvalid === "reject"
    ? Result.fail(InvalidLeads.make({ issues: problems(fold.outcomes) }))
    : Result.succeed({ changes: fold.changes(snapshot.campaign.status), answer: fold.report() })
}
