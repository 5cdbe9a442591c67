/**
 * Repairs of an address that was refused (ID-4): each takes away, or replaces, what an export, a
 * mail program or a keyboard put around or into it. One repair is tried at a time. Its result is
 * offered, never applied.
 */

/** White space, brackets, quotation marks and separators. */
const edge = /[\s,;.|/<>"'`\u00ab\u00bb\u2018-\u201f\u2039\u203a]/

const invisible = /[\p{Cf}\u00a0\u2007\u202f]/gu

/** The texts that one repair makes of this one, in the order in which they are tried. */
export function* repairsOf(text: string): Generator<string> {
  for (const repair of [withoutScheme, insideBrackets, withoutEdges, withoutInvisible, withoutWidth]) {
    const repaired = repair(text)
    if (repaired !== undefined && repaired !== text) yield repaired
  }
}

const withoutScheme = (text: string): string | undefined => /^mailto:([^?]*)(?:\?[^@]*)?$/i.exec(text)?.[1]

/**
 * The text between the only `<` and the only `>` behind it, where the rest holds no other address.
 */
const insideBrackets = (text: string): string | undefined => {
  const [before = "", inside = "", ...noFurther] = text.split("<")
  const [address = "", after, ...noMore] = inside.split(">")
  if (after === undefined || noFurther.length > 0 || noMore.length > 0 || before.includes(">"))
    return undefined
  const rest = `${before} ${after}`
  return !rest.includes("@") || isSame(rest, address) ? address : undefined
}

const isSame = (rest: string, address: string): boolean =>
  withoutEdges(rest).toLowerCase() === address.trim().toLowerCase()

/** Trims edges at both ends. A loop, since a regular expression would take quadratic time. */
const withoutEdges = (text: string): string => {
  let [start, end] = [0, text.length]
  while (start < end && edge.test(text.charAt(start))) start++
  while (end > start && edge.test(text.charAt(end - 1))) end--
  return text.slice(start, end)
}

const withoutInvisible = (text: string): string => text.replace(invisible, "")

/** Full-width forms as ASCII; the ideographic full stop is one too. */
const withoutWidth = (text: string): string =>
  text.replace(/[\uff01-\uff5e]/g, (wide) => wide.normalize("NFKC")).replace(/[\u3002\uff61]/g, ".")

/** Whether two different addresses stand in the text, by their form alone. */
export const holdsSeveral = (text: string): boolean => {
  const at = text.indexOf("@")
  if (at === -1 || !text.includes("@", at + 1)) return false
  let first: string | undefined
  for (const piece of text.split(/[\s,;|/<>()[\]"]+/)) {
    const address = withoutEdges(piece).toLowerCase()
    if (!hasFormOfAddress(address)) continue
    if (first !== undefined && first !== address) return true
    first = address
  }
  return false
}

/**
 * Whether a text has one `@`, something before it, and a dot behind it that is neither first nor
 * last.
 */
const hasFormOfAddress = (text: string): boolean => {
  const at = text.indexOf("@")
  const dot = text.indexOf(".", at + 2)
  return at > 0 && text.indexOf("@", at + 1) === -1 && dot !== -1 && dot < text.length - 1
}
