/**
 * What a template renders, by docs/spec/tokens.md (TK-1 to TK-5) written down a second time: every place is tried
 * as the start of a token and every place behind it as the end, one character after the other.
 */
import type { FieldValue, LeadFields } from "../src/model/Lead.ts"
import type { Mode, TokenSite } from "../src/rules/tokens.ts"

const isLineBreak = (character: string): boolean => "\n\v\f\r\u0085\u2028\u2029".includes(character)

/** The token that starts here, if one does: the first `}}` ends it, and nothing before that may be a brace. */
const tokenAt = (source: string, start: number): TokenSite | undefined => {
  if (source.slice(start, start + 2) !== "{{" || source.charAt(start - 1) === "{") return undefined
  for (let end = start + 2; end < source.length; end++) {
    const character = source.charAt(end)
    if (character === "{" || isLineBreak(character)) return undefined
    if (character !== "}") continue
    if (source.charAt(end + 1) !== "}" || source.charAt(end + 2) === "}") return undefined
    const [name = "", ...rest] = source.slice(start + 2, end).split("|")
    if (name.trim() === "") return undefined
    const fallback = rest.length === 0 ? undefined : rest.join("|").trim()
    return { name: name.trim(), fallback, start, end: end + 2 }
  }
  return undefined
}

export const scanByTheSpec = (source: string): ReadonlyArray<TokenSite> => {
  const sites: Array<TokenSite> = []
  for (let at = 0; at < source.length; at++) {
    const site = tokenAt(source, at)
    if (site === undefined) continue
    sites.push(site)
    at = site.end - 1
  }
  return sites
}

const escaped: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
  "=": "&#61;"
}

export const isControl = (character: string): boolean => {
  const point = character.codePointAt(0) ?? 0
  return point < 0x20 || (point >= 0x7f && point < 0xa0) || point === 0x2028 || point === 0x2029
}

const insertedInto = (mode: Mode, value: string): string => {
  if (mode === "html") return Array.from(value, (character) => escaped[character] ?? character).join("")
  let line = ""
  let broken = false
  for (const character of value) {
    if (!isControl(character)) line += character
    else if (!broken) line += " "
    broken = isControl(character)
  }
  return line
}

const fieldByTheSpec = (lead: Partial<LeadFields>, name: string): FieldValue | undefined => {
  if (name === "email") return lead.email
  if (name === "firstName") return lead.firstName
  if (name === "lastName") return lead.lastName
  if (name === "company") return lead.company
  if (name === "jobTitle") return lead.jobTitle
  return Object.entries(lead.customFields ?? {}).find(([own]) => own === name)?.[1]
}

export const renderByTheSpec = (source: string, mode: Mode, lead: Partial<LeadFields>): string => {
  const pieces: Array<string> = []
  let from = 0
  for (const { end, fallback, name, start } of scanByTheSpec(source)) {
    const value = insertedInto(mode, String(fieldByTheSpec(lead, name) ?? ""))
    pieces.push(source.slice(from, start), fallback !== undefined && value.trim() === "" ? fallback : value)
    from = end
  }
  return pieces.join("") + source.slice(from)
}
