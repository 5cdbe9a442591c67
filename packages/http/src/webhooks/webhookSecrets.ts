/**
 * Secrets of endpoints: `whsec_` and the base64 of 32 random bytes, as Standard Webhooks writes them.
 * A rotation keeps the secret before for a while, and both sign meanwhile.
 */
import type { WebhookSecrets } from "./Webhook.ts"

const prefix = "whsec_"

const randomBytes = 32

/** Seconds for which a rotation keeps the secret before: at most a week, and a day when nothing is said. */
export const maxKeepSeconds = 7 * 86_400
export const defaultKeepSeconds = 86_400

/** Draws a secret: 256 bits of `crypto.getRandomValues`. */
export const drawSecret = (): string =>
  `${prefix}${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(randomBytes))))}`

/** The bytes behind the prefix, which are the key of `webhook-signature`. */
export const bytesOfSecret = (secret: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(secret.slice(prefix.length)), (one) => one.charCodeAt(0))

/** Puts a secret in place of the current one, which stays valid until a time. An older one ends at once. */
export const rotate = (
  { current }: WebhookSecrets,
  secret: string,
  { keepSeconds, now }: { readonly keepSeconds: number; readonly now: number }
): WebhookSecrets => ({
  current: secret,
  previous: keepSeconds === 0 ? null : { secret: current, until: now + keepSeconds * 1_000 }
})

/** The secrets that sign at a time, the current one first. */
export const signingSecrets = ({ current, previous }: WebhookSecrets, now: number): ReadonlyArray<string> =>
  previous !== null && now < previous.until ? [current, previous.secret] : [current]
