/** Answers about events. */
import type { EndReason } from "./enrollments.ts"

/** An event; the optional members depend on its kind. */
export interface Event {
  readonly sequence: number
  readonly at: string
  readonly kind:
    | "lead.enrolled"
    | "lead.updated"
    | "lead.suppressed"
    | "suppression.removed"
    | "campaign.started"
    | "campaign.paused"
    | "message.sent"
    | "message.bounced"
    | "reply.received"
    | "enrollment.ended"
  readonly campaignId?: string
  readonly leadIds?: ReadonlyArray<string>
  readonly messageIds?: ReadonlyArray<string>
  readonly cause?: "added" | "bounced" | "unsubscribed" | "erased"
  readonly bounceType?: "hard" | "soft"
  readonly reason?: EndReason | "completed"
  readonly entries?: number
  readonly enrollments?: number
  readonly leadsEnrolled?: number
  readonly queuedMessages?: number
  readonly actor?: string
}

/** An event of the stream, with the cursor that goes on behind it. */
export interface FollowedEvent extends Event {
  readonly cursor: string
}

export interface EventPage {
  readonly events: ReadonlyArray<Event>
  /** Goes into `after` of the next call, on the last page too; null before the first event. */
  readonly next: string | null
  /** Whether there are more events by now. */
  readonly more: boolean
}
