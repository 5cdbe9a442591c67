/**
 * The characters outside ASCII that a part of an address may have (ID-3): letters, marks and digits
 * that keep their look and their identity. The sets are those of IDNA 2008 (RFC 5892), from the
 * Unicode properties of the engine, with the restrictions of its context rules and one on mixed
 * scripts.
 */
import type { EmailReason } from "./EmailProblem.ts"
import { hasMisplacedJoiner } from "./joiners.ts"

const ascii = /^[\0-\x7f]*$/

/** Characters that RFC 5892, A.1 to A.7, allows in some places only. */
const contextual = "\\u00b7\\u0375\\u05f3\\u05f4\\u30fb\\u200c\\u200d"

/**
 * Tatweel, tone marks, repeat marks, marks for symbols, conjoining jamo and marks of musical
 * notation.
 */
const excepted =
  "\\u0640\\u07fa\\u302e-\\u302f\\u3031-\\u3035\\u303b\\u20d0-\\u20ff\\u1100-\\u11ff\\ua960-\\ua97f\\ud7b0-\\ud7ff\\u{1d100}-\\u{1d24f}"

const symbol = new RegExp(
  `[[^\\0-\\x7f${contextual}]--[[\\p{L}\\p{Mn}\\p{Mc}\\p{Nd}\\u06fd\\u06fe\\u0f0b\\u3007]--[\\p{DI}${excepted}]]]`,
  "v"
)

/** Whether the text has a character that no address may have, in whatever place. */
export const hasSymbol = (text: string): boolean => !ascii.test(text) && symbol.test(text)

/**
 * Returns the first fault in the order of a part's characters: a mark without a letter, a character
 * outside the context that RFC 5892 allows it in, or scripts that mix. The part is in NFC, with
 * ASCII letters in lower case.
 */
export const misplacement = (part: string): EmailReason | undefined => {
  if (ascii.test(part)) return undefined
  if (/(?:^|\.)\p{M}/u.test(part)) return "LeadingMark"
  if (hasMisplacedJoiner(part)) return "FormatCharacter"
  if (isMisplaced(part)) return "MisplacedCharacter"
  return part.match(/[\p{L}\p{M}]+/gu)?.some(mixesScripts) === true ? "MixedScripts" : undefined
}

/** RFC 5892, A.3 to A.7. Each rule looks at one label, and a dot is in no script. */
const isMisplaced = (part: string): boolean =>
  /(?<!l)\u00b7|\u00b7(?!l)/.test(part) ||
  /\u0375(?!\p{Script=Greek})/u.test(part) ||
  /(?<!\p{Script=Hebrew})[\u05f3\u05f4]/u.test(part) ||
  (part.includes("\u30fb") &&
    part.split(".").some((label) => label.includes("\u30fb") && !hasJapanese.test(label)))

const hasJapanese = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u

const confusable = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u]

const mixesScripts = (run: string): boolean => confusable.filter((script) => script.test(run)).length > 1
