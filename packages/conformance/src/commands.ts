/** Calls as values: what the laws about any sequence, and about any interleaving, are made of. They print as the calls that they are. */
import {
  Campaigns,
  Delivery,
  Events,
  Ids,
  InvalidRequest,
  type LeadId,
  Leads,
  type Repository,
  revisionOf,
  Suppression,
  TestClock,
  Workspaces
} from "@leadterra/core"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import * as given from "./arbitraries.ts"
import { at, noon } from "./Law.ts"
import { emailKey } from "./observe.ts"
import type { Ref } from "./scene.ts"

/** The ids of leads by their keys, also of leads that have been erased since. */
export type LeadIds = ReadonlyMap<string, LeadId>

/** One call, for a campaign picked from those made so far. */
interface Command {
  readonly name: string
  readonly input: unknown
  readonly run: (ref: Ref, leadIds: LeadIds) => Effect.Effect<unknown, unknown, Repository>
}

const command = <I>(
  name: string,
  input: fc.Arbitrary<I>,
  run: (ref: Ref, input: I, leadIds: LeadIds) => Effect.Effect<unknown, unknown, Repository>
): fc.Arbitrary<Command> =>
  input.map((value) => ({ name, input: value, run: (ref, leadIds) => run(ref, value, leadIds) }))

const nothing = fc.constant(null)
const email = given.spelling

/** The reports of messages that are picked among those that exist, by any step, with strangers among them. */
const reports = fc.array(
  fc.record({ email: given.spelling, step: fc.nat({ max: 3 }), report: given.report }),
  { maxLength: 4 }
)

const report = Effect.fnUntraced(function* (
  ref: Ref,
  picked: ReadonlyArray<{ readonly email: string; readonly step: number; readonly report: object }>
) {
  const named: Array<object> = []
  for (const { email, report, step } of picked) {
    const enrollment = yield* Leads.enrollment({ ...ref, email })
    if (enrollment === null) continue
    const messageId = Ids.messageId(
      Ids.WorkspaceId.make(ref.workspaceId),
      ref.campaignId,
      enrollment.leadId,
      step
    )
    // A failure is told by who has the message in hand, or by somebody else.
    const token = { claimToken: enrollment.pending?.lease?.token ?? "claim_none" }
    named.push({ messageId, ...("stale" in report ? {} : token), ...report })
  }
  return yield* Delivery.record({ reports: named as ReadonlyArray<Delivery.Report> })
})

/** Waiting or claimed messages, under the token of their claim or another one. */
const inHand = Effect.fnUntraced(function* (ref: Ref, emails: ReadonlyArray<string>) {
  const messages: Array<Delivery.ClaimRef> = []
  for (const email of emails) {
    const enrollment = yield* Leads.enrollment({ ...ref, email })
    if (enrollment === null || enrollment.pending === null) continue
    const { id, lease } = enrollment.pending
    messages.push({ messageId: id, claimToken: lease?.token ?? "claim_none" })
  }
  return messages
})

const emails = fc.array(email, { maxLength: 4 })

/** The first campaign of a sequence of calls, before anything has changed it. */
export const firstCampaign = {
  name: "first",
  steps: Array(2).fill({ subject: "Hi {{firstName}}", bodyHtml: "<p>{{plan}}</p>", delayDays: 0 })
}

/** The revisions that the first campaign has until its name or steps change. */
const revisions = (["draft", "running", "paused"] as const).map((status) =>
  revisionOf({ ...firstCampaign, status })
)

/** The mode of a workspace. */
export const mode = fc.constantFrom("live" as const, "test" as const)

/** Commands that are one decision each, on the campaign that they are given. */
const decisions = [
  {
    weight: 6,
    arbitrary: command("Leads.bulkUpsert", given.rows, (ref, leads) => Leads.bulkUpsert({ ...ref, leads }))
  },
  {
    weight: 2,
    arbitrary: command(
      "Leads.bulkUpsert (key)",
      fc.record({ leads: given.rows, idempotencyKey: fc.constantFrom("one", "two") }),
      (ref, batch) => Leads.bulkUpsert({ ...ref, ...batch })
    )
  },
  command("Leads.bulkUpsert (reject)", given.rows, (ref, leads) =>
    Leads.bulkUpsert({ ...ref, leads, onInvalid: "reject" })
  ),
  { weight: 2, arbitrary: command("Campaigns.start", nothing, (ref) => Campaigns.start(ref)) },
  command("Campaigns.pause", nothing, (ref) => Campaigns.pause(ref)),
  command("Campaigns.replaceSteps", given.steps, (ref, steps) => Campaigns.replaceSteps({ ...ref, steps })),
  command("Campaigns.update", given.campaignName, (ref, name) => Campaigns.update({ ...ref, name })),
  command(
    "Campaigns.update (revision)",
    fc.record({ name: given.campaignName, ifRevision: fc.constantFrom(...revisions, "none") }),
    (ref, update) => Campaigns.update({ ...ref, ...update })
  ),
  command(
    "Campaigns.replaceSteps (revision)",
    fc.record({ steps: given.steps, ifRevision: fc.constantFrom(...revisions, "none") }),
    (ref, change) => Campaigns.replaceSteps({ ...ref, ...change })
  ),
  {
    weight: 2,
    arbitrary: command("Suppression.add", given.entries, ({ workspaceId }, entries) =>
      Suppression.add({ workspaceId, entries })
    )
  },
  command("Suppression.remove", given.entries, ({ workspaceId }, entries) =>
    Suppression.remove({ workspaceId, entries, actor: "operator" })
  ),
  command("Workspaces.create", mode, ({ workspaceId }, mode) => Workspaces.create({ workspaceId, mode })),
  command("TestClock.advance", fc.constantFrom(0, 1_000, 400_000, 2e9), ({ workspaceId }, by) =>
    TestClock.advance({ workspaceId, to: noon + by })
  ),
  command("Leads.erase", fc.array(email, { minLength: 1, maxLength: 3 }), ({ workspaceId }, emails) =>
    Leads.erase({ workspaceId, emails })
  )
]

const claim = {
  weight: 4,
  arbitrary: command("Delivery.claim", given.claim, ({ workspaceId }, claim) =>
    Delivery.claim({ workspaceId, ...claim })
  )
}

/** Reports about people whose ids are known, by who need not look at what they have in hand: one decision. */
const blindReports = fc.array(
  fc.record({ email: given.spelling, step: fc.nat({ max: 2 }), report: given.report }),
  {
    minLength: 1,
    maxLength: 4
  }
)

const reportBlindly = Effect.fnUntraced(function* (
  { campaignId, workspaceId }: Ref,
  picked: ReadonlyArray<{ readonly email: string; readonly step: number; readonly report: object }>,
  leadIds: LeadIds
) {
  const reports: Array<object> = []
  for (const { email, report, step } of picked) {
    const id = leadIds.get(emailKey(email))
    if (id === undefined) continue
    const messageId = Ids.messageId(Ids.WorkspaceId.make(workspaceId), campaignId, id, step)
    reports.push({ claimToken: "claim_none", ...report, messageId })
  }
  return yield* Delivery.record({ reports: reports as ReadonlyArray<Delivery.Report> })
})

/** Commands that are one decision each, for a workspace whose leads are the whole crowd. */
export const decision: fc.Arbitrary<Command> = fc.oneof(...decisions, claim, {
  weight: 4,
  arbitrary: command("Delivery.record", blindReports, reportBlindly)
})

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  ...decisions,
  claim,
  { weight: 4, arbitrary: command("Delivery.record", reports, report) },
  command("Delivery.release", emails, (ref, emails) =>
    Effect.flatMap(inHand(ref, emails), (messages) => Delivery.release({ messages }))
  ),
  command(
    "Delivery.extend",
    fc.record({ emails, leaseSeconds: fc.constantFrom(1, 600) }),
    (ref, { emails, leaseSeconds }) =>
      Effect.flatMap(inHand(ref, emails), (messages) => Delivery.extend({ messages, leaseSeconds }))
  ),
  command("Delivery.claim (all workspaces)", given.claim, (_, claim) => Delivery.claim(claim)),
  command("TestClock.get", nothing, ({ workspaceId }) => TestClock.get({ workspaceId })),
  command("Campaigns.stats", nothing, (ref) => Campaigns.stats(ref)),
  command("Leads.preview", given.rows, (ref, leads) => Leads.preview({ ...ref, leads })),
  command("Leads.get", email, (ref, email) => Leads.get({ ...ref, email })),
  command("Leads.enrollment", email, (ref, email) => Leads.enrollment({ ...ref, email })),
  command("Leads.list", fc.integer({ min: 1, max: 5 }), (ref, limit) => Leads.list({ ...ref, limit })),
  {
    weight: 2,
    arbitrary: command(
      "Campaigns.create",
      fc.option(given.steps, { nil: undefined }),
      ({ workspaceId }, steps) => Campaigns.create({ workspaceId, name: "c", steps })
    )
  },
  command(
    "Events.read",
    fc.record({ skipped: fc.nat({ max: 9 }), limit: fc.integer({ min: 1, max: 4 }) }),
    ({ workspaceId }, { limit, skipped }) =>
      Effect.gen(function* () {
        const { next } = yield* Events.read({ workspaceId, limit: Math.max(1, skipped) })
        return yield* Events.read({ workspaceId, limit, after: skipped === 0 ? null : next })
      })
  ),
  command("Campaigns.list", nothing, ({ workspaceId }) => Campaigns.list({ workspaceId })),
  command("Suppression.check", fc.array(email, { maxLength: 3 }), ({ workspaceId }, emails) =>
    Suppression.check({ workspaceId, emails })
  )
)

/** A call at a moment, in one of the workspaces, on one of the campaigns made so far. */
export class Call {
  readonly command: Command
  readonly workspaceId: string
  readonly pick: number
  readonly time: number

  constructor(command: Command, workspaceId: string, pick: number, time: number) {
    this.command = command
    this.workspaceId = workspaceId
    this.pick = pick
    this.time = time
  }

  toString(): string {
    return `${this.command.name}(${this.workspaceId}, campaign ${this.pick}, +${this.time} ms, ${fc.stringify(this.command.input)})`
  }

  /**
   * Runs the call and gives its answer or its error; campaigns made are remembered under both. A
   * call that is not well-formed is a defect: a law would compare nothing but its refusal.
   */
  readonly run = (
    made: Array<Ref>,
    leadIds: LeadIds = new Map()
  ): Effect.Effect<unknown, never, Repository> => {
    const picked = made[this.pick % made.length] ?? { campaignId: "" }
    const ref = { ...picked, workspaceId: this.workspaceId } as Ref
    return this.command.run(ref, leadIds).pipe(
      Effect.tap((answer) => Effect.sync(() => made.push(...createdBy(answer)))),
      Effect.tapError((error) => (error instanceof InvalidRequest ? Effect.die(error) : Effect.void)),
      Effect.match({
        onSuccess: (answer): unknown => ({ answer }),
        onFailure: (error): unknown => ({ error })
      }),
      at(noon + this.time)
    )
  }
}

export const createdBy = (answer: unknown): ReadonlyArray<Ref> =>
  typeof answer === "object" &&
  answer !== null &&
  "lints" in answer &&
  "id" in answer &&
  "workspaceId" in answer
    ? [{ workspaceId: String(answer.workspaceId), campaignId: answer.id } as Ref]
    : []
