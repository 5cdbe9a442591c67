/**
 * The outcomes of rows in an empty workspace, counted by docs/spec/upsert.md (UP-1, UP-2) and nothing else: failed, else
 * skipped where the address or its exact domain is suppressed, else updated where the address came before, else enrolled.
 * Keys come from the second reading of the rules on addresses; only that of a plain ASCII domain is kept for the next row.
 */
import { keyByTheSpec } from "../packages/core/test/addressOracle.ts"

export interface Count {
  readonly rows: number
  readonly enrolled: number
  readonly updated: number
  readonly skipped: number
  readonly failed: number
  /** The keys that are enrolled. */
  readonly emails: ReadonlySet<string>
}

const plain = /^([a-z0-9]+(?:[._+-][a-z0-9]+)*)@([a-z0-9-]+(?:\.[a-z0-9-]+)+)$/i

/** Domains that are kept at most; past that all are forgotten, so that memory stays bounded. */
const maxDomains = 100_000

export class Tally {
  readonly #suppressed = new Set<string>()
  readonly #emails = new Set<string>()
  /** The key of a domain as it is spelled, null where it is refused. */
  readonly #domains = new Map<string, string | null>()
  #updated = 0
  #skipped = 0
  #failed = 0

  /** Takes addresses and `@domains` in any spelling. Throws for what is neither. */
  constructor(suppressed: Iterable<string> = []) {
    for (const entry of suppressed) {
      const trimmed = entry.trim()
      const key = trimmed.startsWith("@") ? keyByTheSpec(`a${trimmed}`)?.slice(1) : keyByTheSpec(trimmed)
      if (key === undefined) throw new Error(`Neither an address nor a domain: ${JSON.stringify(entry)}`)
      this.#suppressed.add(key)
    }
  }

  add(email: unknown, isBroken: boolean): void {
    const key = isBroken ? undefined : this.#keyOf(email)
    if (key === undefined) this.#failed++
    else if (this.#suppressed.has(key) || this.#suppressed.has(key.slice(key.indexOf("@")))) this.#skipped++
    else if (this.#emails.has(key)) this.#updated++
    else this.#emails.add(key)
  }

  get count(): Count {
    const [enrolled, updated, skipped, failed] = [
      this.#emails.size,
      this.#updated,
      this.#skipped,
      this.#failed
    ]
    return {
      rows: enrolled + updated + skipped + failed,
      enrolled,
      updated,
      skipped,
      failed,
      emails: this.#emails
    }
  }

  #keyOf(email: unknown): string | undefined {
    if (typeof email !== "string") return undefined
    const [, local, domain] = plain.exec(email.trim()) ?? []
    if (local === undefined || domain === undefined || local.length > 64) return keyByTheSpec(email)
    const domainKey = this.#domainKey(domain)
    if (domainKey === null) return undefined
    const key = `${local.toLowerCase()}@${domainKey}`
    return key.length > 254 ? undefined : key
  }

  #domainKey(domain: string): string | null {
    const known = this.#domains.get(domain)
    if (known !== undefined) return known
    const key = keyByTheSpec(`a@${domain}`)?.slice(2) ?? null
    if (this.#domains.size >= maxDomains) this.#domains.clear()
    // A copy, since a part of a text keeps the whole of it in memory.
    this.#domains.set(Buffer.from(domain, "latin1").toString("latin1"), key)
    return key
  }
}
