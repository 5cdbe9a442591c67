/**
 * The suppression list (SU): parsing entries, adding and removing them, and the one question that an upsert
 * asks. Adding is idempotent and complete: the same decision that adds an entry ends what it covers.
 */
import * as Result from "effect/Result"
import { answer, type Change, type Decision, events } from "../model/Decision.ts"
import type { EmailKey } from "../model/EmailAddress.ts"
import * as Email from "../model/EmailAddress.ts"
import { InvalidSuppressionEntries } from "../model/Errors.ts"
import type { LeadId } from "../model/Ids.ts"
import type { RowIssue } from "../model/Report.ts"
import type { Snapshot } from "../model/Snapshot.ts"
import { domainEntryOf, type Suppression, type SuppressionEntry } from "../model/Suppression.ts"

/** The answer of `Suppression.add`; `total` is the size of the list (SU-1). */
export interface SuppressionAnswer {
  readonly suppressed: number
  readonly alreadySuppressed: number
  readonly total: number
  /** The invalid entries, by index. Present under `onInvalid: "report"`, also when empty. */
  readonly invalid?: ReadonlyArray<InvalidEntry>
}

/**
 * An entry that is neither an address nor `@domain`. `path` is empty, since an entry has no fields.
 */
export interface InvalidEntry extends RowIssue {
  readonly index: number
}

/** One entry from text: an address, or `@domain` (SU-1). */
export const parseEntry = (input: unknown): Result.Result<SuppressionEntry, Email.EmailProblem> => {
  const text = typeof input === "string" ? input.trim() : input
  return typeof text === "string" && text.startsWith("@")
    ? Result.map(Email.parseDomain(text.slice(1)), (domain): SuppressionEntry => `@${domain}`)
    : Result.map(Email.parse(text), ({ key }) => key)
}

type Parsed<A> = ReadonlyArray<Result.Result<A, Email.EmailProblem>>

/** The valid ones of a call's inputs, and every problem among the others. */
export const validOf = <A>(
  results: Parsed<A>
): { readonly parsed: ReadonlyArray<A>; readonly invalid: ReadonlyArray<InvalidEntry> } => {
  const parsed: Array<A> = []
  const invalid: Array<InvalidEntry> = []
  for (const [index, result] of results.entries()) {
    if (Result.isSuccess(result)) parsed.push(result.success)
    else {
      const { _tag, ...problem } = result.failure
      invalid.push({ index, path: "", ...problem })
    }
  }
  return { parsed, invalid }
}

/** The inputs of a call, or an error that lists every problem among them. */
export const allOf = <A>(results: Parsed<A>): Result.Result<ReadonlyArray<A>, InvalidSuppressionEntries> => {
  const { invalid, parsed } = validOf(results)
  const issues = invalid.map(({ index, message, path, reason }) => ({ index, path, reason, message }))
  return issues.length > 0 ? Result.fail(InvalidSuppressionEntries.make({ issues })) : Result.succeed(parsed)
}

/** The suppression that covers this address, by address or by exact domain (SU-1). */
export const suppressionOf = (snapshot: Snapshot, key: EmailKey): Suppression | undefined =>
  snapshot.suppressions.size === 0
    ? undefined
    : (snapshot.suppressions.get(key) ?? snapshot.suppressions.get(domainEntryOf(key)))

/** Adds what is new, keeps what is there with its first reason, and ends what the new entries cover (SU-1, SU-2). */
export const addSuppressions = (
  snapshot: Snapshot,
  entries: ReadonlyArray<SuppressionEntry>,
  reason: string,
  now: number
): Decision<SuppressionAnswer> => {
  const added = new Map<SuppressionEntry, Suppression>()
  for (const entry of entries) {
    if (!snapshot.suppressions.has(entry)) added.set(entry, { entry, reason, suppressedAt: now })
  }
  const suppressed = added.size
  const leadIds = leadsNamedBy(snapshot, added)
  const changes: ReadonlyArray<Change> =
    suppressed === 0
      ? []
      : [
          { _tag: "SuppressionsAdded", suppressions: [...added.values()] },
          ...events(now, [{ kind: "lead.suppressed", cause: "added", entries: suppressed, leadIds }]),
          { _tag: "EnrollmentsEnded", entries: [...added.keys()], reason: "suppressed", endedAt: now }
        ]
  return {
    changes,
    answer: {
      suppressed,
      alreadySuppressed: entries.length - suppressed,
      total: snapshot.suppressionTotal + suppressed
    }
  }
}

/** Takes entries off the list, tells which operator did so, and restarts nothing (SU-4). */
export const removeSuppressions = (
  snapshot: Snapshot,
  entries: ReadonlyArray<SuppressionEntry>,
  actor: string,
  now: number
): Decision<{ readonly removed: number; readonly total: number }> => {
  const present = new Set(entries.filter((entry) => snapshot.suppressions.has(entry)))
  const removed = present.size
  const result = { removed, total: snapshot.suppressionTotal - removed }
  if (removed === 0) return answer(result)
  const leadIds = leadsNamedBy(snapshot, present)
  return {
    changes: [
      { _tag: "SuppressionsRemoved", entries: [...present] },
      ...events(now, [{ kind: "suppression.removed", actor, entries: removed, leadIds }])
    ],
    answer: result
  }
}

/** The leads of the snapshot whose address is one of the entries. */
const leadsNamedBy = (
  { leads }: Snapshot,
  entries: { readonly has: (entry: SuppressionEntry) => boolean }
): ReadonlyArray<LeadId> => [...leads.values()].flatMap(({ id, key }) => (entries.has(key) ? [id] : []))
