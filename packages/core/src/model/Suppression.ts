/**
 * An entry of a workspace's suppression list (SU-1): one address, or one exact domain written `@acme.com`,
 * which does not reach its subdomains.
 */
import type { EmailKey } from "./EmailAddress.ts"
import { domainOf } from "./EmailAddress.ts"

/** An email key, or `@` and a domain in lower-case ASCII. */
export type SuppressionEntry = EmailKey | DomainEntry
export type DomainEntry = `@${string}`

/** The reason of an address that was erased: its entry is stored as a keyed hash, and stands in no list (ER-1). */
export const erased = "erased"

export interface Suppression {
  readonly entry: SuppressionEntry
  /** Why it was added first; adding it again keeps it, an erasure alone replaces it. */
  readonly reason: string
  /** Milliseconds since 1970. */
  readonly suppressedAt: number
}

export const isDomainEntry = (entry: string): entry is DomainEntry => entry.startsWith("@")

export const isAddressEntry = (entry: SuppressionEntry): entry is EmailKey => !isDomainEntry(entry)

/** The domain entry that would suppress this address. */
export const domainEntryOf = (key: EmailKey): DomainEntry => `@${domainOf(key)}`

/** The entries that would suppress one of these addresses, each once. */
export const coveringEntries = (keys: ReadonlyArray<EmailKey>): ReadonlyArray<SuppressionEntry> => [
  ...new Set([...keys, ...keys.map(domainEntryOf)])
]
