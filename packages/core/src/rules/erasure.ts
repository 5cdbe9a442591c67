/**
 * Forgetting a person (ER-1): the address is suppressed by a hash that only the store can make, the record becomes that
 * of nobody, and enrolments and messages stay as facts about nobody, so that counters and positions stay true.
 */
import { type Change, type Decision, events } from "../model/Decision.ts"
import type { EmailKey } from "../model/EmailAddress.ts"
import { nobodyOf } from "../model/Lead.ts"
import type { Snapshot } from "../model/Snapshot.ts"

/** The answer of `Leads.erase`. */
export interface Erasure {
  /** Whether there was a lead to erase. The address is suppressed either way. */
  readonly erased: boolean
}

/** Erases whom the snapshot shows. A second time it has nothing to take away, and still asks the store to forget. */
export const decideErase = (snapshot: Snapshot, key: EmailKey, now: number): Decision<Erasure> => {
  const lead = snapshot.leads.get(key)
  const entries = snapshot.suppressions.has(key) ? 0 : 1
  const leadIds = lead === undefined ? [] : [lead.id]
  const isNews = lead !== undefined || entries > 0
  const changes: Array<Change> = [
    ...events(now, isNews ? [{ kind: "lead.suppressed", cause: "erased", entries, leadIds }] : []),
    { _tag: "EnrollmentsEnded", entries: [key], reason: "suppressed", endedAt: now }
  ]
  if (lead !== undefined) changes.push({ _tag: "LeadErased", key, nobody: nobodyOf(lead, now) })
  changes.push({ _tag: "AddressForgotten", key, suppressedAt: now })
  return { changes, answer: { erased: lead !== undefined } }
}
