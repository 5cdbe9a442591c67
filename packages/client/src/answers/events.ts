/** Answers about events. */
import type { EndReason } from "./enrollments.ts"

interface OfLeads {
  readonly campaignId: string
  readonly leadIds: ReadonlyArray<string>
}

interface OfEntries {
  readonly entries: number
  readonly leadIds: ReadonlyArray<string>
}

/** Each message has its lead at the same index. */
interface OfMessages {
  readonly messageIds: ReadonlyArray<string>
  readonly leadIds: ReadonlyArray<string>
}

/** An event. Its `kind` tells which members it has. */
export type Event = { readonly sequence: number; readonly at: string } & (
  | ({ readonly kind: "lead.enrolled" } & OfLeads)
  | ({ readonly kind: "lead.updated" } & OfLeads)
  | ({
      readonly kind: "lead.suppressed"
      readonly cause: "added" | "bounced" | "unsubscribed" | "erased"
    } & OfEntries)
  | ({ readonly kind: "suppression.removed"; readonly actor: string } & OfEntries)
  | {
      readonly kind: "campaign.started"
      readonly campaignId: string
      readonly leadsEnrolled: number
      readonly queuedMessages: number
    }
  | { readonly kind: "campaign.paused"; readonly campaignId: string }
  | ({ readonly kind: "message.sent" } & OfMessages)
  | ({ readonly kind: "message.bounced"; readonly bounceType: "hard" | "soft" } & OfMessages)
  | ({ readonly kind: "reply.received" } & OfMessages)
  | {
      readonly kind: "enrollment.ended"
      readonly reason: EndReason | "completed"
      readonly enrollments: number
      readonly leadIds: ReadonlyArray<string>
    }
)

/** An event of the stream, with the cursor that goes on behind it. */
export type FollowedEvent = Event & { readonly cursor: string }

export interface EventPage {
  readonly events: ReadonlyArray<Event>
  /** Goes into `after` of the next call, on the last page too; null before the first event. */
  readonly next: string | null
  /** Whether there are more events by now. */
  readonly more: boolean
}
