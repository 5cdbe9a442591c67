/**
 * Renders messages within a bound (TK-6): at most `Limits.maxRenderedBytes` of UTF-8 for the
 * subject and the body together. Templates are compiled once per campaign and step, and a value is
 * escaped once per message, however often its token occurs.
 */
import type { Campaign } from "../model/Campaign.ts"
import type { CampaignId } from "../model/Ids.ts"
import type { LeadFields } from "../model/Lead.ts"
import * as Limits from "../model/Limits.ts"
import type { MessageInContext } from "../model/Message.ts"
import { utf8Length } from "../model/utf8.ts"
import { compile, type Mode, safeValue, type Template } from "./tokens.ts"

/** A message as it is sent, and its size in UTF-8 bytes. */
export interface RenderedMessage {
  readonly subject: string
  readonly html: string
  readonly bytes: number
}

/** A template whose size is known but for the values. */
interface Measured {
  readonly template: Template
  readonly literalBytes: number
  /** For each slot the first one of the same name, or null where no name stands there twice. */
  readonly first: ReadonlyArray<number> | null
}

const measure = (source: string, mode: Mode): Measured => {
  const template = compile(source, mode)
  const names = template.slots.map(({ name }) => name)
  const first = names.map((name) => names.indexOf(name))
  return {
    template,
    literalBytes: template.slots.reduce(
      (bytes, { after }) => bytes + utf8Length(after),
      utf8Length(template.head)
    ),
    first: first.every((slot, index) => slot === index) ? null : first
  }
}

/** A piece of text with its size in UTF-8 bytes. */
interface Sized {
  readonly text: string
  readonly bytes: number
}

/** Counts the UTF-8 bytes of the values that were rendered, also for texts that were refused. */
interface Work {
  bytes: number
}

/** Renders as `render` does, or gives undefined once the text would pass `maxBytes`. */
const renderWithin = (
  { first, literalBytes, template: { head, mode, slots } }: Measured,
  lead: LeadFields,
  maxBytes: number,
  work: Work
): Sized | undefined => {
  let bytes = literalBytes
  if (bytes > maxBytes) return undefined
  let text = head
  const known: Array<Sized> = []
  let index = 0
  for (const slot of slots) {
    const again = first === null ? undefined : known[first[index] ?? index]
    const value = again?.text ?? safeValue(slot, mode, lead)
    const size = again?.bytes ?? utf8Length(value)
    if (first !== null) known.push({ text: value, bytes: size })
    index++
    work.bytes += size
    const fallback = value.trim() === "" ? slot.fallback : undefined
    bytes += fallback === undefined ? size : utf8Length(fallback)
    if (bytes > maxBytes) return undefined
    text += fallback ?? value
    text += slot.after
  }
  return { text, bytes }
}

/** Renders the messages of one decision. */
export class MessageRenderer {
  private readonly campaigns = new Map<CampaignId, Array<readonly [subject: Measured, html: Measured]>>()
  private readonly work: Work = { bytes: 0 }

  /**
   * The UTF-8 bytes of the values rendered so far, those of messages that were too large among
   * them.
   */
  get renderedBytes(): number {
    return this.work.bytes
  }

  /** The message as it is sent, or undefined where it would be too large. */
  render({
    campaign,
    lead,
    message
  }: Pick<MessageInContext, "campaign" | "lead" | "message">): RenderedMessage | undefined {
    const [subject, html] = this.templatesOf(campaign, message.step)
    const line = renderWithin(subject, lead, Limits.maxRenderedBytes, this.work)
    if (line === undefined) return undefined
    const body = renderWithin(html, lead, Limits.maxRenderedBytes - line.bytes, this.work)
    return body === undefined
      ? undefined
      : { subject: line.text, html: body.text, bytes: line.bytes + body.bytes }
  }

  private templatesOf(campaign: Campaign, step: number): readonly [subject: Measured, html: Measured] {
    let steps = this.campaigns.get(campaign.id)
    if (steps === undefined) {
      steps = []
      this.campaigns.set(campaign.id, steps)
    }
    const known = steps[step]
    if (known !== undefined) return known
    const { bodyHtml = "", subject = "" } = campaign.steps[step] ?? {}
    const templates = [measure(subject, "text"), measure(bodyHtml, "html")] as const
    steps[step] = templates
    return templates
  }
}
