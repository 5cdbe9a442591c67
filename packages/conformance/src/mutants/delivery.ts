/** Stores that break the laws of delivery, in one way each. */
import { type CampaignId, type Change, Ids, Limits, type Message, type Snapshot } from "@leadterra/core"
import { change, decideWith, drop, is, type Mutant, mutant, readWith } from "../sabotage.ts"

/** Ends enrolments of an opt-out without counting them, when the decision writes them anyway. */
const listEnded = (changes: ReadonlyArray<Change>, { messages }: Snapshot): ReadonlyArray<Change> => {
  const ending = changes.find((item) => is(item, "EnrollmentsEnded"))
  if (ending === undefined) return changes
  const keys = new Map([...messages.values()].map(({ lead }) => [lead.id, lead.key]))
  return change("EnrollmentsChanged", ({ _tag, enrollments }) => ({
    _tag,
    enrollments: enrollments.map((enrollment) => {
      const key = keys.get(enrollment.leadId)
      return enrollment.state === "active" && key !== undefined && ending.entries.includes(key)
        ? { ...enrollment, state: "ended", endReason: ending.reason, endedAt: ending.endedAt }
        : enrollment
    })
  }))(changes)
}

/** Shows other messages to a rule. */
const withMessages =
  (other: (message: Message) => Message) =>
  (snapshot: Snapshot): Snapshot => ({
    ...snapshot,
    messages: new Map(
      [...snapshot.messages].map(([id, found]) => [id, { ...found, message: other(found.message) }])
    )
  })

export const deliveryMutants: ReadonlyArray<Mutant> = [
  mutant("step at most once", "forgets that a step was sent", (sound) => ({
    decide: decideWith(sound, { changes: change("EnrollmentsChanged", drop) })
  })),
  mutant("one claim at a time", "hands out what is in hand", (sound) => ({
    decide: decideWith(sound, { changes: change("MessagesLeased", drop) })
  })),
  mutant("what is due is handed out", "keeps the last message to itself", (sound) => ({
    decide: decideWith(sound, {
      snapshot: (snapshot) => ({ ...snapshot, messages: new Map([...snapshot.messages].slice(0, -1)) })
    })
  })),
  mutant("due messages end by campaigns", "shows the messages of all campaigns", (sound) => ({
    decide: decideWith(sound, {
      scope: ({ due, ...scope }) =>
        due === undefined ? scope : { ...scope, due: { at: due.at, limit: due.limit } }
    })
  })),
  mutant("explanations are true", "shows every message as due at once", (sound) => ({
    read: readWith(sound, (snapshot) => ({
      ...snapshot,
      history: new Map(
        [...snapshot.history].map(([key, messages]) => [
          key,
          messages.map((message) => ({ ...message, dueAt: 0, lease: null }))
        ])
      )
    }))
  })),
  mutant("claims respect suppression", "asks the list neither on adding nor at the claim", (sound) => ({
    decide: decideWith(sound, {
      snapshot: (snapshot) => ({ ...snapshot, suppressions: new Map() }),
      changes: change("EnrollmentsEnded", drop)
    })
  })),
  mutant(
    "reports stand alone",
    "does not count an enrolment that an opt-out ends, where it writes it anyway",
    (sound) => ({
      decide: decideWith(sound, { changes: listEnded })
    })
  ),
  mutant("failures are bounded", "forgets the leases that ran out", (sound) => ({
    decide: decideWith(sound, { snapshot: withMessages((message) => ({ ...message, failures: 0 })) })
  })),
  mutant("failures are bounded", "takes every attempt for a failure", (sound) => ({
    decide: decideWith(sound, {
      snapshot: withMessages((message) => ({ ...message, failures: message.attempt }))
    })
  })),
  mutant("failures are bounded", "hands out what has failed too often", (sound) => ({
    decide: decideWith(sound, {
      snapshot: withMessages((message) => ({
        ...message,
        failures: Math.min(message.failures, Limits.maxFailures - 2)
      }))
    })
  })),
  mutant("stats are as published", "counts every reply of a lead", (sound) => {
    const replies = new Map<CampaignId, number>()
    return {
      decide: decideWith(sound, {
        changes: change("EventsRecorded", (item) => {
          for (const event of item.events) {
            for (const id of event.kind === "reply.received" ? event.messageIds : []) {
              const campaignId = Ids.parseMessageId(id)?.campaignId
              if (campaignId !== undefined) replies.set(campaignId, (replies.get(campaignId) ?? 0) + 1)
            }
          }
          return item
        })
      }),
      read: readWith(sound, ({ campaign, counters, ...snapshot }) => ({
        ...snapshot,
        campaign,
        counters: { ...counters, replied: campaign === null ? 0 : (replies.get(campaign.id) ?? 0) }
      }))
    }
  }),
  mutant("stats are as published", "counts hard bounces alone", (sound) => ({
    read: readWith(sound, ({ counters, ...snapshot }) => ({
      ...snapshot,
      counters: { ...counters, bounced: counters.hardBounced }
    }))
  })),
  mutant("stats are as published", "forgets a reply that comes after the end", (sound) => ({
    decide: decideWith(sound, {
      changes: change("EnrollmentsChanged", (item) => ({
        ...item,
        enrollments: item.enrollments.map((enrollment) =>
          enrollment.endReason === "replied" || enrollment.endReason === null
            ? enrollment
            : { ...enrollment, repliedAt: null }
        )
      }))
    })
  })),
  mutant("reports stand alone", "keeps the first report of a call", (sound) => ({
    decide: decideWith(sound, {
      changes: change("MessagesChanged", (item) => ({ ...item, messages: item.messages.slice(0, 1) }))
    })
  }))
]
