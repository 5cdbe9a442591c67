/** The words for where a lead stands: made at the edge, since rules neither read a clock nor write its times. */
import { iso } from "./iso.ts"
import type { Verdict } from "./rules/explain.ts"

/** A verdict as a sentence, without the address or a field of the lead. */
export const summaryOf = (verdict: Verdict): string => {
  switch (verdict.reason) {
    case "suppressed":
      return `Not enrolled: suppressed since ${iso(verdict.since)}, for the reason "${verdict.why}"`
    case "notEnrolled":
      return "Not enrolled in this campaign"
    case "notStarted":
      return "Waits for the start of the campaign"
    case "completed":
      return `Every step was sent by ${iso(verdict.since)}`
    case "ended":
      return `Ended at ${iso(verdict.since)}: ${verdict.why}`
    case "paused":
      return `Step ${verdict.step + 1} is held: the campaign is paused since ${iso(verdict.since)}`
    case "claimed":
      return `Step ${verdict.step + 1} is in hand until ${iso(verdict.until)}, attempt ${verdict.attempt}`
    case "waiting":
      return `Step ${verdict.step + 1} waits until ${iso(verdict.until)}`
    case "due":
      return `Step ${verdict.step + 1} is due since ${iso(verdict.since)} and waits to be claimed`
  }
}
