/**
 * The cursor of an event (EV-2): its sequence, and a check of the whole event. After a failover or
 * a restore, sequences of lost commits are used again. The check then shows that the event under a
 * sequence is another one.
 */
import type { DomainEvent } from "../model/Event.ts"
import { fnv1a } from "./fnv1a.ts"

/** Names an event and checks it. Opaque to a follower, who keeps it and hands it back. */
export type EventCursor = string

/** The JSON of an event by RFC 8785: keys in the order of their code units, no space. */
const canonical = (event: DomainEvent): string => JSON.stringify(event, Object.keys(event).sort())

/**
 * `<sequence>.<check>`: the check is the FNV-1a of the event's canonical JSON, as eight hexadecimal
 * digits.
 */
export const cursorOf = (event: DomainEvent): EventCursor =>
  `${event.sequence}.${fnv1a(canonical(event)).toString(16).padStart(8, "0")}`

const shape = /^([1-9][0-9]{0,15})\.[0-9a-f]{8}$/

/** The sequence that a cursor names, or undefined for text that no event has as its cursor. */
export const sequenceOf = (cursor: string): number | undefined => {
  const sequence = Number(shape.exec(cursor)?.[1])
  return Number.isSafeInteger(sequence) ? sequence : undefined
}
