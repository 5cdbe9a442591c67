/**
 * Tokens for unsubscribe links (UN-1). Ids of messages can be guessed from others of their batch.
 * So a public link carries a signed token, made when the message is sent and checked when its link
 * is followed. The format is `u1.<message id in base64url>.<HMAC-SHA256 in base64url>`; the spec
 * defines it for other languages. Guarantees: a token holds no address, and verification takes any
 * text and is total. Nothing is stored.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { InvalidToken } from "./model/Errors.ts"
import { MessageId, parseMessageId } from "./model/Ids.ts"
import * as Limits from "./model/Limits.ts"
import { isStorable } from "./model/text.ts"
import { utf8Length } from "./model/utf8.ts"
import { decodeRequest } from "./request.ts"

/**
 * A secret of 32 to 1,024 bytes of text, or several: the current one first, then at most 9 that
 * were current before it.
 */
export type Secrets = string | ReadonlyArray<string>

const version = "u1"

/**
 * Prefix of the message id in the signed text, so that a signature for another purpose is invalid
 * here.
 */
const purpose = "leadterra:unsubscribe:1:"

const tokenShape = /^u1\.([A-Za-z0-9_-]{1,256})\.([A-Za-z0-9_-]{43})$/

const encoder = new TextEncoder()

const isSecret = (secret: unknown): secret is string => {
  if (typeof secret !== "string" || secret.length > Limits.maxSecretBytes || !isStorable(secret)) return false
  const bytes = utf8Length(secret)
  return bytes >= Limits.minSecretBytes && bytes <= Limits.maxSecretBytes
}

const secretsOf = (given: unknown): ReadonlyArray<unknown> => (Array.isArray(given) ? given : [given])

const secret = Schema.Unknown.check(
  Schema.makeFilter((given: unknown) => {
    const secrets = secretsOf(given)
    return secrets.length === 0 || secrets.length > Limits.maxSecrets
      ? `there must be 1 to ${Limits.maxSecrets} secrets: drop the oldest`
      : secrets.every(isSecret)
        ? undefined
        : `a secret must be text of ${Limits.minSecretBytes} to ${Limits.maxSecretBytes} bytes: draw 32 random bytes and write them in hexadecimal`
  })
)

const decodeSigned = decodeRequest(
  Schema.Struct({
    secret,
    messageId: Schema.String.check(
      Schema.makeFilter((id: string) =>
        parseMessageId(id) === undefined
          ? "messageId must be the id of a message that a claim handed out"
          : undefined
      )
    )
  })
)
const decodeVerified = decodeRequest(Schema.Struct({ secret, token: Schema.Unknown }))

/**
 * Signs a token for the unsubscribe link of one message, with the current secret. Equal arguments
 * give equal tokens. Fails with `InvalidRequest` for an invalid message id, and for a secret that
 * is too short.
 *
 * @example
 * const token = yield* Unsubscribe.sign({ secret, messageId })
 * const url = `https://example.com/unsubscribe/${token}`
 */
export const sign = Effect.fn("Unsubscribe.sign")(function* (input: {
  readonly secret: Secrets
  readonly messageId: string
}) {
  const { messageId, secret } = yield* decodeSigned(input)
  const [current = ""] = secretsOf(secret).filter(isSecret)
  const signature = yield* Effect.promise(async () =>
    crypto.subtle.sign("HMAC", await keyOf(current, "sign"), encoder.encode(purpose + messageId))
  )
  return `${version}.${toBase64Url(messageId)}.${toBase64Url(String.fromCharCode(...new Uint8Array(signature)))}`
})

/**
 * Returns the id of the message that a token was signed for, by any of the secrets. Fails with
 * `InvalidToken` for every other text or value, and with `InvalidRequest` for a secret that is too
 * short.
 */
export const verify = Effect.fn("Unsubscribe.verify")(function* (input: {
  readonly secret: Secrets
  readonly token: string
}) {
  const { secret, token } = yield* decodeVerified(input)
  const parts = partsOf(token)
  if (parts === undefined) return yield* new InvalidToken()
  const { messageId, signature } = parts
  const isSigned = yield* Effect.promise(async () => {
    const text = encoder.encode(purpose + messageId)
    // Web Crypto compares in constant time.
    for (const known of secretsOf(secret).filter(isSecret))
      if (await crypto.subtle.verify("HMAC", await keyOf(known, "verify"), signature, text)) return true
    return false
  })
  return isSigned ? messageId : yield* new InvalidToken()
})

/** The parts of a token that is written as `sign` writes one, and may be forged. */
const partsOf = (token: unknown) => {
  // The length first: a link may be of any length.
  if (typeof token !== "string" || token.length > Limits.maxTokenLength) return undefined
  const [, id = "", signature = ""] = tokenShape.exec(token) ?? []
  const messageId = fromBase64Url(id)
  const bytes = fromBase64Url(signature)
  return messageId === undefined || bytes === undefined || parseMessageId(messageId) === undefined
    ? undefined
    : {
        messageId: MessageId.make(messageId),
        signature: Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))
      }
}

const keyOf = (secret: string, use: "sign" | "verify") =>
  crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, [use])

/** Base64url without padding, of text whose characters are bytes. */
const toBase64Url = (bytes: string): string =>
  btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")

/** The bytes as characters; undefined for text that is not how `toBase64Url` writes any. */
const fromBase64Url = (text: string): string | undefined => {
  // No text of this length is base64.
  if (text.length % 4 === 1) return undefined
  const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"))
  return toBase64Url(bytes) === text ? bytes : undefined
}
