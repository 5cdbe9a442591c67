/**
 * Identifiers. A workspace's is the host's own; a campaign's and a lead's are made from a ULID that the use
 * case hands in; a message's is derived. Nothing here draws a random number or reads a clock, and no
 * identifier holds an address, so that ids may stand in logs, events and at a mail provider.
 */
import * as Schema from "effect/Schema"

/** The host's name for a workspace: 1 to 64 of `A-Z a-z 0-9 . _ : -`. */
export const WorkspaceId = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9._:-]{1,64}$/u, {
    expected: "a workspace id of 1 to 64 letters, digits or . _ : -"
  })
).pipe(Schema.brand("WorkspaceId"))
export type WorkspaceId = typeof WorkspaceId.Type

/** `camp_` and a ULID. */
export const CampaignId = Schema.String.pipe(Schema.brand("CampaignId"))
export type CampaignId = typeof CampaignId.Type

/** `lead_` and a ULID; it names a lead without naming the person. */
export const LeadId = Schema.String.pipe(Schema.brand("LeadId"))
export type LeadId = typeof LeadId.Type

/** `msg_<workspace>_<campaign>_<lead>_<step>`: stable, and never used again for anything else (SQ-3). */
export const MessageId = Schema.String.pipe(Schema.brand("MessageId"))
export type MessageId = typeof MessageId.Type

/** `claim_` and a ULID: names one claim, and so who may report a failure (DE-1). */
export const ClaimToken = Schema.String.pipe(Schema.brand("ClaimToken"))
export type ClaimToken = typeof ClaimToken.Type

/** The 26 characters of a ULID, drawn by a use case. */
export type Ulid = string

export const campaignId = (ulid: Ulid): CampaignId => CampaignId.make(`camp_${ulid}`)

export const claimToken = (ulid: Ulid): ClaimToken => ClaimToken.make(`claim_${ulid}`)

/** The id that a store kept, as it is: a check per row would cost more than the row. */
export const storedLeadId = (id: string): LeadId => id as LeadId

/** The digits of a ULID, in the order of their code points. */
export const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

/**
 * The id of the `index`-th lead that a batch makes (0 to 1,048,575): the batch's ULID, its last 20 bits
 * replaced by the index. So a batch of any size draws once, and its leads sort in the order of their rows.
 */
export const leadId = (batch: Ulid, index: number): LeadId =>
  storedLeadId(
    `lead_${batch.slice(0, 22)}${crockford[(index >> 15) & 31]}${crockford[(index >> 10) & 31]}${crockford[(index >> 5) & 31]}${crockford[index & 31]}`
  )

/** Leads whose ids differ in no more than the last three digits are of one batch, which has room for so many. */
export const leadsPerBatch = 32_768

const leadIdLength = "lead_".length + 26
const placeDigits = 3

/** What a digit is worth, by its code; -1 for any other character. */
const digits = new Int8Array(128).fill(-1)
for (const [value, digit] of Array.from(crockford).entries()) digits[digit.charCodeAt(0)] = value
const worth = (id: string, fromEnd: number): number => digits[id.charCodeAt(leadIdLength - fromEnd)] ?? -1

/** The place of a lead within its batch, 0 to 32,767, by its id; undefined for text that is no lead's id. */
export const leadPlace = (id: string): number | undefined => {
  if (id.length !== leadIdLength || !id.startsWith("lead_")) return undefined
  // Negative if one of them is none: the sign survives both.
  const place = (worth(id, 3) << 10) | (worth(id, 2) << 5) | worth(id, 1)
  return place < 0 ? undefined : place
}

const leadIdShape = /^lead_[0-9A-Z]{26}$/

/** Returns text that has the shape of a lead's id as one; undefined for other text. */
export const parseLeadId = (text: string): LeadId | undefined =>
  leadIdShape.test(text) ? storedLeadId(text) : undefined

/** What the ids of a batch begin with: `lead_` and the first 23 digits of a ULID. */
export const leadBatch = (id: LeadId): string => id.slice(0, leadIdLength - placeDigits)

const endings = Array.from(crockford, (high) => Array.from(crockford, (low) => high + low)).flat()

/** The id of the lead at this place of the batch whose ids begin so. */
export const leadIdAt = (batch: string, place: number): LeadId =>
  storedLeadId(batch + crockford.charAt(place >> 10) + (endings[place & 1_023] ?? ""))

/** The id of the one message that this enrolment ever has for this step (SQ-3); `step` counts from 0. */
export const messageId = (
  workspaceId: WorkspaceId,
  campaign: CampaignId,
  lead: LeadId,
  step: number
): MessageId =>
  `msg_${workspaceId}_${campaign.slice("camp_".length)}_${lead.slice("lead_".length)}_${step}` as MessageId

/** What the id of a message says about it. */
export interface MessageName {
  readonly workspaceId: WorkspaceId
  readonly campaignId: CampaignId
  readonly leadId: LeadId
  readonly step: number
}

const messageIdShape = /^msg_[A-Za-z0-9._:-]{1,64}_[0-9A-Z]{26}_[0-9A-Z]{26}_(?:0|[1-9][0-9]{0,2})$/

/** Reads the id of a message back, or gives undefined for text that is none. A workspace's id may hold `_` itself. */
export const parseMessageId = (id: string): MessageName | undefined => {
  if (!messageIdShape.test(id)) return undefined
  // From the end, where all has its place.
  const afterLead = id.lastIndexOf("_")
  const lead = afterLead - 26
  const campaign = lead - 27
  return {
    workspaceId: id.slice("msg_".length, campaign - 1) as WorkspaceId,
    campaignId: `camp_${id.slice(campaign, lead - 1)}` as CampaignId,
    leadId: `lead_${id.slice(lead, afterLead)}` as LeadId,
    step: Number(id.slice(afterLead + 1))
  }
}
