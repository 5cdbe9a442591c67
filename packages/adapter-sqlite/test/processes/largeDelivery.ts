/**
 * Claims, extends, releases and records messages of campaigns or of leads as large as they may be.
 * Prints how many messages each call was about.
 */
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { type Change, Delivery, Ids, type Lead, Repository } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

const [, , task = "", what = "", filename = ""] = process.argv
const workspaceId = Ids.WorkspaceId.make("w")
const short = { subject: "s", bodyHtml: "b", delayDays: 0 }
const long = { subject: "s", bodyHtml: "x".repeat(199_000), delayDays: 0 }
/** One character that is not Latin-1: V8 then keeps two bytes for each character of the text. */
const twoByte = (length: number): string => `\u20ac${"x".repeat(length - 1)}`
const wide = { subject: "s", bodyHtml: twoByte(199_900), delayDays: 0 }
const wideFields = Object.fromEntries(
  Array.from({ length: 12 }, (_, field) => [`f${field}`, twoByte(4_900)] as const)
)
const fields = Array.from({ length: 13 }, (_, field) => [`f${field}`, "x".repeat(5_000)] as const)

const lead = (index: number, customFields: Lead["customFields"]): Lead => ({
  id: Ids.leadId("0".repeat(26), index),
  key: `lead${index}@example.com` as Lead["key"],
  email: `lead${index}@example.com`,
  firstName: null,
  lastName: null,
  company: null,
  jobTitle: null,
  customFields,
  createdAt: 1,
  updatedAt: 1
})

/** A running campaign, and the leads whose first messages are due. */
const campaign = (
  index: number,
  steps: ReadonlyArray<typeof short>,
  leads: ReadonlyArray<Lead>
): ReadonlyArray<Change> => {
  const id = Ids.campaignId(String(index).padStart(26, "0"))
  const times = { createdAt: 1, startedAt: 1, pausedAt: null }
  const keys = leads.map(({ key }) => key)
  return [
    { _tag: "CampaignCreated", campaign: { id, workspaceId, name: "c", status: "running", steps, ...times } },
    { _tag: "LeadsCreated", leads },
    { _tag: "LeadsEnrolled", campaignId: id, keys, enrolledAt: 1, dueAt: 1 }
  ]
}

/** Written past the use cases, which would take long for as much. */
function* changes(): Generator<ReadonlyArray<Change>> {
  if (what === "campaigns")
    for (let index = 0; index < 400; index++)
      yield campaign(index, [short, long, long, long, long, long], [lead(index, {})])
  else if (what === "wide")
    for (let index = 0; index < 260; index++)
      yield campaign(index, [short, wide, wide, wide, wide, wide], [lead(index, wideFields)])
  else
    yield campaign(
      0,
      [short],
      Array.from({ length: 5_000 }, (_, index) => lead(index, Object.fromEntries(fields)))
    )
}

const make = Effect.gen(function* () {
  const repository = yield* Repository
  for (const each of changes())
    yield* repository.decide({ workspaceId }, () => Result.succeed({ changes: each, answer: null }))
})

const deliver = Effect.gen(function* () {
  const messages: Array<Delivery.ClaimRef> = []
  for (;;) {
    const claimed = yield* Delivery.claim({ workspaceId, limit: 1_000 })
    if (claimed.length === 0) break
    for (const { claimToken, messageId } of claimed) messages.push({ claimToken, messageId })
  }
  const { recorded: extended } = yield* Delivery.extend({ messages, leaseSeconds: 600 })
  const { recorded: released } = yield* Delivery.release({ messages })
  const reports = messages.map(({ messageId }) => ({ messageId, type: "sent" as const }))
  const { recorded } = yield* Delivery.record({ reports })
  process.stdout.write(JSON.stringify([messages.length, extended, released, recorded]))
})

const program = task === "make" ? make : deliver
await Effect.runPromise(Effect.provide(program, SqliteRepository.layer({ filename })))
