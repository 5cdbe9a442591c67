/**
 * The record of a call that came with an idempotency key (UP-10). It is stored with the decision of
 * the call, both or neither. It holds no address, no field and no text of the host's: only hashes
 * of the key and the call, and the answer in a form that only the rule reads.
 */
import * as Brand from "effect/Brand"

/** The SHA-256 of the host's key, in hexadecimal. */
export type IdempotencyKey = string & Brand.Brand<"IdempotencyKey">
export const idempotencyKey = Brand.nominal<IdempotencyKey>()

/**
 * A call with a key. These hashes can be computed from a guessed key or guessed rows, so a store on
 * disk keeps them under its secret.
 */
export interface IdempotentCall {
  readonly key: IdempotencyKey
  /** The SHA-256 of what was asked for: equal calls have equal ones. */
  readonly fingerprint: string
}

export interface IdempotencyRecord extends IdempotentCall {
  readonly answer: string
  /** Milliseconds since 1970. */
  readonly keptAt: number
}
