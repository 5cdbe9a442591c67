/**
 * One patch into one lead (UP-3): a present field overwrites, an absent one keeps, null clears, custom fields
 * merge key by key. A patch that changes nothing gives back the very lead, so that nothing is written for it.
 */

import type { LeadId } from "../model/Ids.ts"
import { type FieldValue, type Lead, setOwn, standardFields } from "../model/Lead.ts"
import * as Limits from "../model/Limits.ts"
import { isTooLarge } from "./leadSize.ts"
import type { LeadPatch } from "./parseLead.ts"

type CustomFields = Readonly<Record<string, FieldValue>>

/** A new lead from its first patch; `now` is milliseconds since 1970. */
export const createLead = (patch: LeadPatch, id: LeadId, now: number): Lead => ({
  id,
  key: patch.email.key,
  email: patch.email.address,
  firstName: patch.firstName ?? null,
  lastName: patch.lastName ?? null,
  company: patch.company ?? null,
  jobTitle: patch.jobTitle ?? null,
  customFields: patch.customFields,
  createdAt: now,
  updatedAt: now
})

const mergeCustomFields = (current: CustomFields, patch: CustomFields): CustomFields => {
  let merged: Record<string, FieldValue> | undefined
  for (const name of Object.keys(patch)) {
    const value = patch[name]
    if (value === undefined || (Object.hasOwn(current, name) && current[name] === value)) continue
    merged ??= { ...current }
    setOwn(merged, name, value)
  }
  return merged ?? current
}

const kept = (patch: string | null | undefined, current: string | null): string | null =>
  patch === undefined ? current : patch

/** The limit that a merge would pass (UP-8). */
export type MergeProblem = "TooManyFields" | "LeadTooLarge"

/** Merges a patch into a lead, or says which limit the merge would pass (UP-8). */
export const mergeLead = (lead: Lead, patch: LeadPatch, now: number): Lead | MergeProblem => {
  const firstName = kept(patch.firstName, lead.firstName)
  const lastName = kept(patch.lastName, lead.lastName)
  const company = kept(patch.company, lead.company)
  const jobTitle = kept(patch.jobTitle, lead.jobTitle)
  const customFields = mergeCustomFields(lead.customFields, patch.customFields)
  if (
    firstName === lead.firstName &&
    lastName === lead.lastName &&
    company === lead.company &&
    jobTitle === lead.jobTitle &&
    customFields === lead.customFields
  ) {
    return lead
  }
  if (customFields !== lead.customFields && Object.keys(customFields).length > Limits.maxCustomFields) {
    return "TooManyFields"
  }
  const { createdAt, email, id, key } = lead
  if (isTooLarge({ email, firstName, lastName, company, jobTitle, customFields })) return "LeadTooLarge"
  return { id, key, email, firstName, lastName, company, jobTitle, customFields, createdAt, updatedAt: now }
}

/** Whether two records of one lead have the same fields, whenever they were written. */
export const hasSameFields = (one: Lead, other: Lead): boolean =>
  standardFields.every((name) => one[name] === other[name]) &&
  (one.customFields === other.customFields || areSame(one.customFields, other.customFields))

const areSame = (one: CustomFields, other: CustomFields): boolean => {
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && one[name] === other[name])
  )
}
