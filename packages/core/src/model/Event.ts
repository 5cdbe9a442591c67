/**
 * Domain events: what one decision did, for whoever follows a workspace, such as a CRM or an audit. They are written in
 * the same atomic step as the changes that they tell of, and never change. An event names leads by id and holds nothing
 * else of them, so that it can outlive an erasure (ER-1). A decision gives one event of a kind and reason, however
 * many leads it is of; what it ends set-wide is counted in one more.
 */
import type { EndReason } from "./Enrollment.ts"
import type { CampaignId, LeadId, MessageId } from "./Ids.ts"

/** What put addresses on the suppression list. */
export type SuppressionCause = "added" | "bounced" | "unsubscribed" | "erased"

/** A hard bounce suppresses the address; a soft one, such as a full mailbox, does not. */
export type BounceType = "hard" | "soft"

/** What happened. */
export type Happening =
  /** New enrolments in a campaign. */
  | {
      readonly kind: "lead.enrolled"
      readonly campaignId: CampaignId
      readonly leadIds: ReadonlyArray<LeadId>
    }
  /** Leads whose fields an upsert into this campaign has changed; of one that came with nothing new there is no word. */
  | {
      readonly kind: "lead.updated"
      readonly campaignId: CampaignId
      readonly leadIds: ReadonlyArray<LeadId>
    }
  /** So many new entries are on the suppression list; the leads are those that they name by address. */
  | {
      readonly kind: "lead.suppressed"
      readonly cause: SuppressionCause
      readonly entries: number
      readonly leadIds: ReadonlyArray<LeadId>
    }
  /**
   * An operator removed entries from the list. The leads are those of removed addresses, not of
   * domains.
   */
  | {
      readonly kind: "suppression.removed"
      /** The host's name for the operator. The one text of an event that a caller chose. */
      readonly actor: string
      readonly entries: number
      readonly leadIds: ReadonlyArray<LeadId>
    }
  /** A draft was started, or a paused campaign goes on. */
  | {
      readonly kind: "campaign.started"
      readonly campaignId: CampaignId
      readonly leadsEnrolled: number
      readonly queuedMessages: number
    }
  | { readonly kind: "campaign.paused"; readonly campaignId: CampaignId }
  /**
   * Sends, and replies of a person, recorded for the first time; each has its lead at the same
   * index.
   */
  | {
      readonly kind: "message.sent" | "reply.received"
      readonly messageIds: ReadonlyArray<MessageId>
      readonly leadIds: ReadonlyArray<LeadId>
    }
  /**
   * Bounces recorded for the first time. A message that bounces softly and then hard is in two
   * events.
   */
  | {
      readonly kind: "message.bounced"
      readonly bounceType: BounceType
      readonly messageIds: ReadonlyArray<MessageId>
      readonly leadIds: ReadonlyArray<LeadId>
    }
  /**
   * The number of enrolments that are over, `completed` by their last step or ended before. Those
   * that a suppression, a bounce or an opt-out ends are counted and not listed, since they may be
   * any number: a `lead.suppressed` names the entries.
   */
  | {
      readonly kind: "enrollment.ended"
      readonly reason: EndReason | "completed"
      readonly enrollments: number
      readonly leadIds: ReadonlyArray<LeadId>
    }

/** An event of a workspace. */
export type DomainEvent = Happening & {
  /** Its place among the events of the workspace, from 1, in the order in which they were written. */
  readonly sequence: number
  /** Milliseconds since 1970. */
  readonly at: number
}

/** What a set-wide end of so many enrolments is told as. */
export const endedTogether = (reason: EndReason, enrollments: number): Happening => ({
  kind: "enrollment.ended",
  reason,
  enrollments,
  leadIds: []
})
