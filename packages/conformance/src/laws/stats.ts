/** The law of the numbers of a campaign (DE-5). */
import { Campaigns, Delivery, Ids, type MessageInContext, Repository } from "@leadterra/core"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import * as given from "../arbitraries.ts"
import { lived, scene, type Told } from "../histories.ts"
import { type Law, law } from "../Law.ts"
import { everyEvent } from "../observe.ts"
import { type Ref, same, workspaceId } from "../scene.ts"

const workspace = Ids.WorkspaceId.make(workspaceId)

/** Late reports of any message that was handed out: several of one lead, and of erased leads. */
const lateReports = fc.array(
  fc.tuple(
    fc.nat({ max: 20 }),
    fc.oneof(given.report, fc.record({ type: fc.constant("replied") }), fc.constant({ type: "sent" }))
  ),
  { maxLength: 8 }
)

/** Every message of every lead that was ever enrolled in a campaign, erased leads among them. */
const messagesIn = Effect.fnUntraced(function* ({ campaignId }: Ref) {
  const repository = yield* Repository
  const enrolled = (yield* everyEvent(workspaceId)).flatMap((event) =>
    event.kind === "lead.enrolled" && event.campaignId === campaignId ? event.leadIds : []
  )
  const ids = enrolled.flatMap((leadId) =>
    [0, 1, 2].map((step) => Ids.messageId(workspace, campaignId, leadId, step))
  )
  const { messages } = yield* repository.read({ workspaceId: workspace, messages: ids })
  return { enrolled: new Set(enrolled).size, messages: [...messages.values()] }
})

/** The messages of a campaign with accepted reports, by the meaning of these reports. */
const meant = (
  { outcomes }: Told,
  campaignId: Ids.CampaignId,
  means: (report: { readonly type?: unknown; readonly kind?: unknown; readonly class?: unknown }) => boolean
): ReadonlyArray<string> => [
  ...new Set(
    outcomes.flatMap(({ outcome, report }) => {
      const isTaken = outcome.outcome === "recorded" || outcome.outcome === "repeated"
      const id = outcome.messageId ?? ""
      return isTaken && means(report) && Ids.parseMessageId(id)?.campaignId === campaignId ? [id] : []
    })
  )
]

const count = (
  messages: ReadonlyArray<MessageInContext>,
  fact: "sentAt" | "deliveredAt" | "openedAt"
): number => messages.filter(({ message }) => message[fact] !== null).length

export const statsLaws: ReadonlyArray<Law> = [
  law(
    "stats are as published",
    "DE-5: stats equal a recount of messages and enrolments by what was reported of them: a bounce is hard or soft, and a lead that replies counts once",
    fc.tuple(scene, lateReports),
    ([input, late]) =>
      Effect.gen(function* () {
        let told: Told = { handed: [], outcomes: [] }
        const refs = yield* lived(input, (_now, _act, so) =>
          Effect.sync(() => {
            told = so
          })
        )
        const reports = late.flatMap(([pick, fact]) => {
          const { claimToken, messageId } = told.handed[pick % Math.max(1, told.handed.length)]?.message ?? {}
          return messageId === undefined ? [] : [{ messageId, claimToken, ...fact }]
        })
        const { outcomes } = yield* Delivery.record({ reports: reports as ReadonlyArray<Delivery.Report> })
        for (const outcome of outcomes)
          told.outcomes.push({ type: "", report: reports[outcome.index] ?? {}, outcome })
        for (const ref of refs) {
          const { enrolled, messages } = yield* messagesIn(ref)
          const bounced = meant(
            told,
            ref.campaignId,
            (report) => report.type === "bounced" || report.class === "bounce"
          )
          const hardBounced = meant(
            told,
            ref.campaignId,
            (report) => (report.type === "bounced" && report.kind !== "soft") || report.class === "bounce"
          )
          const replies = meant(
            told,
            ref.campaignId,
            (report) =>
              report.type === "replied" && report.class !== "out_of_office" && report.class !== "bounce"
          )
          const leads = new Set(replies.map((id) => Ids.parseMessageId(id)?.leadId))
          const delivered = count(messages, "deliveredAt")
          const rate = (share: number) => (delivered === 0 ? 0 : share / delivered)
          const stats = yield* Campaigns.stats(ref)
          yield* same(
            stats,
            {
              campaignId: ref.campaignId,
              totalEnrolled: enrolled,
              sent: count(messages, "sentAt"),
              delivered,
              bounced: bounced.length,
              hardBounced: hardBounced.length,
              replied: leads.size,
              queued: messages.filter(({ message }) => message.state === "pending").length,
              openRate: rate(count(messages, "openedAt")),
              replyRate: rate(leads.size)
            },
            "stats"
          )
          yield* same(
            [
              stats.replied <= stats.totalEnrolled,
              stats.openRate >= 0 && stats.openRate <= 1,
              stats.replyRate >= 0 && stats.replyRate <= 1
            ],
            [true, true, true],
            "bounds"
          )
          for (const { enrollment, lead } of messages)
            yield* same(enrollment.repliedAt !== null, leads.has(lead.id), "whether an enrolment has a reply")
        }
      })
  )
]
