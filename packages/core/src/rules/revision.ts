/** The revision of a campaign (SQ-10): a change may be made only if the campaign is as its caller has read it. */
import type { Campaign } from "../model/Campaign.ts"
import { fnv1a64 } from "./fnv1a.ts"

/**
 * Returns the revision of a campaign: short text that changes with its name, its steps and its
 * status. Opaque: keep it and hand it back as `ifRevision`. A campaign that is changed back has its
 * earlier revision again.
 */
export const revisionOf = ({ name, status, steps }: Pick<Campaign, "name" | "status" | "steps">): string =>
  fnv1a64(
    JSON.stringify([
      name,
      status,
      steps.map(({ bodyHtml, delayDays, subject }) => [subject, bodyHtml, delayDays])
    ])
  )
