/**
 * How a person's address is spelled: from the name, at the company or with a provider, sometimes with a tag; the ways in
 * which about one in a hundred is malformed; and other spellings of the same address. Providers stand under `.example`,
 * which is reserved, so that no address is anybody's.
 */
import type { Company } from "./companies.ts"
import type { Word } from "./locale.ts"
import { type Draws, pick } from "./random.ts"

const providers = (
  "gmail.example yahoo.example outlook.example hotmail.example icloud.example gmx.example web-de.example mail-ru.example " +
  "qq.example naver.example orange-fr.example proton.example"
).split(" ")

const tags = ["news", "leads", "2024", "spam", "work", "expo.berlin"] as const

const localOf = (draws: Draws, first: Word, last: Word): string => {
  const [given, family] = [first.letters, last.letters]
  switch (draws.below(10)) {
    case 0:
      return `${given.charAt(0)}${family}`
    case 1:
      return `${family}.${given}`
    case 2:
      return `${given}_${family.charAt(0)}${draws.below(1_000)}`
    case 3:
      return `${given.charAt(0)}.${family}${draws.below(100)}`
    case 4:
    case 5:
      return `${given}.${String.fromCharCode(97 + draws.below(26))}.${family}`
    case 6:
      return `${given}${family}`
    default:
      return `${given}.${family}`
  }
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** An address that is well formed. */
export const addressOf = (draws: Draws, first: Word, last: Word, company: Company): string => {
  const kind = draws.below(1_000)
  const local = localOf(draws, first, last)
  if (kind < 150) return `${local}${draws.below(100_000)}@${pick(draws, providers)}`
  if (kind < 180) return `${local}+${pick(draws, tags)}@${company.domain}`
  // A mailbox in the letters of the person's own script; none for names with spaces and points.
  if (kind < 186 && !/[\s.]/.test(first.text + last.text))
    return `${first.text}.${last.text}@${company.domain}`
  if (kind < 220) return `${capitalised(local)}@${capitalised(company.domain)}`
  return `${local}@${company.domain}`
}

const fullWidth = (text: string): string =>
  text.replace(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0))

/** Each gives what is no address, whatever the address. */
const spoilers: ReadonlyArray<(local: string, domain: string) => string> = [
  (local, domain) => `${local}${domain}`,
  (local, domain) => `${local}@@${domain}`,
  (local, domain) => `${local}@${domain}.`,
  (local, domain) => `${local} @ ${domain}`,
  (local, domain) => `${local}@${domain.slice(0, domain.indexOf("."))}`,
  () => "",
  () => "n/a",
  () => "-",
  () => "   ",
  (local, domain) => `"${local}"@${domain}`,
  (local, domain) => `${local}@my_${domain}`,
  (local, domain) => `${local}@${domain.replace(/[a-z.]+$/, fullWidth)}`,
  (local, domain) => `${local}\u200b@${domain}`,
  (local, domain) => `${local}@${domain}\u200b`,
  (local, domain) => `${local}..x@${domain}`,
  (local, domain) => `${local}@${domain.replace(".", "..")}`,
  (local, domain) => `${local}@${domain.replace(".", ",")}`,
  (local, domain) => `${local}@${domain}; ${local}@gmail.example`,
  (local, domain) => `${local} <${local}@${domain}>`,
  (local, domain) => `mailto:${local}@${domain}`,
  (local, domain) => `${local}(office)@${domain}`,
  (local) => `${local}@[192.0.2.1]`,
  (local) => `${local}@192.0.2.1`,
  (local, domain) => `${local}\uff20${domain}`,
  (local, domain) => `${local}@-${domain}`,
  (_, domain) => `@${domain}`,
  (local) => `${local}@`,
  (local, domain) => `${local.padEnd(65, "x")}@${domain}`
]

export const malformed = (draws: Draws, address: string): string => {
  const at = address.indexOf("@")
  return pick(draws, spoilers)(address.slice(0, at), address.slice(at + 1))
}

const spaces = [" ", "  ", "\t", "\u00a0", "\n", "\u3000"] as const

/** Another spelling of the same address: in capitals where all is ASCII, decomposed where it is not, between spaces. */
export const respelled = (draws: Draws, address: string): string => {
  const isAscii = !/[^ -~]/.test(address)
  const spelled = isAscii ? address.toUpperCase() : address.normalize("NFD")
  switch (draws.below(4)) {
    case 0:
      return spelled
    case 1:
      return `${pick(draws, spaces)}${address}`
    case 2:
      return `${address}${pick(draws, spaces)}`
    default:
      return `${pick(draws, spaces)}${spelled}${pick(draws, spaces)}`
  }
}
