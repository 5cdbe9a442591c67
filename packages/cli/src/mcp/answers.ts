/** Makes the answers of the tools from those of the core, with every text of others in marks. */
import type { Campaign, Lead, Leads, UpsertReport } from "@leadterra/core"
import { Template } from "@leadterra/core"
import { time } from "../format.ts"
import { maxIssues, maxShownFields } from "./limits.ts"
import { marks } from "./untrusted.ts"

const timeOrNull = (millis: number | null): string | null => (millis === null ? null : time(millis))

export const campaignPage = (campaigns: ReadonlyArray<Campaign>, next: string | null) => {
  const { mark, notice } = marks()
  const items = campaigns.map(({ createdAt, id, name, status, steps }) => ({
    id,
    name: mark(name),
    status,
    steps: steps.length,
    createdAt: time(createdAt)
  }))
  return { notice, campaigns: items, next }
}

export const oneCampaign = ({ createdAt, id, name, pausedAt, startedAt, status, steps }: Campaign) => {
  const { mark, notice } = marks()
  const marked = steps.map(({ bodyHtml, delayDays, subject }) => ({
    subject: mark(subject),
    bodyHtml: mark(bodyHtml),
    delayDays
  }))
  const times = {
    createdAt: time(createdAt),
    startedAt: timeOrNull(startedAt),
    pausedAt: timeOrNull(pausedAt)
  }
  return { notice, campaign: { id, name: mark(name), status, steps: marked, ...times } }
}

export const coverageOf = ({ steps }: Campaign, rows: ReadonlyArray<unknown>) => {
  const { mark, notice } = marks()
  const { failed, leads, steps: covered } = Template.coverage({ steps, leads: rows })
  const gaps = covered.flatMap(({ step, tokens }) =>
    tokens.flatMap(({ empty, token }) => (empty === 0 ? [] : { step, token: mark(token), empty }))
  )
  return { notice, leads, failed, gaps }
}

/** The reason of a suppression is text of others, so the sentence that repeats it is another one here. */
const summaryOf = ({ summary, verdict }: Leads.Explanation): string =>
  verdict.reason === "suppressed" ? "Not enrolled: the address or its domain is suppressed" : summary

export const explanationOf = (explanation: Leads.Explanation, lead: Lead | null) => {
  const { mark, notice } = marks()
  const { messages, status, suppression, verdict } = explanation
  const marked = (value: string | null) => (value === null ? null : mark(value))
  return {
    notice,
    verdict: verdict.reason,
    summary: summaryOf(explanation),
    status,
    suppression:
      suppression === null
        ? null
        : { by: suppression.by, reason: mark(suppression.reason), since: time(suppression.since) },
    messages: messages.map(({ attempt, sentAt, state, step }) => ({
      step,
      state,
      attempt,
      sentAt: timeOrNull(sentAt)
    })),
    lead:
      lead === null
        ? null
        : {
            email: mark(lead.email),
            firstName: marked(lead.firstName),
            lastName: marked(lead.lastName),
            company: marked(lead.company),
            jobTitle: marked(lead.jobTitle),
            customFields: Object.entries(lead.customFields)
              .slice(0, maxShownFields)
              .map(([name, value]) => ({ name: mark(name), value: mark(String(value)) }))
          }
  }
}

export const batchAnswer = ({ outcomes, replayed: _, ...counts }: UpsertReport) => {
  const { mark, notice } = marks()
  const issues = outcomes.flatMap((outcome) =>
    outcome.outcome === "failed" ? outcome.issues.map((issue) => ({ row: outcome.index, ...issue })) : []
  )
  return {
    notice,
    ...counts,
    outcomes: outcomes.map(({ outcome }) => outcome),
    issues: issues.slice(0, maxIssues).map(({ message, path, reason, row, suggestion }) => ({
      ...{ row, field: mark(path), reason, message },
      ...(suggestion === undefined ? {} : { suggestion: mark(suggestion) })
    })),
    issueCount: issues.length
  }
}
