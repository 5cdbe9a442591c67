/** Paths of the API. */
import { invalidArgument } from "./LeadterraError.ts"

const segment = (id: string, noun: string): string => {
  // A url takes dots as steps up, also when they are escaped.
  if (typeof id !== "string" || /^\.{0,2}$/.test(id) || !id.isWellFormed())
    throw invalidArgument(`this is no id of a ${noun}: give the id that the API answered`)
  return encodeURIComponent(id)
}

/** Returns a path with an id of a campaign in it. */
export const campaignPath = (id: string, rest = ""): string =>
  `/v1/campaigns/${segment(id, "campaign")}${rest}`

/** Returns the path of a lead. */
export const leadPath = (id: string): string => `/v1/leads/${segment(id, "lead")}`

/** Returns a path with the id of a job in it. */
export const jobPath = (id: string, rest = ""): string => `/v1/imports/${segment(id, "job")}${rest}`

/** Returns a path with an id of a webhook in it. */
export const webhookPath = (id: string, rest = ""): string => `/v1/webhooks/${segment(id, "webhook")}${rest}`
