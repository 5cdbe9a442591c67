/**
 * Zero-width joiners and non-joiners where RFC 5892, A.1 and A.2, allows them: behind a virama, or, for the
 * non-joiner, between letters that would join. The engine knows neither property; the tables are tr46's.
 */
/// <reference path="./tr46.d.ts" />
import regexes from "tr46/lib/regexes.js"

/** Each joiner with the letter and the marks before it, and those after it. */
const joinersInContext = /(?:\P{M}\p{M}*)?([\u200c\u200d])(?=(\p{M}*\P{M})?)/gsu

/** Whether a joiner stands in the text where the script of its neighbours has no use for it. */
export const hasMisplacedJoiner = (text: string): boolean => {
  if (!/[\u200c\u200d]/.test(text)) return false
  for (const [before, joiner, after = ""] of text.matchAll(joinersInContext)) {
    const follows = Array.from(before).at(-2) ?? ""
    const isJoining = joiner === "\u200c" && regexes.validZWNJ.test(before + after)
    if (!isJoining && !regexes.combiningClassVirama.test(follows)) return true
  }
  return false
}
