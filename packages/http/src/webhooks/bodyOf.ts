/** The body of a delivery: `{ event, timestamp, data }`. It names people by ids alone. */
import { Ids } from "@leadterra/core"
import { isoTime } from "../contract/isoTime.ts"
import type { Subject, WebhookDelivery } from "./Webhook.ts"

/** The ids that a message's own id holds; `sequenceStep` is an index of the steps and counts from 0. */
const messageOf = (messageId: string) => {
  const name = Ids.parseMessageId(messageId)
  return {
    messageId,
    campaignId: name?.campaignId ?? null,
    leadId: name?.leadId ?? null,
    sequenceStep: name?.step ?? null
  }
}

const dataOf = (subject: Subject, at: string): object => {
  switch (subject.kind) {
    case "campaign.started": {
      const { kind: _, ...campaign } = subject
      return campaign
    }
    case "message.sent":
      return messageOf(subject.messageId)
    case "message.bounced":
      // Reports of bounces give no reason.
      return { ...messageOf(subject.messageId), bounceType: subject.bounceType, bounceReason: null }
    case "reply.received":
      return {
        reply: {
          id: subject.messageId.replace(/^msg_/, "rpl_"),
          ...messageOf(subject.messageId),
          receivedAt: at
        }
      }
    case "webhook.disabled":
      return { webhookId: subject.webhookId, reason: subject.reason }
    case "webhook.test":
      return { webhookId: subject.webhookId }
  }
}

/** Returns the JSON of a delivery. It is the same for every attempt. */
export const bodyOf = ({ at, subject }: Pick<WebhookDelivery, "subject" | "at">): string => {
  const timestamp = isoTime(at)
  return JSON.stringify({ event: subject.kind, timestamp, data: dataOf(subject, timestamp) })
}
