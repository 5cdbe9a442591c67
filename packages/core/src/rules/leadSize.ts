/**
 * The size of a lead (UP-8): the UTF-8 bytes of its address, of its standard fields, and of the
 * names and values of its custom fields. It bounds the bytes of one person in a store, a page and a
 * message.
 */
import { type FieldValue, type LeadFields, standardFields } from "../model/Lead.ts"
import * as Limits from "../model/Limits.ts"
import { utf8Length } from "../model/utf8.ts"

/** Bytes counted for a custom value that is no text: a number, a boolean or null. */
export const plainValueBytes = 8

/** A code unit is three bytes at most. */
const bytesPerUnit = 3

/** Whether texts of so many UTF-16 code units fit into a lead, whatever they are. */
export const surelyFits = (units: number): boolean => units * bytesPerUnit <= Limits.maxLeadBytes

/** The size by some measure of a text. */
const measure = (fields: LeadFields, lengthOf: (text: string) => number): number => {
  const { customFields } = fields
  let size = lengthOf(fields.email)
  for (const name of standardFields) size += lengthOf(fields[name] ?? "")
  for (const name of Object.keys(customFields))
    size += lengthOf(name) + valueSize(customFields[name] ?? null, lengthOf)
  return size
}

const valueSize = (value: FieldValue, lengthOf: (text: string) => number): number =>
  typeof value === "string" ? lengthOf(value) : plainValueBytes

const unitsOf = (text: string): number => text.length

/** The size of a lead in bytes. */
export const leadBytes = (fields: LeadFields): number => measure(fields, utf8Length)

/** Whether a lead exceeds the limit. The lengths of its texts decide, unless they are near it. */
export const isTooLarge = (fields: LeadFields): boolean => {
  const units = measure(fields, unitsOf)
  return units > Limits.maxLeadBytes || (!surelyFits(units) && leadBytes(fields) > Limits.maxLeadBytes)
}
