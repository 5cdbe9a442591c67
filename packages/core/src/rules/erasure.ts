/**
 * Erasing people (ER-1): the suppression list keeps a hash of each address that only the store can
 * make. The lead's record is anonymised. Enrolments and messages stay as facts about nobody, so
 * that counters and positions stay true.
 */
import { type Change, type Decision, type ErasedLead, events } from "../model/Decision.ts"
import type { EmailKey } from "../model/EmailAddress.ts"
import { nobodyOf } from "../model/Lead.ts"
import type { Snapshot } from "../model/Snapshot.ts"

/** The answer for one address. */
export interface ErasureOutcome {
  /** The place of the address in the call, from 0. */
  readonly index: number
  /** Whether there was a lead to erase. The address is suppressed either way. */
  readonly erased: boolean
}

/**
 * The answer of `Leads.erase`: how many leads were erased, and an outcome for each address, in
 * order.
 */
export interface Erasure {
  readonly erased: number
  readonly outcomes: ReadonlyArray<ErasureOutcome>
}

/**
 * Erases the leads that the snapshot shows, in one decision. Only the first of equal keys counts.
 * Keys that were erased before change nothing, and the store still cleans its files.
 */
export const decideErase = (
  snapshot: Snapshot,
  keys: ReadonlyArray<EmailKey>,
  now: number
): Decision<Erasure> => {
  const distinct = [...new Set(keys)]
  const leads: Array<ErasedLead> = []
  let entries = 0
  for (const key of distinct) {
    const lead = snapshot.leads.get(key)
    if (lead !== undefined) leads.push({ key, anonymised: nobodyOf(lead, now) })
    if (!snapshot.suppressions.has(key)) entries++
  }
  const leadIds = leads.map(({ anonymised }) => anonymised.id)
  const isNews = leads.length > 0 || entries > 0
  const changes: ReadonlyArray<Change> = [
    ...events(now, isNews ? [{ kind: "lead.suppressed", cause: "erased", entries, leadIds }] : []),
    { _tag: "EnrollmentsEnded", entries: distinct, reason: "suppressed", endedAt: now },
    ...(leads.length > 0 ? [{ _tag: "LeadsErased", leads } as const] : []),
    { _tag: "AddressesForgotten", keys: distinct, suppressedAt: now }
  ]
  const firstPlaces = new Map(keys.map((key, index) => [key, index] as const).reverse())
  const outcomes = keys.map((key, index) => ({
    index,
    erased: snapshot.leads.has(key) && firstPlaces.get(key) === index
  }))
  return { changes, answer: { erased: leads.length, outcomes } }
}
