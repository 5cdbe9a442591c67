/**
 * The fingerprint of a preview: proof that this server has previewed these rows for this campaign,
 * with these outcomes. It is keyed by a secret of the process, so that nobody can compute one.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto"
import type { UpsertReport } from "@leadterra/core"

export interface Previewed {
  readonly campaignId: string
  readonly revision: string
  readonly leads: ReadonlyArray<unknown>
  readonly report: UpsertReport
}

export interface Fingerprints {
  /** 32 hexadecimal digits. */
  readonly of: (previewed: Previewed) => string
  readonly matches: (previewed: Previewed, fingerprint: string) => boolean
}

export const makeFingerprints = (): Fingerprints => {
  const secret = randomBytes(32)
  const of = ({ campaignId, leads, report, revision }: Previewed): string => {
    const hmac = createHmac("sha256", secret)
    hmac.update(JSON.stringify([campaignId, revision]))
    for (const { outcome } of report.outcomes) hmac.update(`\n${outcome}`)
    for (const lead of leads) hmac.update(`\n${JSON.stringify(sorted(lead))}`)
    return hmac.digest("hex").slice(0, 32)
  }
  return {
    of,
    matches: (previewed, fingerprint) => {
      const [expected, given] = [Buffer.from(of(previewed)), Buffer.from(fingerprint)]
      return expected.length === given.length && timingSafeEqual(expected, given)
    }
  }
}

/** A value with its keys in order: a client may write them in another one. Messages are bounded in depth. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== "object" || value === null) return value
  return Object.entries(value)
    .map(([key, member]) => [key, sorted(member)])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
}
