/** The limit in memory: a map from address to fields, and nothing else. It has no suppression list. */
import type { Enroller } from "./Enroller.ts"
import type { Row } from "./workload.ts"

export const openBareMap = (): Enroller => {
  const leads = new Map<string, Row>()
  return {
    upsert: (batch) => {
      for (const row of batch) {
        const email = row.email.trim().toLowerCase()
        leads.set(email, { ...leads.get(email), ...row })
      }
    },
    enrolled: () => Array.from(leads, ([email, { jobTitle }]) => `${email}|${jobTitle}`).sort(),
    close: () => leads.clear()
  }
}
