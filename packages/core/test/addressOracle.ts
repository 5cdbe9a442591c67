/**
 * The key of an address, or `undefined` where it is refused: docs/spec/identity.md (ID-2, ID-3) written down a second
 * time, one sentence after the other and character by character. UTS #46 is the runtime's own, which is another
 * implementation than the one that core uses.
 */
import { domainToASCII, domainToUnicode } from "node:url"

const isAscii = (character: string): boolean => (character.codePointAt(0) ?? 0) < 0x80
const isLetterOrDigit = (character: string): boolean =>
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".includes(character)
const isUnseen = (character: string): boolean =>
  !"\u200c\u200d".includes(character) && /^[\s\p{White_Space}\p{Cc}\p{Cf}\p{Cs}]$/u.test(character)
const bringsAscii = (character: string, mapped: string): boolean =>
  !isAscii(character) && Array.from(mapped).some(isAscii)

const octets = (text: string): number =>
  Array.from(text, (character) => character.codePointAt(0) ?? 0)
    .map((point) => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4))
    .reduce((sum, count) => sum + count, 0)

const dotsStandWell = (text: string): boolean => text.split(".").every((piece) => piece !== "")

const within = (point: number, ranges: ReadonlyArray<readonly [number, number]>): boolean =>
  ranges.some(([first, last]) => point >= first && point <= last)

/** Letters, marks and digits that no address has, although their category is one of those. */
const excepted: ReadonlyArray<readonly [number, number]> = [
  [0x640, 0x640],
  [0x7fa, 0x7fa],
  [0x302e, 0x302f],
  [0x3031, 0x3035],
  [0x303b, 0x303b],
  [0x20d0, 0x20ff],
  [0x1100, 0x11ff],
  [0xa960, 0xa97f],
  [0xd7b0, 0xd7ff],
  [0x1d100, 0x1d24f]
]

/** Characters that may stand anywhere, but for a mark at the beginning. */
const isAllowed = (character: string): boolean => {
  const point = character.codePointAt(0) ?? 0
  if ([0x6fd, 0x6fe, 0xf0b, 0x3007].includes(point)) return true
  if (!/^(?:\p{L}|\p{Mn}|\p{Mc}|\p{Nd})$/u.test(character)) return false
  return !/^\p{Default_Ignorable_Code_Point}$/u.test(character) && !within(point, excepted)
}

/**
 * The rule of RFC 5892, A.1 and A.2, for a joiner. The runtime judges the joiner and its neighbours
 * as a domain.
 */
const joins = (characters: ReadonlyArray<string>, index: number): boolean => {
  const isMark = (at: number) => /^\p{M}$/u.test(characters[at] ?? "")
  let [first, last] = [index - 1, index + 1]
  while (isMark(first)) first--
  while (isMark(last)) last++
  if (first < 0) return false
  const near = characters.slice(first, last + 1)
  const behind = characters.slice(first, index + 1)
  // Behind a virama the joiner is fine whatever follows, also where nothing does.
  return [near, behind].some((some) => !some.includes(".") && domainToASCII(some.join("")) !== "")
}

/**
 * RFC 5892, A.1 to A.7, for the character at an index of a label; true for a character without a
 * rule.
 */
const standsInContext = (characters: ReadonlyArray<string>, index: number): boolean => {
  const [before = "", character, after = ""] = [
    characters[index - 1],
    characters[index],
    characters[index + 1]
  ]
  switch (character) {
    case "\u200c":
    case "\u200d":
      return joins(characters, index)
    case "\u00b7":
      return before === "l" && after === "l"
    case "\u0375":
      return /^\p{Script=Greek}$/u.test(after)
    case "\u05f3":
    case "\u05f4":
      return /^\p{Script=Hebrew}$/u.test(before)
    case "\u30fb":
      return characters.some((it) => /\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Han}/u.test(it))
    default:
      return character === undefined || isAscii(character) || isAllowed(character)
  }
}

/**
 * A dotless piece, in lower-case ASCII, of allowed characters in their contexts, and with one of
 * three scripts a word.
 */
const readsWell = (piece: string): boolean => {
  const characters = Array.from(piece)
  if (/^\p{M}/u.test(piece)) return false
  if (!characters.every((_, index) => standsInContext(characters, index))) return false
  const scripts = new Set<string>()
  for (const character of characters) {
    if (!/\p{L}|\p{M}/u.test(character)) scripts.clear()
    if (/\p{Script=Latin}/u.test(character)) scripts.add("Latin")
    if (/\p{Script=Cyrillic}/u.test(character)) scripts.add("Cyrillic")
    if (/\p{Script=Greek}/u.test(character)) scripts.add("Greek")
    if (scripts.size > 1) return false
  }
  return true
}

const lowerAscii = (text: string): string =>
  Array.from(text, (character) => (isAscii(character) ? character.toLowerCase() : character))
    .join("")
    .normalize("NFC")

const keyOfLocal = (local: string): string | undefined => {
  const plain = (character: string) =>
    isLetterOrDigit(character) || "!#$%&'*+-/=?^_`{|}~.".includes(character)
  if (!dotsStandWell(local)) return undefined
  if (Array.from(local).some((character) => isAscii(character) && !plain(character))) return undefined
  if ("'`".includes(local.charAt(0)) || "'`".includes(local.charAt(local.length - 1))) return undefined
  if (Array.from(local).some((character) => bringsAscii(character, character.normalize("NFKC"))))
    return undefined
  if (!lowerAscii(local).split(".").every(readsWell)) return undefined
  const folded = Array.from(local, (character) => (isAscii(character) ? character.toLowerCase() : character))
  const key = folded.join("").normalize("NFC")
  return octets(key) > 64 ? undefined : key
}

/** What UTS #46 maps a character to is its compatibility form in lower case, and a dot for the ideographic dots. */
const mapOf = (character: string): string =>
  "\u3002\uff61".includes(character) ? "." : character.normalize("NFKC").toLowerCase().normalize("NFKC")

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
  const spelled = lowerAscii(domain).split(".")
  if (!spelled.every((label) => readsWell(label) && Array.from(label).length <= 63)) return undefined
  const labels = spelled.map(decoded)
  if (labels.includes(undefined)) return undefined
  // The runtime maps well but does not compose all that it maps: its own reading is composed and read again.
  const letters = domainToUnicode(domainToASCII(labels.join("."))).normalize("NFC")
  if (rightToLeft.test(letters) && !letters.split(".").every(standsBesideRightToLeft)) return undefined
  // The runtime does not check directions in a label with a joiner: it is asked again without
  // joiners.
  if (rightToLeft.test(letters) && /[\u200c\u200d]\p{Mn}*(?:\.|$)/u.test(letters)) return undefined
  if (domainToASCII(letters.replace(/[\u200c\u200d]/g, "")) === "") return undefined
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
  if (!keyLabels.every((label) => readsWell(domainToUnicode(label)))) return undefined
  const last = keyLabels.at(-1) ?? ""
  if (["invalid", "localhost", "local", "internal", "onion"].includes(last)) return undefined
  if (last.startsWith("xn--")) return ascii
  return /^[a-z]+$/.test(last) && last.length >= 2 ? ascii : undefined
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
