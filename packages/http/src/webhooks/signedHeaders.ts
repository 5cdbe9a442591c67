/**
 * The headers of an attempt. Each signature is an HMAC-SHA256, one for each secret, the current one
 * first:
 *
 * - `X-Leadterra-Signature` signs the raw body. The key is the UTF-8 of the whole secret, `whsec_`
 *   included. Lower-case hexadecimal digits, a comma between two signatures.
 * - `webhook-signature` (Standard Webhooks) signs `<webhook-id>.<webhook-timestamp>.<raw body>`. The key
 *   is the base64-decoded part of the secret behind `whsec_`. `v1,` and base64, a space between two.
 */
import { bytesOfSecret } from "./webhookSecrets.ts"

const encoder = new TextEncoder()

const hmac = async (key: Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array> => {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign"
  ])
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(text)))
}

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

const base64Of = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))

export interface Signed {
  readonly id: string
  /** The time of the attempt, in milliseconds since the epoch. */
  readonly now: number
  readonly body: string
  readonly secrets: ReadonlyArray<string>
}

export const signedHeaders = async ({
  body,
  id,
  now,
  secrets
}: Signed): Promise<Readonly<Record<string, string>>> => {
  const timestamp = String(Math.floor(now / 1_000))
  const own = await Promise.all(
    secrets.map(async (secret) => hexOf(await hmac(encoder.encode(secret), body)))
  )
  const standard = await Promise.all(
    secrets.map(
      async (secret) => `v1,${base64Of(await hmac(bytesOfSecret(secret), `${id}.${timestamp}.${body}`))}`
    )
  )
  return {
    "content-type": "application/json",
    "user-agent": "Leadterra-Webhooks/1",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": standard.join(" "),
    "x-leadterra-signature": own.join(",")
  }
}
