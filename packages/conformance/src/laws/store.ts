/** The laws of the port itself: atomicity, isolation, constraints, concurrency, lists. */
import {
  Campaigns,
  type Change,
  type EmailAddress,
  Ids,
  Leads,
  Repository,
  Suppression
} from "@leadterra/core"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import fc from "fast-check"
import * as given from "../arbitraries.ts"
import { type Law, law, noon } from "../Law.ts"
import { emailKey, everyPage, observe } from "../observe.ts"
import { campaignIn, type Ref, type Status, same, suppress, upsert, workspaceId } from "../scene.ts"

const status: fc.Arbitrary<Status> = fc.constantFrom("draft", "running", "paused")
const workspace = Ids.WorkspaceId.make(workspaceId)

/** Decides by hand, below the use cases, as a rule with a bug would. */
const decideBadly = (ref: Ref, keys: ReadonlyArray<EmailAddress.EmailKey>, changes: ReadonlyArray<Change>) =>
  Effect.flatMap(Repository, (repository) =>
    repository.decide({ workspaceId: workspace, campaignId: ref.campaignId, addresses: keys }, () =>
      Result.succeed({ changes, answer: null })
    )
  )

const newLead = (email: string, index: number) => ({
  id: Ids.leadId("01JXCQ0000ZZZZZZZZZZZZ0000", index),
  key: emailKey(email),
  email,
  firstName: "New",
  lastName: null,
  company: null,
  jobTitle: null,
  customFields: {},
  createdAt: noon,
  updatedAt: noon
})

/** Changes that would break a constraint, for a campaign in which `email` is enrolled. */
const breaches = (ref: Ref, email: string): Readonly<Record<string, ReadonlyArray<Change>>> => ({
  "a lead twice": [{ _tag: "LeadsCreated", leads: [newLead("fresh@example.net", 1), newLead(email, 2)] }],
  "an enrolment twice": [
    {
      _tag: "LeadsEnrolled",
      campaignId: ref.campaignId,
      keys: [emailKey(email)],
      enrolledAt: noon,
      dueAt: null
    }
  ],
  "a message twice": [{ _tag: "FirstStepQueued", campaignId: ref.campaignId, dueAt: noon }],
  "a lead that is not there": [
    {
      _tag: "LeadsEnrolled",
      campaignId: ref.campaignId,
      keys: [emailKey("nobody@example.net")],
      enrolledAt: noon,
      dueAt: noon
    }
  ],
  "a change of a lead that is not there": [
    { _tag: "LeadsChanged", leads: [newLead("nobody@example.net", 3)] }
  ],
  "a suppression twice": [
    {
      _tag: "SuppressionsAdded",
      suppressions: [1, 2].map(() => ({ entry: emailKey("b@example.net"), reason: "r", suppressedAt: noon }))
    }
  ]
})

const serial = Effect.fnUntraced(function* (
  name: string,
  first: ReadonlyArray<unknown>,
  second: ReadonlyArray<unknown>
) {
  const ref = yield* campaignIn("running", name)
  const reports = [yield* upsert(ref, first), yield* upsert(ref, second)]
  return { reports, state: yield* observe(name) }
})

const matches = (actual: unknown, expected: unknown) =>
  same(actual, expected, "").pipe(
    Effect.as(true),
    Effect.catch(() => Effect.succeed(false))
  )

export const storeLaws: ReadonlyArray<Law> = [
  law(
    "constraints hold below the rules",
    "ID-1, SQ-3: a decision that would double a lead, an enrolment or a message is refused, whole",
    fc.tuple(given.validRows, fc.nat()),
    ([rows, pick]) =>
      Effect.gen(function* () {
        const ref = yield* campaignIn("running")
        yield* upsert(ref, rows)
        const before = yield* observe(workspaceId)
        const email = "bystander@example.org"
        const all = Object.entries(breaches(ref, email))
        const [what, breach] = all[pick % all.length] ?? ["", []]
        const harmless: Change = {
          _tag: "LeadsCreated",
          leads: [newLead("harmless@example.net", 4)]
        }
        const keys = [email, "fresh@example.net", "harmless@example.net", "nobody@example.net"].map(emailKey)
        const exit = yield* Effect.exit(decideBadly(ref, keys, [harmless, ...breach]))
        const reason = Exit.isFailure(exit) ? Result.getOrUndefined(Cause.findError(exit.cause)) : undefined
        yield* same(
          reason?._tag === "RepositoryError" ? reason.reason._tag : what,
          "ConstraintViolated",
          what
        )
        yield* same(yield* observe(workspaceId), before, `state after ${what}`)
      })
  ),
  law(
    "atomicity",
    "UP-6: a rule that fails or throws, and a fiber that is interrupted anywhere, leave all of a batch or none",
    fc.tuple(status, given.validRows, given.validRows, fc.nat({ max: 12 })),
    ([status, before, rows, ticks]) =>
      Effect.gen(function* () {
        const repository = yield* Repository
        const ref = yield* campaignIn(status)
        yield* upsert(ref, before)
        const none = yield* observe(workspaceId)
        const scope = { workspaceId: workspace, campaignId: ref.campaignId }
        const failed = yield* Effect.flip(repository.decide(scope, () => Result.fail("refused")))
        yield* same(failed, "refused", "the rule's own error")
        const thrown = yield* Effect.exit(
          repository.decide(scope, (): Result.Result<never> => {
            throw new Error("a bug")
          })
        )
        yield* same(Exit.isFailure(thrown) && Cause.hasDies(thrown.cause), true, "a bug is a defect")
        yield* same(yield* observe(workspaceId), none, "state after a failure")
        const fiber = yield* Effect.forkChild(upsert(ref, rows))
        for (let i = 0; i < ticks; i++) yield* Effect.yieldNow
        yield* Fiber.interrupt(fiber)
        const now = yield* observe(workspaceId)
        yield* upsert(ref, rows)
        const all = yield* observe(workspaceId)
        if (!(yield* matches(now, none))) yield* same(now, all, "neither all of the batch nor none of it")
      })
  ),
  law(
    "workspaces are isolated",
    "ID-1: what one workspace does is not seen in another, and its campaigns do not exist there",
    fc.tuple(given.rows, given.rows, given.entries),
    ([ours, theirs, entries]) =>
      Effect.gen(function* () {
        const our = yield* campaignIn("running", "ours")
        yield* upsert(our, ours)
        const before = yield* observe("ours")
        const their = yield* campaignIn("running", "theirs")
        yield* upsert(their, theirs)
        yield* suppress(entries, "theirs")
        yield* same(yield* observe("ours"), before, "state of the other workspace")
        const stranger = { workspaceId: "theirs", campaignId: our.campaignId }
        const errors = [
          yield* Effect.flip(Campaigns.get(stranger)),
          yield* Effect.flip(Campaigns.start(stranger)),
          yield* Effect.flip(upsert(stranger, ours))
        ]
        yield* same(
          errors.map(({ _tag }) => _tag),
          Array(3).fill("CampaignNotFound"),
          "a stranger's campaign"
        )
        const listed = yield* Leads.list(stranger)
        yield* same(listed.items, [], "leads of a stranger's campaign")
      })
  ),
  law(
    "concurrent batches equal some serial order",
    "ID-1: two batches at once end as one after the other, with the reports of that order",
    fc.tuple(given.validRows, given.validRows),
    ([one, two]) =>
      Effect.gen(function* () {
        const forward = yield* serial("forward", one, two)
        const backward = yield* serial("backward", two, one)
        const ref = yield* campaignIn("running", "both")
        const [first, second] = yield* Effect.all([upsert(ref, one), upsert(ref, two)], { concurrency: 2 })
        const both = { reports: [first, second], state: yield* observe("both") }
        if (yield* matches(both, forward)) return
        yield* same({ ...both, reports: [second, first] }, backward, "neither serial order")
      })
  ),
  law(
    "lists are complete",
    "ID-1: pages of any size show every lead, campaign and suppression once, in one order",
    fc.tuple(given.validRows, given.entries, fc.integer({ min: 1, max: 4 })),
    ([rows, entries, limit]) =>
      Effect.gen(function* () {
        const refs = [
          yield* campaignIn("draft", workspaceId, "a"),
          yield* campaignIn("draft", workspaceId, "b")
        ]
        for (const [index, ref] of refs.entries()) yield* upsert(ref, rows.slice(index))
        yield* suppress(entries)
        const page = (after: string | null) => ({ workspaceId, after, limit })
        const whole = { workspaceId, limit: 1_000 }
        for (const campaignId of [undefined, ...refs.map((ref) => ref.campaignId)]) {
          const paged = yield* everyPage((after) => Leads.list({ ...page(after), campaignId }))
          yield* same(paged, (yield* Leads.list({ ...whole, campaignId })).items, "leads")
        }
        const second = new Set(rows.slice(1).map(({ email }) => emailKey(String(email))))
        const listed = yield* Leads.list({ ...whole, campaignId: refs[1]?.campaignId })
        yield* same(new Set(listed.items.map(({ key }) => key)), second, "leads of a campaign")
        const campaigns = yield* everyPage((after) => Campaigns.list(page(after)))
        yield* same(campaigns, (yield* Campaigns.list(whole)).items, "campaigns")
        yield* same(campaigns.length, refs.length, "number of campaigns")
        const suppressions = yield* everyPage((after) => Suppression.list(page(after)))
        yield* same(suppressions, (yield* Suppression.list(whole)).items, "suppressions")
      })
  ),
  law(
    "an id names one lead",
    "ID-1, ER-1: a lead is read by its id as by its address, in its workspace alone, and no longer once it is erased",
    fc.tuple(status, given.validRows, given.spelling),
    ([status, rows, email]) =>
      Effect.gen(function* () {
        const repository = yield* Repository
        const ref = yield* campaignIn(status)
        yield* upsert(yield* campaignIn("draft"), [{ email: "unenrolled@example.org" }])
        yield* upsert(ref, rows)
        const { items } = yield* Leads.list({ workspaceId, limit: 1_000 })
        const foreign = Ids.WorkspaceId.make("theirs")
        yield* upsert(yield* campaignIn("draft", foreign), rows)
        const found = (lead: { readonly workspaceId: string; readonly leadId: string }) =>
          Effect.map(Effect.option(Leads.getById(lead)), Option.getOrNull)
        for (const lead of items) {
          yield* same(yield* found({ workspaceId, leadId: lead.id }), lead, "a lead by its id")
          yield* same(yield* found({ workspaceId: foreign, leadId: lead.id }), null, "a lead of others")
        }
        const unknown = Ids.leadId("01JXCQ0000ZZZZZZZZZZZZ0000", 5)
        yield* same(yield* found({ workspaceId, leadId: unknown }), null, "an unknown lead")

        const scope = { workspaceId: workspace, campaignId: ref.campaignId, history: true }
        const byAddress = yield* repository.read({ ...scope, addresses: items.map(({ key }) => key) })
        const byId = yield* repository.read({ ...scope, leadIds: [...items.map(({ id }) => id), unknown] })
        yield* same(byId, byAddress, "what is loaded by ids")
        const [first, ...rest] = items
        const ids = first === undefined ? [] : [first.id, first.id]
        const mixed = { addresses: rest.map(({ key }) => key), leadIds: ids }
        yield* same(yield* repository.read({ ...scope, ...mixed }), byAddress, "what is loaded by both")

        yield* Leads.erase({ workspaceId, emails: [email] })
        for (const lead of items) {
          const kept = lead.key === emailKey(email) ? null : lead
          yield* same(yield* found({ workspaceId, leadId: lead.id }), kept, "after an erasure")
        }
      })
  ),
  law(
    "what is handed out is not the store",
    "ID-1, SQ-8, SU-1: whatever its caller does to an answer, the store stays as it is",
    fc.tuple(given.validRows, given.entries),
    ([rows, entries]) =>
      Effect.gen(function* () {
        const ref = yield* campaignIn("running")
        yield* upsert(ref, rows)
        yield* suppress(entries)
        const before = structuredClone(yield* observe(workspaceId))
        const page = { workspaceId, limit: 1_000 }
        const answers = [
          yield* Campaigns.get(ref),
          yield* Campaigns.list(page),
          yield* Leads.list(page),
          yield* Leads.enrollment({ ...ref, email: "bystander@example.org" }),
          yield* Suppression.list(page),
          yield* Suppression.check({ workspaceId, emails: given.keys })
        ]
        for (const answer of answers) spoil(answer)
        yield* same(yield* observe(workspaceId), before, "state")
      })
  )
]

/** Writes over every field that lets itself be written, down to the last one. */
const spoil = (value: unknown): void => {
  if (typeof value !== "object" || value === null) return
  for (const name of Object.keys(value)) {
    spoil(Reflect.get(value, name))
    Reflect.set(value, name, "spoiled")
  }
}
