/**
 * Zero-width joiners and non-joiners where RFC 5892, A.1 and A.2, allows them: behind a virama, or,
 * for the non-joiner, between letters that would join. The engine knows neither property, so tr46
 * judges each of them.
 */
/// <reference path="./tr46.d.ts" />
import tr46 from "tr46"

/** Each joiner with the letter and the marks before it, and those after it. */
const joinersInContext = /(?:\P{M}\p{M}*)?[\u200c\u200d](?=(\p{M}*\P{M})?)/gsu

/** Whether a joiner stands in the text where the script of its neighbours has no use for it. */
export const hasMisplacedJoiner = (text: string): boolean => {
  if (!/[\u200c\u200d]/.test(text)) return false
  for (const [before, after = ""] of text.matchAll(joinersInContext)) {
    if (tr46.toUnicode(before + after, { checkJoiners: true }).error) return true
  }
  return false
}
