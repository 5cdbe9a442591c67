/**
 * A lead: one person per workspace and email key (ID-1), with the fields that tokens render from (TK-2).
 * The record keeps the spelling of the address that it first came with; identity is the key alone.
 */
import type { EmailKey } from "./EmailAddress.ts"
import type { LeadId } from "./Ids.ts"

/** The value of a custom field, kept as it was typed (UP-3). */
export type FieldValue = string | number | boolean | null

/** The fields that every lead has besides its address, in the order of the guide. */
export const standardFields = ["firstName", "lastName", "company", "jobTitle"] as const

export type StandardField = (typeof standardFields)[number]

/** What a template renders from (TK-2): an address, the standard fields and the lead's own custom fields. */
export interface LeadFields {
  /** The address as it was first spelled. */
  readonly email: string
  readonly firstName: string | null
  readonly lastName: string | null
  readonly company: string | null
  readonly jobTitle: string | null
  readonly customFields: Readonly<Record<string, FieldValue>>
}

/** A lead as a store keeps it. One that was erased has the key and the fields of nobody, and stands in no list (ER-1). */
export interface Lead extends LeadFields {
  readonly id: LeadId
  readonly key: EmailKey
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** Milliseconds since 1970: when a field last changed, not when the lead was last seen. */
  readonly updatedAt: number
}

/** Sets an own property, whatever its name: a plain assignment to `__proto__` would change the prototype. */
export const setOwn = (target: Record<string, FieldValue>, name: string, value: FieldValue): void => {
  if (name === "__proto__") {
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
  } else target[name] = value
}

const jsonPiece = /"(?:[^"\\]|\\.)*"|[^\s{}:,]+/g

/**
 * Custom fields from their JSON. Names with escapes are read one by one: V8, as of Node 24.21, takes such a name for that of an
 * object that it has read before, when both are written alike up to an escape.
 */
export const customFieldsOf = (json: string): Readonly<Record<string, FieldValue>> => {
  if (!json.includes("\\")) return JSON.parse(json)
  const fields: Record<string, FieldValue> = {}
  const pieces = json.match(jsonPiece) ?? []
  for (let index = 0; index + 1 < pieces.length; index += 2)
    setOwn(fields, JSON.parse(pieces[index] ?? ""), JSON.parse(pieces[index + 1] ?? ""))
  return fields
}

const nobody = "erased:"

/** The record that is left of a lead: its id and times. No address has such a key, since it has no `@` (ER-1). */
export const nobodyOf = ({ createdAt, id }: Lead, now: number): Lead => ({
  id,
  key: (nobody + id) as EmailKey,
  email: "",
  firstName: null,
  lastName: null,
  company: null,
  jobTitle: null,
  customFields: {},
  createdAt,
  updatedAt: now
})

export const isErased = ({ key }: Lead): boolean => key.startsWith(nobody)
