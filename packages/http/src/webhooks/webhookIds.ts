/** The ids of endpoints and deliveries. */
import { drawId } from "../keys/keyId.ts"

const encoder = new TextEncoder()

/** Hexadecimal digits of a `webhook-id`: 128 bits. */
const digits = 32

/** Draws the id of an endpoint: `wh_` and a ULID of a time in milliseconds since the epoch. */
export const drawWebhookId = (now: number): string => drawId("wh", now)

/** Whether text has the form of an id of an endpoint. Other text names none, and reaches no store. */
export const isWebhookId = (text: string): boolean => /^wh_[0-9A-Z]{26}$/.test(text)

/** Whether text has the form of an id of a delivery. */
export const isDeliveryId = (text: string): boolean => /^evt_[0-9a-f]{32}$/.test(text)

/** The id of a delivery, `evt_` and half of the SHA-256 of its key: the same key has the same id. */
export const deliveryId = async (key: string): Promise<string> => {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(key)))
  return `evt_${Array.from(hash, (byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .slice(0, digits)}`
}
