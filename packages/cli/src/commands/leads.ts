/** `leads show`, `leads explain`, `leads coverage` and `preview`: one lead, or a list before it is imported. */
import { type Campaign, type Lead, type MessageHistory, Template } from "@leadterra/core"
import { count, counted, shown, table, time } from "../format.ts"
import { type ListOptions, openList, shareOf } from "../list.ts"
import { Progress } from "../Progress.ts"
import { type CommonOptions, inSession } from "../session.ts"
import type { Terminal } from "../Terminal.ts"

const fieldsOf = ({ company, createdAt, customFields, email, firstName, jobTitle, lastName }: Lead) => [
  ["email", email],
  ["firstName", firstName ?? ""],
  ["lastName", lastName ?? ""],
  ["company", company ?? ""],
  ["jobTitle", jobTitle ?? ""],
  ...Object.entries(customFields).map(([name, value]) => [shown(name), value === null ? "" : String(value)]),
  ["created", time(createdAt)]
]

export const show = (email: string, options: CommonOptions, terminal: Terminal): Promise<void> =>
  inSession(options, terminal, async ({ answer, engine, workspaceId }) => {
    const lead = await engine.leads.get({ workspaceId, email })
    await answer(lead, table(fieldsOf(lead).map(([name = "", value = ""]) => [name, `: ${shown(value)}`])))
  })

interface InCampaign extends CommonOptions {
  readonly campaign: string
}

const stateWords: Readonly<Record<MessageHistory["state"], string>> = {
  pending: "waiting",
  sent: "sent",
  cancelled: "not sent",
  failed: "failed"
}

/** The facts recorded about a message, each once. */
const factsOf = (message: MessageHistory): ReadonlyArray<string> => {
  const facts = [
    [message.deliveredAt, "delivered"],
    [message.openedAt, "opened"],
    [message.repliedAt, "replied"],
    [message.hardBouncedAt === null ? message.bouncedAt : null, "bounced softly"],
    [message.hardBouncedAt, "bounced"],
    [message.unsubscribedAt, "unsubscribed"]
  ] as const
  return facts.flatMap(([at, fact]) => (at === null ? [] : [fact]))
}

export const explain = (email: string, options: InCampaign, terminal: Terminal): Promise<void> =>
  inSession(options, terminal, async ({ answer, engine, workspaceId }) => {
    const explanation = await engine.leads.explain({ workspaceId, campaignId: options.campaign, email })
    const history = explanation.messages.map((message) => [
      `step ${message.step + 1}`,
      stateWords[message.state],
      message.sentAt === null ? "" : time(message.sentAt),
      [
        ...factsOf(message),
        ...(message.attempt > 1 ? [`tried ${counted(message.attempt, "time")}`] : [])
      ].join(", ")
    ])
    await answer(explanation, `${shown(explanation.summary)}\n${table(history)}`)
  })

interface CoverageOptions extends InCampaign, ListOptions {}

/** Of which tokens would render empty, for how many rows of a list. */
export const coverage = (file: string, options: CoverageOptions, terminal: Terminal): Promise<void> =>
  inSession(options, terminal, async ({ answer, engine, workspaceId }) => {
    const { steps } = await engine.campaigns.get({ workspaceId, campaignId: options.campaign })
    const list = await openList(file, options, terminal)
    const progress = new Progress(terminal)
    const startedAt = performance.now()
    let leads = 0
    let failed = 0
    const empty = new Map<string, { readonly step: number; readonly token: string; empty: number }>()
    for await (const batch of list.batches()) {
      const readable = batch.filter(({ issues }) => issues.length === 0)
      const covered = Template.coverage({ steps, leads: readable.map(({ row }) => row) })
      leads += covered.leads
      failed += covered.failed + batch.length - readable.length
      for (const { step, tokens } of covered.steps) {
        for (const { empty: gaps, token } of tokens) {
          const known = empty.get(`${step} ${token}`) ?? { step, token, empty: 0 }
          known.empty += gaps
          empty.set(`${step} ${token}`, known)
        }
      }
      const millis = performance.now() - startedAt
      const rows = leads + failed
      const rowsPerSecond = Math.round((1_000 * rows) / Math.max(1, millis))
      await progress.show({ rows, rowsPerSecond, millis, share: shareOf(list) })
    }
    await progress.clear()
    const gaps = [...empty.values()]
    const rows = gaps.map(({ empty, step, token }) => [
      `step ${step + 1}`,
      `{{${shown(token)}}}`,
      count(empty),
      leads === 0 ? "" : `${((100 * empty) / leads).toFixed(1)}%`
    ])
    const head = `${counted(leads, "lead")}, ${counted(failed, "row")} that would fail\n`
    const none = steps.length === 0 ? "The campaign has no steps\n" : "Its steps have no tokens\n"
    await answer(
      { leads, failed, tokens: gaps },
      head + (gaps.length === 0 ? none : `empty for\n${table(rows)}`)
    )
  })

const rendered = ({ steps }: Campaign, lead: Lead) =>
  steps.map(({ bodyHtml, delayDays, subject }, step) => ({
    step,
    delayDays,
    subject: Template.render(Template.compile(subject, "text"), lead),
    bodyHtml: Template.render(Template.compile(bodyHtml, "html"), lead)
  }))

/** The messages of all steps, as this lead would get them now. */
export const preview = (
  options: InCampaign & { readonly email: string },
  terminal: Terminal
): Promise<void> =>
  inSession(options, terminal, async ({ answer, engine, workspaceId }) => {
    const { campaign: campaignId, email } = options
    const campaign = await engine.campaigns.get({ workspaceId, campaignId })
    const messages = rendered(campaign, await engine.leads.get({ workspaceId, email }))
    const text = messages.map(({ bodyHtml, delayDays, step, subject }) => {
      const when = step === 0 ? "at once" : `${counted(delayDays, "day")} after step ${step}`
      const title = terminal.style("bold", `Step ${step + 1}, ${when}`)
      const body = bodyHtml.split("\n").map((line) => `  ${shown(line)}`)
      return `${title}\n  ${terminal.style("cyan", shown(subject))}\n${body.join("\n")}\n`
    })
    await answer(messages, text.length === 0 ? "The campaign has no steps\n" : text.join("\n"))
  })
