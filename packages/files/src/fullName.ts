/** A full name as first and last name (LF-2), on request only: no rule is right for every name. */

/** Scripts in which the family name comes first. */
const familyFirst = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u

export interface SplitName {
  readonly firstName?: string
  readonly lastName?: string
}

/**
 * Splits at the first white space: `Ava van Dyk` is `Ava` and `van Dyk`, and a single word is a
 * first name. A comma, and a name in Chinese, Japanese or Korean letters, put the family name
 * first.
 */
export const splitName = (fullName: string): SplitName => {
  const text = fullName.trim()
  const comma = text.indexOf(",")
  if (comma !== -1) return named(text.slice(comma + 1), text.slice(0, comma))
  const space = text.search(/\s/)
  if (space === -1) return named(text, "")
  const [head, rest] = [text.slice(0, space), text.slice(space)]
  return familyFirst.test(text) ? named(rest, head) : named(head, rest)
}

const named = (first: string, last: string): SplitName => {
  const [firstName, lastName] = [first.trim(), last.trim()]
  return { ...(firstName === "" ? {} : { firstName }), ...(lastName === "" ? {} : { lastName }) }
}
