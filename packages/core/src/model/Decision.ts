/**
 * What a rule decides: changes for the store, and the answer for the caller. Changes are a closed union. They
 * carry records and name leads by their key; a store has keys of its own and never shows them. `FirstStepQueued`
 * and `EnrollmentsEnded` are set-wide: one statement, however many rows they move.
 *
 * A store applies the changes of a decision in order, all or none, and keeps each campaign's counters from the
 * rows that they move. It refuses, whole, a decision that would double a campaign, a lead or an enrolment. Events it
 * writes as they come; what a set-wide end has moved it tells by an event of its own, `endedTogether`.
 */
import type { Campaign } from "./Campaign.ts"
import type { EmailKey } from "./EmailAddress.ts"
import type { EndReason, Enrollment } from "./Enrollment.ts"
import type { Happening } from "./Event.ts"
import type { IdempotencyRecord } from "./Idempotency.ts"
import type { CampaignId, MessageId } from "./Ids.ts"
import type { Lead } from "./Lead.ts"
import type { Lease, Message } from "./Message.ts"
import type { Suppression, SuppressionEntry } from "./Suppression.ts"
import type { Workspace } from "./Workspace.ts"

export type Change =
  /**
   * A new workspace. It is the first change of its decision, and nothing was written to the workspace
   * before. A new workspace whose decision does not begin by it is live.
   */
  | { readonly _tag: "WorkspaceCreated"; readonly workspace: Workspace }
  /** The test clock is set to a time that is not earlier than its own. */
  | { readonly _tag: "TestClockAdvanced"; readonly now: number }
  /** A new campaign. */
  | { readonly _tag: "CampaignCreated"; readonly campaign: Campaign }
  /** Name, status, steps and times of a campaign that exists. */
  | { readonly _tag: "CampaignChanged"; readonly campaign: Campaign }
  /** New leads, in the order in which lists show them. */
  | { readonly _tag: "LeadsCreated"; readonly leads: ReadonlyArray<Lead> }
  /** New fields for leads that exist. Id, key, spelling and time of creation stay. */
  | { readonly _tag: "LeadsChanged"; readonly leads: ReadonlyArray<Lead> }
  /** New active enrolments at position 0; with `dueAt`, the first message of each is queued for then. */
  | {
      readonly _tag: "LeadsEnrolled"
      readonly campaignId: CampaignId
      readonly keys: ReadonlyArray<EmailKey>
      readonly enrolledAt: number
      readonly dueAt: number | null
    }
  /** The first message of every active enrolment of the campaign is queued (SQ-4). */
  | { readonly _tag: "FirstStepQueued"; readonly campaignId: CampaignId; readonly dueAt: number }
  /** Every active enrolment whose lead one of these entries covers ends, in all campaigns; its message goes (SU-2). */
  | {
      readonly _tag: "EnrollmentsEnded"
      readonly entries: ReadonlyArray<SuppressionEntry>
      readonly reason: EndReason
      readonly endedAt: number
    }
  /** New messages, each as the decision leaves it: pending, or already more. */
  | { readonly _tag: "MessagesQueued"; readonly messages: ReadonlyArray<Message> }
  /** State, due time, lease and facts of messages that exist. */
  | { readonly _tag: "MessagesChanged"; readonly messages: ReadonlyArray<Message> }
  /**
   * These pending messages are handed out: each gets the lease and one attempt more. A message
   * whose earlier lease has run out gets one failure more (DE-1, DE-4).
   */
  | { readonly _tag: "MessagesLeased"; readonly ids: ReadonlyArray<MessageId>; readonly lease: Lease }
  /**
   * Position, state, end and reply of stored enrolments. When one is no longer active, its pending
   * message is cancelled.
   */
  | { readonly _tag: "EnrollmentsChanged"; readonly enrollments: ReadonlyArray<Enrollment> }
  | { readonly _tag: "SuppressionsAdded"; readonly suppressions: ReadonlyArray<Suppression> }
  | { readonly _tag: "SuppressionsRemoved"; readonly entries: ReadonlyArray<SuppressionEntry> }
  /**
   * Stored leads lose key, address and fields, and become the anonymised records. Ids and times of
   * creation stay.
   */
  | { readonly _tag: "LeadsErased"; readonly leads: ReadonlyArray<ErasedLead> }
  /**
   * The suppression list knows these addresses by keyed hashes alone. An entry in plain text is
   * replaced, and a hash that is there stays. When the call has answered, no file of the store
   * holds the data that the decision erased (ER-1).
   */
  | {
      readonly _tag: "AddressesForgotten"
      readonly keys: ReadonlyArray<EmailKey>
      readonly suppressedAt: number
    }
  /**
   * Keeps a record, in place of one under the same key (UP-10). Records kept at `forgetUpTo` or
   * before have expired: the store deletes them, now or little by little, the oldest first.
   */
  | { readonly _tag: "IdempotencyRecorded"; readonly record: IdempotencyRecord; readonly forgetUpTo: number }
  /** Appended to the workspace's events, in this order. */
  | { readonly _tag: "EventsRecorded"; readonly at: number; readonly events: ReadonlyArray<Happening> }

/** A lead, by its key, and the record that takes its place. */
export interface ErasedLead {
  readonly key: EmailKey
  readonly anonymised: Lead
}

export interface Decision<A> {
  readonly changes: ReadonlyArray<Change>
  readonly answer: A
}

/** The change that writes events, where there are any. */
export const events = (at: number, events: ReadonlyArray<Happening>): ReadonlyArray<Change> =>
  events.length === 0 ? [] : [{ _tag: "EventsRecorded", at, events }]

/** A decision that changes nothing. */
export const answer = <A>(value: A): Decision<A> => ({ changes: [], answer: value })
