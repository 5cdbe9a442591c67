/**
 * `@leadterra/core`: the use cases, the port that a store offers them, and the nouns of both. The use cases
 * need only `Repository`; a store package provides it.
 */

export { SourceFailed } from "./batches.ts"
export * as Campaigns from "./Campaigns.ts"
export * as Delivery from "./Delivery.ts"
export * as Events from "./Events.ts"
export { ImportStopped } from "./ImportStopped.ts"
export * as Leads from "./Leads.ts"
export type {
  Campaign,
  CampaignStatus,
  SequenceStep,
  SequenceStepInput
} from "./model/Campaign.ts"
export type { CampaignCounters } from "./model/Counters.ts"
export { addCounters, countersOf, enrollmentTotalOf, noCounters, totalOf } from "./model/Counters.ts"
export type { Change, Decision, ErasedLead } from "./model/Decision.ts"
export * as EmailAddress from "./model/EmailAddress.ts"
export type { EndReason, Enrollment, EnrollmentState } from "./model/Enrollment.ts"
export * from "./model/Errors.ts"
export type { BounceType, DomainEvent, Happening, SuppressionCause } from "./model/Event.ts"
export { endedTogether } from "./model/Event.ts"
export type { IdempotencyKey, IdempotencyRecord, IdempotentCall } from "./model/Idempotency.ts"
export type { CampaignId, ClaimToken, LeadId, MessageId, MessageName, WorkspaceId } from "./model/Ids.ts"
export * as Ids from "./model/Ids.ts"
export type { FieldValue, Lead, LeadFields } from "./model/Lead.ts"
export { customFieldsOf, isErased } from "./model/Lead.ts"
export * as Limits from "./model/Limits.ts"
export type { Lease, Message, MessageInContext, MessageState } from "./model/Message.ts"
export { queuedMessage } from "./model/Message.ts"
export type { RowIssue, RowOutcome, UpsertReport } from "./model/Report.ts"
export { type DueScope, emptySnapshot, type Scope, type Snapshot } from "./model/Snapshot.ts"
export { type RetryAdvice, SourceRow } from "./model/SourceRow.ts"
export type { Suppression as SuppressionRecord, SuppressionEntry } from "./model/Suppression.ts"
export { coveringEntries, domainEntryOf, erased, isAddressEntry, isDomainEntry } from "./model/Suppression.ts"
export type { Workspace, WorkspaceMode } from "./model/Workspace.ts"
export { liveWorkspace, modeOf } from "./model/Workspace.ts"
export * from "./Repository.ts"
export { isClaimable } from "./rules/claim.ts"
export type { Erasure, ErasureOutcome } from "./rules/erasure.ts"
export type { MessageHistory, Standing, Verdict } from "./rules/explain.ts"
export { firstDue } from "./rules/firstDue.ts"
export { type Moment, momentIn } from "./rules/moment.ts"
export { revisionOf } from "./rules/revision.ts"
export type { InvalidEntry, SuppressionAnswer } from "./rules/suppression.ts"
export * as Suppression from "./Suppression.ts"
export * as Template from "./Template.ts"
export * as TestClock from "./TestClock.ts"
export * as Unsubscribe from "./Unsubscribe.ts"
export * as Workspaces from "./Workspaces.ts"
