/** The cursor of a page of deliveries, which are listed newest first, and by id within a millisecond. */
import type { WebhookDelivery } from "../webhooks/Webhook.ts"

type Listed = Pick<WebhookDelivery, "createdAt" | "id">

export const cursorOfDelivery = ({ createdAt, id }: Listed): string => `${createdAt} ${id}`

/** Reads a cursor back. Text that is none is a place behind every delivery. */
export const parseDeliveryCursor = (cursor: string): Listed => {
  const [, time, id] = /^(\d+(?:\.\d+)?) (\S+)$/.exec(cursor) ?? []
  return time === undefined || id === undefined
    ? { createdAt: Number.NEGATIVE_INFINITY, id: "" }
    : { createdAt: Number(time), id }
}

/** Whether a delivery is listed behind that of a cursor. */
export const isBehind = (delivery: Listed, cursor: string): boolean => {
  const { createdAt, id } = parseDeliveryCursor(cursor)
  return delivery.createdAt < createdAt || (delivery.createdAt === createdAt && delivery.id < id)
}
