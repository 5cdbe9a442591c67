/**
 * The key of an address, or `undefined` where it is refused: docs/spec/identity.md (ID-2, ID-3) written down a second
 * time, one sentence after the other and character by character. UTS #46 is the runtime's own, which is another
 * implementation than the one that core uses.
 */
import { domainToASCII, domainToUnicode } from "node:url"

const isAscii = (character: string): boolean => (character.codePointAt(0) ?? 0) < 0x80
const isLetterOrDigit = (character: string): boolean =>
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".includes(character)
const isUnseen = (character: string): boolean => /^[\s\p{White_Space}\p{Cc}\p{Cf}\p{Cs}]$/u.test(character)
const bringsAscii = (character: string, mapped: string): boolean =>
  !isAscii(character) && Array.from(mapped).some(isAscii)

const octets = (text: string): number =>
  Array.from(text, (character) => character.codePointAt(0) ?? 0)
    .map((point) => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4))
    .reduce((sum, count) => sum + count, 0)

const dotsStandWell = (text: string): boolean => text.split(".").every((piece) => piece !== "")

const keyOfLocal = (local: string): string | undefined => {
  const plain = (character: string) =>
    isLetterOrDigit(character) || "!#$%&'*+-/=?^_`{|}~.".includes(character)
  if (!dotsStandWell(local)) return undefined
  if (Array.from(local).some((character) => isAscii(character) && !plain(character))) return undefined
  const folded = Array.from(local, (character) => (isAscii(character) ? character.toLowerCase() : character))
  const key = folded.join("").normalize("NFC")
  return octets(key) > 64 ? undefined : key
}

/** What UTS #46 maps a character to is its compatibility form in lower case, and a dot for the ideographic dots. */
const mapOf = (character: string): string =>
  "\u3002\uff61".includes(character) ? "." : character.normalize("NFKC").toLowerCase().normalize("NFKC")

/** What UTS #46 ignores, such as variation selectors. */
const ignored = /\p{Default_Ignorable_Code_Point}/gu

/** A label in Punycode stands for the letters that it spells, and must be the one spelling that they have. */
const decoded = (label: string): string | undefined => {
  if (!/^xn--/i.test(label)) return label
  const letters = domainToUnicode(label)
  if (Array.from(letters).every(isAscii) || letters.normalize("NFC") !== letters) return undefined
  return domainToASCII(letters) === label.toLowerCase() ? letters : undefined
}

const rightToLeft =
  /(?=\p{L})[\p{Script=Hebrew}\p{Script=Arabic}]|[\u0640\u0660-\u0669\u066b-\u066d\u06d4\u06fd\u06fe]/u
/** Strong from left to right: letters, but for the modifiers among them that take the direction of their text. */
const leftToRight = /(?![\u02b9\u02ba\u02c2-\u02cf\u02ec\u02ed])[\p{L}\p{Mc}]/u

/** The Bidi rule (RFC 5893) for labels that stand beside one from right to left, which the runtime leaves out. */
const standsBesideRightToLeft = (label: string): boolean => {
  const characters = Array.from(label)
  const last = characters.findLast((character) => !/\p{Mn}/u.test(character)) ?? ""
  return rightToLeft.test(label) || (leftToRight.test(characters[0] ?? "") && /[\p{L}\p{Mc}0-9]/u.test(last))
}

const isNumber = (label: string): boolean => /^(?:\d+|0x[0-9a-f]*)$/i.test(label)

const keyOfDomain = (domain: string): string | undefined => {
  if (!dotsStandWell(domain)) return undefined
  for (const character of domain) {
    if (isAscii(character) && !isLetterOrDigit(character) && !"-.".includes(character)) return undefined
    if (bringsAscii(character, mapOf(character))) return undefined
  }
  if (isNumber(domain.split(".").at(-1) ?? "")) return undefined
  const labels = domain.replace(ignored, "").split(".").map(decoded)
  if (labels.includes(undefined)) return undefined
  // The runtime maps well but does not compose all that it maps: its own reading is composed and read again.
  const letters = domainToUnicode(domainToASCII(labels.join("."))).normalize("NFC")
  if (rightToLeft.test(letters) && !letters.split(".").every(standsBesideRightToLeft)) return undefined
  if (letters.split(".").some((label) => label.startsWith("-") || label.endsWith("-"))) return undefined
  const ascii = domainToASCII(letters)
  const keyLabels = ascii.split(".")
  const legal = (label: string) =>
    label.length >= 1 &&
    label.length <= 63 &&
    !label.startsWith("-") &&
    !label.endsWith("-") &&
    Array.from(label).every((character) => character === "-" || isLetterOrDigit(character))
  if (!keyLabels.every(legal) || keyLabels.length < 2 || ascii.length > 253) return undefined
  return isNumber(keyLabels.at(-1) ?? "") ? undefined : ascii
}

export const keyByTheSpec = (input: unknown): string | undefined => {
  if (typeof input !== "string") return undefined
  const trimmed = input.trim()
  if (trimmed === "" || trimmed.length > 1_024) return undefined
  for (const character of trimmed) {
    if (isUnseen(character) || bringsAscii(character, character.normalize("NFC"))) return undefined
  }
  const [spelledLocal, spelledDomain, ...more] = trimmed.normalize("NFC").split("@")
  if (spelledLocal === undefined || spelledDomain === undefined || more.length > 0) return undefined
  const local = keyOfLocal(spelledLocal)
  const domain = keyOfDomain(spelledDomain)
  if (local === undefined || domain === undefined) return undefined
  const key = `${local}@${domain}`
  return octets(key) > 254 ? undefined : key
}
