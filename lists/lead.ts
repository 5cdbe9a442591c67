/**
 * Row `n` of the list of a seed, as a pure function: who stands there, or whom it repeats. About 3 in 100 rows repeat an
 * earlier one, near or far above: as it stands, in another spelling, or with newer data. About 1 in 100 has no address,
 * and 2 in 10,000 a text that no field may hold.
 */
import { addressOf, malformed, respelled } from "./addresses.ts"
import { companyOf } from "./companies.ts"
import { digits } from "./digits.ts"
import { latinLocales } from "./latin.ts"
import * as phrases from "./phrases.ts"
import { Draws, pick } from "./random.ts"
import { scriptLocales } from "./scripts.ts"

export interface Lead {
  /** The number of the record: equal only where a row is repeated as it stands. */
  readonly id: number
  readonly email: string
  readonly first: string
  readonly last: string
  readonly company: string
  readonly domain: string
  readonly title: string
  readonly city: string
  readonly country: string
  readonly phone: string
  readonly note: string
  readonly employees: number
  /** Days since the first of January 2018. */
  readonly day: number
  /** Chooses among the small words that only some products export. */
  readonly trait: number
}

const locales = [...latinLocales, ...scriptLocales]

const sizes = [1, 2, 4, 7, 12, 35, 80, 150, 420, 1_100, 5_000, 61_000] as const

const repeatsPerMille = 31
const malformedPerMille = 10

/** What each set of draws is for. These numbers, like all others here, are part of what a seed means. */
const purposes = { repeat: 1, person: 2, change: 3 } as const

/** The row that this one repeats, or itself. A repeat of a repeat is one of the row that began it. */
const originOf = (seed: number, row: number): number => {
  for (let at = row; ; ) {
    const draws = new Draws(seed, at, purposes.repeat)
    if (at === 0 || !draws.perMille(repeatsPerMille)) return at
    at -= 1 + draws.below(draws.perMille(500) ? Math.min(at, 50) : at)
  }
}

const noteOf = (draws: Draws): string => {
  const share = draws.below(10_000)
  if (share < 1) return phrases.tooLong
  if (share < 2) return "cut\0off"
  return share < 3_500 ? pick(draws, phrases.notes) : ""
}

const personOf = (seed: number, row: number): Lead => {
  const draws = new Draws(seed, row, purposes.person)
  const locale = pick(draws, locales)
  const first = pick(draws, locale.firsts)
  const last = pick(draws, locale.lasts)
  const company = companyOf(draws, locale, last.text)
  const address = addressOf(draws, first, last, company)
  const email = draws.perMille(malformedPerMille) ? malformed(draws, address) : address
  const isStale = draws.perMille(20)
  const has = draws.below(1_000)
  return {
    id: 10_000_000 + row * 7 + draws.below(7),
    email,
    first: has < 15 || (isStale && has < 400) ? "" : first.text,
    last: has >= 10 && has < 35 ? "" : last.text,
    company: has >= 30 && has < 60 ? "" : isStale ? `${company.name} (closed)` : company.name,
    domain: company.domain,
    title: isStale || (has >= 60 && has < 120) ? "" : pick(draws, phrases.titles),
    city: has >= 850 ? "" : pick(draws, locale.cities),
    country: locale.country,
    phone: has % 5 === 0 ? "" : `${locale.phone} ${digits(1_000_000 + draws.below(9_000_000))}`,
    note: noteOf(draws),
    employees: pick(draws, sizes),
    day: isStale ? draws.below(700) : 700 + draws.below(2_000),
    trait: draws.below(1_000_000)
  }
}

/** The same person again, as the record of another day tells of them. */
const changed = (lead: Lead, draws: Draws, row: number): Lead => {
  const email = draws.perMille(600) ? respelled(draws, lead.email) : lead.email
  const later = {
    ...lead,
    id: 10_000_000 + row * 7 + draws.below(7),
    email,
    day: lead.day + 1 + draws.below(300)
  }
  switch (draws.below(4)) {
    case 0:
      return { ...later, title: pick(draws, phrases.titles) }
    case 1:
      return { ...later, phone: `+1 555 ${digits(1_000_000 + draws.below(9_000_000))}` }
    case 2:
      return { ...later, company: `${lead.domain} Holding`, note: "" }
    default:
      return later
  }
}

/** Row `row`, from 0, of the list of a seed. It does not depend on how long the list is. */
export const leadAt = (seed: number, row: number): Lead => {
  const origin = originOf(seed, row)
  const lead = personOf(seed, origin)
  if (origin === row) return lead
  const draws = new Draws(seed, row, purposes.change)
  return draws.perMille(350) ? lead : changed(lead, draws, row)
}
