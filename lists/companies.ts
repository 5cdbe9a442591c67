/**
 * Invented companies: a name in the script of its place and a domain that fits it, from two dictionaries and the forms of a
 * locale. Among them are names with quotes, commas, apostrophes and emoji, and domains that are not ASCII, some of them
 * spelled in Punycode. A few thousand names in a small list, some hundred thousand in a large one.
 */
import { domainToASCII } from "node:url"
import type { Locale, Word } from "./locale.ts"
import { type Draws, pick } from "./random.ts"

export interface Company {
  readonly name: string
  /** Mostly ASCII, else in the letters of the script. */
  readonly domain: string
}

const words = (text: string): ReadonlyArray<Word> =>
  text.split(" ").map((name) => ({ text: name, letters: name.toLowerCase() }))

const stems = words(
  "Kestrel Marlowe Tamsin Oakvale Brightmoor Quillon Halcyra Fenwold Solvane Torvik Lumora Caldwyn Ravensol Pellaro Ostrava " +
    "Virelle Drummol Nordhaven Ashgrove Calyx Zephyra Mirador Thistlewood Evermoor Galewind Harrowby Ironbark Junipera " +
    "Kelpwater Larkspurra Mossgate Nettleford Opaline Pinecrest Quartzle Rowanoak Silverfen Tidewell Umberland Vantora " +
    "Wrenfield Yarrowin Zinnovar Amberlow Birchmere Coppergate Dunmarrow Elderwick Foxhollow Glimmerby Hazelden Inkwellow " +
    "Jasperine Knollwood Lindenor Marigoldt Northlock Orchardin Peregrina Quincewell Riverstan Saffronel Tanglewick " +
    "Upwellen Violanta Willowisp Xandrine Yewbridge Zirconel Alderwane Bramblety Cedarlow Daleforth Emberlyn"
)

const trades = words(
  "Systems Labs Logistics Foods Software Analytics Media Energy Robotics Health Capital Design Textiles Mobility Security " +
    "Cloud Optics Paper Marine Tools Travel Legal Ceramics Motors Seeds Audio Games Print Timber Steel Data Works Studio " +
    "Partners Ventures Trading Interiors Learning Insurance Coffee Biotech Freight Packaging Networks Instruments Farms"
)

interface Pair {
  readonly name: string
  /** Twice joined at once, once by a hyphen. */
  readonly domains: ReadonlyArray<string>
}

const pairs: ReadonlyArray<Pair> = stems.flatMap((stem) =>
  trades.map((trade) => {
    const joined = `${stem.letters}${trade.letters}`
    return {
      name: `${stem.text} ${trade.text}`,
      domains: [joined, joined, `${stem.letters}-${trade.letters}`]
    }
  })
)

/** A name that a spreadsheet finds hard: quotes and commas beside each other. */
const awkward = (draws: Draws, stem: string, family: string): string =>
  pick(draws, [
    `${family}, ${stem} & "Partners" LLC`,
    `"${stem}"`,
    `${stem}, ${family}, Sons & Co., Inc.`,
    `${stem} "The ""Other"" One" Ltd`,
    `${family}'s ${stem} – Café & Bar`,
    `${stem} 🚀✨ | ${family} 👩‍💻`,
    `${stem}\t${family}`,
    `${stem} <${family}>; ${stem}@home`
  ])

/** A domain in the letters of the script, of two words since the dictionaries are short. */
const foreignDomain = (draws: Draws, locale: Locale): string => {
  const label = pick(draws, locale.labels)
  const second = locale.mixes ? pick(draws, stems).letters : pick(draws, locale.labels)
  return `${label}-${second}${pick(draws, locale.ends)}`
}

export const companyOf = (draws: Draws, locale: Locale, family: string): Company => {
  const pair = pick(draws, pairs)
  const form = pick(draws, locale.forms)
  const native = locale.words.length > 0 ? pick(draws, locale.words) : undefined
  const spoken = native === undefined ? pair.name : `${native.text} ${pair.name}`
  const name = draws.perMille(20)
    ? awkward(draws, pick(draws, stems).text, family)
    : `${form.before}${spoken}${form.after}`
  if (locale.labels.length > 0 && draws.perMille(40)) {
    const domain = foreignDomain(draws, locale)
    return { name, domain: draws.perMille(150) ? domainToASCII(domain) : domain }
  }
  const letters = pick(draws, pair.domains)
  const end = pick(draws, locale.ends)
  return { name, domain: native === undefined ? letters + end : `${native.letters}-${letters}${end}` }
}
