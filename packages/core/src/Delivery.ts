/**
 * The use cases of delivery: claim, record, release, extend, which have modules of their own. A
 * worker claims messages that are due, sends them, and records what happened; the library never
 * sends. A claim leases its messages. A message is handed out at least once, and recorded at most
 * once per campaign, lead and step (SQ-3).
 */
export { type ClaimInput, claim } from "./claim.ts"
export { type ClaimRef, extend, release } from "./leases.ts"
export { type RecordAnswer, type Report, type ReportOutcome, record } from "./reports.ts"
export type { ClaimedMessage } from "./rules/claim.ts"
