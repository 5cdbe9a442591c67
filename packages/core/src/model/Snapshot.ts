/**
 * What a rule sees: the part of one workspace that a scope names, as it stood at one moment. A store loads it
 * set-wise, in a handful of statements whatever the number of addresses. What the scope does not name is empty.
 */
import type { Campaign, CampaignCounters } from "./Campaign.ts"
import type { EmailKey } from "./EmailAddress.ts"
import type { Enrollment, PendingMessage } from "./Enrollment.ts"
import type { CampaignId, WorkspaceId } from "./Ids.ts"
import type { Lead } from "./Lead.ts"
import type { Suppression, SuppressionEntry } from "./Suppression.ts"

export interface Scope {
  readonly workspaceId: WorkspaceId
  /** The campaign, with its counters. */
  readonly campaignId?: CampaignId
  /** The leads with these keys and, when a campaign is named, their enrolments in it. */
  readonly addresses?: ReadonlyArray<EmailKey>
  /** Also the pending messages of those enrolments. */
  readonly pending?: boolean
  /** These entries of the suppression list, and its size. */
  readonly suppressions?: ReadonlyArray<SuppressionEntry>
}

export interface Snapshot {
  /** Null when the workspace has no such campaign. */
  readonly campaign: Campaign | null
  readonly counters: CampaignCounters
  readonly leads: ReadonlyMap<EmailKey, Lead>
  readonly enrollments: ReadonlyMap<EmailKey, Enrollment>
  readonly pending: ReadonlyMap<EmailKey, PendingMessage>
  readonly suppressions: ReadonlyMap<SuppressionEntry, Suppression>
  readonly suppressionTotal: number
}
