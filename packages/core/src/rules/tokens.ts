/**
 * Tokens: from a template's source to the text that one lead is sent (TK-1 to TK-4, TK-6).
 * Guarantees: scanning is linear in the source, rendering is total and one pass, so that a value is always
 * text and never template; only standard fields and the lead's own custom fields are seen.
 * Refuses to evaluate anything: there are no conditions, no paths, no helpers and no generated code.
 */
import { type FieldValue, type LeadFields, standardFields } from "../model/Lead.ts"
import * as Limits from "../model/Limits.ts"

/** Where a rendering goes: `text` is one line of a header (a subject), `html` a body (TK-5). */
export type Mode = "text" | "html"

/** A token in a source: offsets are UTF-16 code units, `end` is exclusive. */
export interface TokenSite {
  readonly name: string
  /** What stands after the first `|`, trimmed (TK-3); undefined where there is no `|`. */
  readonly fallback: string | undefined
  readonly start: number
  readonly end: number
}

/** A token and the literal text up to the next one. */
interface Slot {
  readonly name: string
  /** Which of `fields` it is, -1 for a custom field. */
  readonly field: number
  readonly fallback: string | undefined
  readonly after: string
}

const fields: ReadonlyArray<string> = ["email", ...standardFields]

/** A compiled template: made once, rendered for every lead (TK-6). */
export interface Template {
  readonly mode: Mode
  /** The literal text before the first token. */
  readonly head: string
  readonly slots: ReadonlyArray<Slot>
}

const boundary = /[{}\n\v\f\r\u0085\u2028\u2029]/g

const siteOf = (source: string, start: number, close: number): TokenSite | undefined => {
  const inside = source.slice(start + 2, close)
  const bar = inside.indexOf("|")
  const name = (bar === -1 ? inside : inside.slice(0, bar)).trim()
  if (name === "") return undefined
  return { name, fallback: bar === -1 ? undefined : inside.slice(bar + 1).trim(), start, end: close + 2 }
}

/** The tokens of a source, in order (TK-1). */
export const scan = (source: string): ReadonlyArray<TokenSite> => {
  const sites: Array<TokenSite> = []
  let start = source.indexOf("{{")
  while (start !== -1) {
    let inside = start + 2
    while (source[inside] === "{") inside++
    boundary.lastIndex = inside
    const close = boundary.exec(source)?.index ?? source.length
    if (inside === start + 2 && source.startsWith("}}", close) && source[close + 2] !== "}") {
      const site = siteOf(source, start, close)
      if (site !== undefined) sites.push(site)
    }
    start = source.indexOf("{{", close)
  }
  return sites
}

/** Compiles a source; total, and linear in its length (TK-1, TK-6). */
export const compile = (source: string, mode: Mode): Template => {
  const sites = scan(source)
  return {
    mode,
    head: source.slice(0, sites[0]?.start),
    slots: sites.map(({ end, fallback, name }, index) => ({
      name,
      field: fields.indexOf(name),
      fallback,
      after: source.slice(end, sites[index + 1]?.start)
    }))
  }
}

/** What keeps a source from being a template: too many tokens. Undefined if nothing does (TK-6). */
export const templateProblem = (source: string): string | undefined => {
  const tokens = scan(source).length
  return tokens > Limits.maxTokens ? `has ${tokens} tokens, of at most ${Limits.maxTokens}` : undefined
}

/** The entities of special characters, by their codes. */
const entities: Array<string> = []
for (const [character, entity] of [
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
  ["`", "&#96;"],
  ["=", "&#61;"]
] as const)
  entities[character.charCodeAt(0)] = entity

const special = /[&<>"'`=]/
const breaking = /[\p{Cc}\u2028\u2029]/u
const everyBreakingRun = /[\p{Cc}\u2028\u2029]+/gu

/** Escapes by a loop: a replacement with a callback takes two to three times as long where much is special. */
const escapeHtml = (value: string): string => {
  const first = value.search(special)
  // Most values have nothing to replace.
  if (first === -1) return value
  let escaped = ""
  let from = 0
  for (let index = first; index < value.length; index++) {
    const entity = entities[value.charCodeAt(index)]
    if (entity === undefined) continue
    escaped += from === index ? entity : value.slice(from, index) + entity
    from = index + 1
  }
  return escaped + value.slice(from)
}

const oneLine = (value: string): string =>
  breaking.test(value) ? value.replace(everyBreakingRun, " ") : value

/**
 * By number and name by name, so that each is a property that the engine knows where to find: a look-up by the name would cost
 * as much as all else that is done for a token.
 */
const fieldOf = ({ field, name }: Slot, lead: Partial<LeadFields>): FieldValue | undefined => {
  switch (field) {
    case 0:
      return lead.email
    case 1:
      return lead.firstName
    case 2:
      return lead.lastName
    case 3:
      return lead.company
    case 4:
      return lead.jobTitle
    default: {
      const { customFields } = lead
      return customFields !== undefined && Object.hasOwn(customFields, name) ? customFields[name] : undefined
    }
  }
}

const textOf = (slot: Slot, lead: Partial<LeadFields>): string => {
  const value = fieldOf(slot, lead)
  return typeof value === "string" ? value : value === undefined || value === null ? "" : String(value)
}

/** The value of a token as it stands in a rendering of this mode, without its fallback. */
export const safeValue = (slot: Slot, mode: Mode, lead: Partial<LeadFields>): string =>
  mode === "text" ? oneLine(textOf(slot, lead)) : escapeHtml(textOf(slot, lead))

/**
 * Renders a template for one lead (TK-2 to TK-5): a missing or null value is the empty string, a fallback
 * stands in for a missing or blank one. In `html`, values are escaped for text and quoted attributes; in
 * `text`, every run of control characters and line separators in a value is one space.
 */
export const render = ({ head, mode, slots }: Template, lead: Partial<LeadFields>): string => {
  const safe = mode === "text" ? oneLine : escapeHtml
  let rendered = head
  for (const slot of slots) {
    const value = safe(textOf(slot, lead))
    rendered += slot.fallback !== undefined && value.trim() === "" ? slot.fallback : value
    rendered += slot.after
  }
  return rendered
}

/** The distinct names of a template's tokens, in order of their first occurrence. */
export const tokens = (template: Template): ReadonlyArray<string> => [
  ...new Set(template.slots.map((slot) => slot.name))
]

/** The names of the occurrences that render blank for this lead, with no fallback that is not blank (TK-6). */
export const blankTokens = (template: Template, lead: Partial<LeadFields>): ReadonlyArray<string> =>
  template.slots
    .filter((slot) => !slot.fallback && safeValue(slot, template.mode, lead).trim() === "")
    .map((slot) => slot.name)
