/**
 * What a rule sees: the part of one workspace that a scope names, as it stood at one moment. A store loads it
 * set-wise, in a handful of statements whatever the number of addresses. What the scope does not name is empty.
 */
import type { Campaign } from "./Campaign.ts"
import { type CampaignCounters, noCounters } from "./Counters.ts"
import type { EmailKey } from "./EmailAddress.ts"
import type { Enrollment } from "./Enrollment.ts"
import type { IdempotencyRecord, IdempotentCall } from "./Idempotency.ts"
import type { CampaignId, LeadId, MessageId, WorkspaceId } from "./Ids.ts"
import type { Lead } from "./Lead.ts"
import type { Message, MessageInContext } from "./Message.ts"
import type { Suppression, SuppressionEntry } from "./Suppression.ts"
import type { Workspace } from "./Workspace.ts"

export interface Scope {
  readonly workspaceId: WorkspaceId
  /** The campaign, with its counters. */
  readonly campaignId?: CampaignId
  /** The leads with these keys and, when a campaign is named, which of them are enrolled in it. */
  readonly addresses?: ReadonlyArray<EmailKey>
  /** The leads with these ids, as if their addresses were named. An erased lead has none. */
  readonly leadIds?: ReadonlyArray<LeadId>
  /** Also those enrolments, and all of their messages. */
  readonly history?: boolean
  /** These messages, and the suppressions of their leads. */
  readonly messages?: ReadonlyArray<MessageId>
  /** The messages that can be claimed (DE-2), the oldest due first, and the suppressions of their leads. */
  readonly due?: DueScope
  /** These entries of the suppression list, and its size. */
  readonly suppressions?: ReadonlyArray<SuppressionEntry>
  /** Also the entries that suppress one of these addresses, by address or by domain. */
  readonly covers?: ReadonlyArray<EmailKey>
  /** The record under the key of this call. */
  readonly idempotency?: IdempotentCall
}

/** Which of the messages that can be claimed a snapshot shows: the first ones, in the order of claims. */
export interface DueScope {
  /**
   * The real time, in milliseconds since 1970: leases run out by it. Messages are due by it too, and
   * by the test clock in a test workspace.
   */
  readonly at: number
  readonly limit: number
  /** They end before the first message of one campaign more than that; left out, at no campaign. */
  readonly campaigns?: number
}

export interface Snapshot {
  /** Null while nothing was written to the workspace. */
  readonly workspace: Workspace | null
  /** Null when the workspace has no such campaign. */
  readonly campaign: Campaign | null
  readonly counters: CampaignCounters
  readonly leads: ReadonlyMap<EmailKey, Lead>
  readonly enrolled: ReadonlySet<EmailKey>
  readonly enrollments: ReadonlyMap<EmailKey, Enrollment>
  /** Of each enrolment, by step. */
  readonly history: ReadonlyMap<EmailKey, ReadonlyArray<Message>>
  /** Those named and those due, in the order of their due times. */
  readonly messages: ReadonlyMap<MessageId, MessageInContext>
  /** By the entry that was asked for, also where the store knows it as a hash alone. */
  readonly suppressions: ReadonlyMap<SuppressionEntry, Suppression>
  readonly suppressionTotal: number
  /**
   * Null when there is no record under the key. An expired record may still be here. The
   * fingerprint of a record equals the call's when both calls are the same, and is any other text
   * otherwise.
   */
  readonly idempotency: IdempotencyRecord | null
}

/** What there is of a workspace that nothing was written to. */
export const emptySnapshot: Snapshot = {
  workspace: null,
  campaign: null,
  counters: noCounters,
  leads: new Map(),
  enrolled: new Set(),
  enrollments: new Map(),
  history: new Map(),
  messages: new Map(),
  suppressions: new Map(),
  suppressionTotal: 0,
  idempotency: null
}
