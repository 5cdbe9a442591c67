/**
 * The use cases of delivery: claim, record, release, extend, which have modules of their own. A
 * worker claims messages that are due, sends them, and records what happened; the library hands out
 * and records, and never sends. What a claim hands out stays with it for a lease; handing out is at
 * least once, recording is at most once per campaign, lead and step (SQ-3).
 */
export { type ClaimInput, claim } from "./claim.ts"
export { type ClaimRef, extend, release } from "./leases.ts"
export { type RecordAnswer, type Report, type ReportOutcome, record } from "./reports.ts"
export type { ClaimedMessage } from "./rules/claim.ts"
