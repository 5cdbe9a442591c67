/** The words for where a lead stands: made at the edge, since rules neither read a clock nor write its times. */
import { iso } from "./iso.ts"
import type { EndReason } from "./model/Enrollment.ts"
import type { Verdict } from "./rules/explain.ts"

const endedBecause: Readonly<Record<EndReason, string>> = {
  suppressed: "the address or its domain was put on the suppression list",
  bounced: "the mail came back, since the address does not work",
  unsubscribed: "the lead unsubscribed",
  replied: "the lead replied",
  failed: "the message could not be sent, and every attempt is used up"
}

/** A verdict as a sentence, without the address or a field of the lead. */
export const summaryOf = (verdict: Verdict): string => {
  switch (verdict.reason) {
    case "suppressed":
      return `Not enrolled: the address or its domain is on the suppression list since ${iso(verdict.since)}, reason "${verdict.why}"`
    case "notEnrolled":
      return "Not enrolled in this campaign"
    case "notStarted":
      return "Waits for the start of the campaign"
    case "completed":
      return `Every step was sent by ${iso(verdict.since)}`
    case "ended":
      return `Ended at ${iso(verdict.since)}: ${endedBecause[verdict.why]}`
    case "paused":
      return `Step ${verdict.step + 1} is on hold: the campaign is paused since ${iso(verdict.since)}`
    case "claimed":
      return `Step ${verdict.step + 1} is being sent: a worker has it until ${iso(verdict.until)}, attempt ${verdict.attempt}`
    case "waiting":
      return `Step ${verdict.step + 1} waits until ${iso(verdict.until)}`
    case "exhausted":
      return `Step ${verdict.step + 1} has failed for the last time: the next claim ends the enrolment`
    case "oversized":
      return `Step ${verdict.step + 1} is too large when it is rendered: the next claim ends the enrolment`
    case "due":
      return `Step ${verdict.step + 1} is due since ${iso(verdict.since)} and waits for a worker to send it`
  }
}
