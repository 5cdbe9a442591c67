/** `campaign` and `stats`: make, list, show, rename, start, pause, and the numbers. */
import { readFile } from "node:fs/promises"
import type { Campaign, Campaigns, SequenceStepInput } from "@leadterra/core"
import { UsageError } from "../failure.ts"
import { count, counted, shown, table, time } from "../format.ts"
import { type CommonOptions, inSession, type Session } from "../session.ts"
import type { Terminal } from "../Terminal.ts"

/** An array of `{ subject, bodyHtml, delayDays? }`; whether they are that, core says. */
const readSteps = async (path: string): Promise<ReadonlyArray<SequenceStepInput>> => {
  const text = await readFile(path, "utf8").catch(() => {
    throw new UsageError(`The file of steps, ${path}, cannot be read`)
  })
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(
      `${path} is no JSON: it must hold an array of steps, each { "subject": "...", "bodyHtml": "...", "delayDays": 2 }`
    )
  }
}

const linted = ({ lints }: Campaigns.LintedCampaign): string =>
  lints.map(({ field, message, step }) => `note: step ${step + 1}, ${field}: ${shown(message)}\n`).join("")

export const create = (
  name: string,
  options: CommonOptions & { readonly steps?: string | undefined },
  terminal: Terminal
): Promise<void> =>
  inSession(
    options,
    terminal,
    async ({ answer, engine, isJson, workspaceId }) => {
      const steps = options.steps === undefined ? [] : await readSteps(options.steps)
      const campaign = await engine.campaigns.create({ workspaceId, name, steps })
      await answer(campaign, `${campaign.id}\n`)
      if (!isJson) await terminal.err(linted(campaign))
    },
    { creates: true }
  )

export const replaceSteps = (
  campaignId: string,
  file: string,
  options: CommonOptions,
  terminal: Terminal
): Promise<void> =>
  inSession(options, terminal, async ({ answer, engine, isJson, workspaceId }) => {
    const campaign = await engine.campaigns.replaceSteps({
      workspaceId,
      campaignId,
      steps: await readSteps(file)
    })
    await answer(campaign, `${counted(campaign.steps.length, "step")}\n`)
    if (!isJson) await terminal.err(linted(campaign))
  })

export const rename = (
  campaignId: string,
  name: string,
  options: CommonOptions,
  terminal: Terminal
): Promise<void> =>
  inSession(options, terminal, async ({ answer, engine, workspaceId }) => {
    const campaign = await engine.campaigns.update({ workspaceId, campaignId, name })
    await answer(campaign, `${shown(campaign.name)}\n`)
  })

const everyCampaign = async ({ engine, workspaceId }: Session): Promise<ReadonlyArray<Campaign>> => {
  const all: Array<Campaign> = []
  let after: string | null = null
  do {
    const page: { readonly items: ReadonlyArray<Campaign>; readonly next: string | null } =
      await engine.campaigns.list({ workspaceId, after, limit: 1_000 })
    all.push(...page.items)
    after = page.next
  } while (after !== null)
  return all
}

export const list = (options: CommonOptions, terminal: Terminal): Promise<void> =>
  inSession(options, terminal, async (session) => {
    const campaigns = await everyCampaign(session)
    const rows = campaigns.map(({ createdAt, id, name, status, steps }) => [
      id,
      status,
      counted(steps.length, "step"),
      time(createdAt),
      shown(name)
    ])
    await session.answer(campaigns, campaigns.length === 0 ? "There are no campaigns yet\n" : table(rows))
  })

export const show = (campaignId: string, options: CommonOptions, terminal: Terminal): Promise<void> =>
  inSession(options, terminal, async ({ answer, engine, workspaceId }) => {
    const campaign = await engine.campaigns.get({ workspaceId, campaignId })
    const { createdAt, id, name, pausedAt, startedAt, status, steps } = campaign
    const facts = [
      ["id", id],
      ["status", status],
      ["created", time(createdAt)],
      ...(startedAt === null ? [] : [["started", time(startedAt)]]),
      ...(pausedAt === null ? [] : [["paused", time(pausedAt)]])
    ]
    const sequence = steps.map(({ delayDays, subject }, step) => [
      `step ${step + 1}`,
      step === 0 ? "at once" : `after ${counted(delayDays, "day")}`,
      shown(subject)
    ])
    await answer(campaign, `${terminal.style("bold", shown(name))}\n${table(facts)}${table(sequence)}`)
  })

export const start = (campaignId: string, options: CommonOptions, terminal: Terminal): Promise<void> =>
  inSession(options, terminal, async ({ answer, engine, workspaceId }) => {
    const started = await engine.campaigns.start({ workspaceId, campaignId })
    const { leadsEnrolled, queuedMessages, status } = started
    await answer(
      started,
      `${status}: ${counted(leadsEnrolled, "lead")} enrolled, ${counted(queuedMessages, "message")} queued\n`
    )
  })

export const pause = (campaignId: string, options: CommonOptions, terminal: Terminal): Promise<void> =>
  inSession(options, terminal, async ({ answer, engine, workspaceId }) => {
    const paused = await engine.campaigns.pause({ workspaceId, campaignId })
    await answer(paused, `${paused.status}\n`)
  })

const rate = (value: number): string => `${(100 * value).toFixed(1)}%`

export const stats = (campaignId: string, options: CommonOptions, terminal: Terminal): Promise<void> =>
  inSession(options, terminal, async ({ answer, engine, workspaceId }) => {
    const numbers = await engine.campaigns.stats({ workspaceId, campaignId })
    const { bounced, delivered, hardBounced, openRate, queued, replied, replyRate, sent, totalEnrolled } =
      numbers
    await answer(
      numbers,
      table([
        ["enrolled", count(totalEnrolled)],
        ["queued", count(queued)],
        ["sent", count(sent)],
        ["delivered", count(delivered)],
        ["bounced", `${count(bounced)} (${count(hardBounced)} hard)`],
        ["replied", count(replied)],
        ["open rate", rate(openRate)],
        ["reply rate", rate(replyRate)]
      ])
    )
  })
