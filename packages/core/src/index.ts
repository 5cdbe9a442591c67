/**
 * `@leadterra/core`: the use cases, the port that a store offers them, and the nouns of both. The use cases
 * need only `Repository`; a store package provides it.
 */
export * as Campaigns from "./Campaigns.ts"
export * as Leads from "./Leads.ts"
export type {
  Campaign,
  CampaignCounters,
  CampaignStatus,
  SequenceStep,
  SequenceStepInput
} from "./model/Campaign.ts"
export { noCounters } from "./model/Campaign.ts"
export type { Change, Decision } from "./model/Decision.ts"
export * as EmailAddress from "./model/EmailAddress.ts"
export type { EndReason, Enrollment, EnrollmentState, PendingMessage } from "./model/Enrollment.ts"
export * from "./model/Errors.ts"
export type { CampaignId, LeadId, MessageId, WorkspaceId } from "./model/Ids.ts"
export * as Ids from "./model/Ids.ts"
export type { FieldValue, Lead, LeadFields } from "./model/Lead.ts"
export * as Limits from "./model/Limits.ts"
export type { RowIssue, RowOutcome, UpsertReport } from "./model/Report.ts"
export type { Scope, Snapshot } from "./model/Snapshot.ts"
export type { Suppression as SuppressionRecord, SuppressionEntry } from "./model/Suppression.ts"
export { domainEntryOf, isDomainEntry } from "./model/Suppression.ts"
export * from "./Repository.ts"
export type { SuppressionAnswer } from "./rules/suppression.ts"
export * as Suppression from "./Suppression.ts"
export * as Template from "./Template.ts"
