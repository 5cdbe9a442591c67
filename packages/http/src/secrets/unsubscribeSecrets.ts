/** The secrets that sign unsubscribe links. The current one signs; those before it verify for a time. */
import type { ServerStore } from "../ServerStore.ts"
import type { StoredSecret } from "./SecretStore.ts"

/** The name of the secret in the store. */
export const unsubscribeSecret = "unsubscribe"

/** Days for which links of a secret that was replaced stay valid. */
export const formerLinkDays = 730

const formerLinkMillis = formerLinkDays * 86_400_000

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

/**
 * Returns the secrets that are valid at a time, as text, the current one first: it signs, and all of
 * them verify.
 */
export const validSecrets = (all: ReadonlyArray<StoredSecret>, now: number): ReadonlyArray<string> =>
  all
    .filter(({ replacedAt }) => replacedAt === null || replacedAt > now - formerLinkMillis)
    .map(({ secret }) => hexOf(secret))

export interface RotateUnsubscribeSecret {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Whether all links that were handed out so far end; by default they stay valid for `formerLinkDays`. */
  readonly endsLinks?: boolean | undefined
}

/**
 * Draws another secret for unsubscribe links, which signs from the next claim on. Rejects with
 * `TooManySecrets` when links of nine secrets before it are still valid.
 */
export const rotateUnsubscribeSecret = (
  { secrets }: ServerStore,
  { endsLinks = false, now }: RotateUnsubscribeSecret
): Promise<void> =>
  secrets.rotate(unsubscribeSecret, {
    at: now,
    keepSince: endsLinks ? Number.POSITIVE_INFINITY : now - formerLinkMillis
  })
