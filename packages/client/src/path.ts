/** Paths of the API. */
import { invalidArgument } from "./LeadterraError.ts"

/** Returns a path with an id of a campaign in it. */
export const campaignPath = (id: string, rest = ""): string => {
  // A url takes dots as steps up, also when they are escaped.
  if (typeof id !== "string" || /^\.{0,2}$/.test(id) || !id.isWellFormed())
    throw invalidArgument("this is no id of a campaign: give the id that the API answered")
  return `/v1/campaigns/${encodeURIComponent(id)}${rest}`
}
