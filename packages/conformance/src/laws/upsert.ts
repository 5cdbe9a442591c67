/** The laws of the bulk upsert (ID, UP). */
import { Campaigns, type FieldValue, Leads, revisionOf, type UpsertReport } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import fc from "fast-check"
import * as given from "../arbitraries.ts"
import { type Law, law } from "../Law.ts"
import { emailKey, everyEvent, everyPage, observe } from "../observe.ts"
import {
  campaignIn,
  countsOf,
  covers,
  normalise,
  type Ref,
  type Status,
  same,
  suppress,
  upsert,
  workspaceId
} from "../scene.ts"

const status: fc.Arbitrary<Status> = fc.constantFrom("draft", "running", "paused")

const batch = fc.record({ status, suppressed: given.entries, before: given.rows, rows: given.rows })
type Batch = typeof batch extends fc.Arbitrary<infer A> ? A : never

/** A campaign with a history: leads enrolled before, entries suppressed since. */
const arrange = Effect.fnUntraced(function* ({ before, status, suppressed }: Batch, workspace = workspaceId) {
  const ref = yield* campaignIn(status, workspace)
  yield* upsert(ref, before)
  yield* suppress(suppressed, workspace)
  return ref
})

/** Starts or pauses a campaign, which gives it another revision and an event. */
const turn = (ref: Ref, status: Status) =>
  status === "running" ? Effect.asVoid(Campaigns.pause(ref)) : Effect.asVoid(Campaigns.start(ref))

const outcomesOf = (report: UpsertReport, outcome: string) =>
  report.outcomes.filter((entry) => entry.outcome === outcome)

const inBatches = Effect.fnUntraced(function* (
  ref: Ref,
  rows: ReadonlyArray<unknown>,
  cuts: ReadonlyArray<number>
) {
  const bounds = [0, ...cuts.map((cut) => cut % (rows.length + 1)).sort((a, b) => a - b), rows.length]
  const total = { enrolled: 0, updated: 0, skipped: 0, failed: 0 }
  for (const [index, from] of bounds.slice(0, -1).entries()) {
    const report = yield* upsert(ref, rows.slice(from, bounds[index + 1]))
    total.enrolled += report.enrolled
    total.updated += report.updated
    total.skipped += report.skipped
    total.failed += report.failed
  }
  return total
})

const lastWriter = (rows: ReadonlyArray<Record<string, unknown>>) => {
  const leads = new Map<string, Record<string, unknown>>()
  for (const { customFields, email, ...fields } of rows) {
    const { company, firstName, jobTitle, lastName, ...further } = fields
    const key = emailKey(String(email))
    const lead = leads.get(key) ?? {
      firstName: null,
      lastName: null,
      company: null,
      jobTitle: null,
      custom: new Map()
    }
    const standard = Object.entries({ company, firstName, jobTitle, lastName })
    const custom = new Map<string, unknown>(lead["custom"] as ReadonlyMap<string, unknown>)
    for (const [name, value] of [...Object.entries(further), ...Object.entries(customFields ?? {})]) {
      custom.set(name, value)
    }
    leads.set(key, {
      ...lead,
      ...Object.fromEntries(standard.filter(([, value]) => value !== undefined)),
      custom
    })
  }
  return leads
}

const mapOf = (fields: Readonly<Record<string, FieldValue>>) =>
  new Map<string, unknown>(Object.entries(fields))

const sorted = (map: ReadonlyMap<string, unknown>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))

export const upsertLaws: ReadonlyArray<Law> = [
  law(
    "idempotent upsert",
    "UP-3, UP-4: the same batch twice leaves the state of the batch once",
    batch,
    (input) =>
      Effect.gen(function* () {
        const ref = yield* arrange(input)
        yield* upsert(ref, input.rows)
        const once = yield* observe(workspaceId)
        const again = yield* upsert(ref, input.rows)
        yield* same(again.enrolled, 0, "enrolled again")
        yield* same(yield* observe(workspaceId), once, "state")
      })
  ),
  law(
    "chunking",
    "UP-1, UP-6: any split of the rows ends in the same state with the same summed counts",
    fc.tuple(batch, fc.array(fc.nat(), { maxLength: 4 })),
    ([input, cuts]) =>
      Effect.gen(function* () {
        const whole = yield* arrange(input, "whole")
        const split = yield* arrange(input, "split")
        const report = yield* upsert(whole, input.rows)
        yield* same(yield* inBatches(split, input.rows, cuts), countsOf(report), "summed counts")
        yield* same(yield* observe("split"), yield* observe("whole"), "state")
      })
  ),
  law(
    "conservation of rows",
    "UP-1, UP-2, UP-7: every row has one outcome, in order, and the counts add up",
    batch,
    (input) =>
      Effect.gen(function* () {
        const ref = yield* arrange(input)
        const report = yield* upsert(ref, input.rows)
        yield* same(
          report.outcomes.map(({ index }) => index),
          [...input.rows.keys()],
          "one outcome per row, in order"
        )
        const tally = {
          enrolled: outcomesOf(report, "enrolled").length,
          updated: outcomesOf(report, "updated").length,
          skipped: outcomesOf(report, "skipped").length,
          failed: outcomesOf(report, "failed").length
        }
        yield* same(countsOf(report), tally, "counts")
        const [campaign] = (yield* observe(workspaceId)).campaigns
        yield* same(
          report.totalInCampaign,
          Object.keys(campaign?.enrollments ?? {}).length,
          "totalInCampaign"
        )
      })
  ),
  law(
    "outcomes follow from the state",
    "UP-1, UP-2: a row that breaks no rule is skipped, updated or enrolled, by what stood there and came before it",
    batch,
    (input) =>
      Effect.gen(function* () {
        const ref = yield* arrange(input)
        const suppressed = new Set(input.suppressed.map(normalise))
        const enrolled = new Set(Object.keys((yield* observe(workspaceId)).campaigns[0]?.enrollments ?? {}))
        const { outcomes } = yield* upsert(ref, input.rows)
        for (const { email, outcome } of outcomes) {
          if (outcome === "failed") continue
          const key = emailKey(email)
          const expected = covers(suppressed, key) ? "skipped" : enrolled.has(key) ? "updated" : "enrolled"
          yield* same(outcome, expected, "outcome")
          if (outcome === "enrolled") enrolled.add(key)
        }
      })
  ),
  law(
    "a batch lands at its revision alone",
    "SQ-10: a batch at the revision that was read lands before the campaign has another one, or is refused and changes nothing",
    fc.record({ batch, isTurnFirst: fc.boolean() }),
    ({ batch: { before, ...input }, isTurnFirst }) =>
      Effect.gen(function* () {
        const ref = yield* arrange({ ...input, before: [{ email: "starter@example.org" }, ...before] })
        const at = (ifRevision: string) => ({ ...ref, leads: input.rows, ifRevision })
        const read = revisionOf(yield* Campaigns.get(ref))
        const earlier = (yield* everyEvent(workspaceId)).length
        const [turning, landing] = [turn(ref, input.status), Effect.result(Leads.bulkUpsert(at(read)))]
        const atOnce = { concurrency: "unbounded" } as const
        const landed = yield* isTurnFirst
          ? Effect.map(Effect.all([turning, landing], atOnce), ([, result]) => result)
          : Effect.map(Effect.all([landing, turning], atOnce), ([result]) => result)
        const events = yield* everyEvent(workspaceId)
        const kinds = events.slice(earlier).map(({ kind }) => kind)
        const turned = kinds.findIndex((kind) => kind.startsWith("campaign."))
        yield* same(kinds.length, turned + 1, "events up to the turn")
        if (Result.isFailure(landed)) {
          yield* same(landed.failure._tag, "CampaignChanged", "refusal of the batch")
          yield* same(turned, 0, "events before the turn")
        }
        const state = yield* observe(workspaceId)
        for (const call of [Leads.bulkUpsert, Leads.preview])
          yield* same((yield* Effect.flip(call(at(read))))._tag, "CampaignChanged", "refusal after the turn")
        yield* same(yield* observe(workspaceId), state, "state")
        yield* same(yield* everyEvent(workspaceId), events, "events")
        const now = at(revisionOf(yield* Campaigns.get(ref)))
        const expected = yield* Leads.preview({ ...ref, leads: input.rows })
        yield* same(yield* Leads.preview(now), expected, "preview at the new revision")
        yield* same(yield* Leads.bulkUpsert(now), expected, "report at the new revision")
      })
  ),
  law(
    "one record per key",
    "ID-1, ID-2: whatever the spelling, one lead and one enrolment per address",
    fc.tuple(status, given.validRows),
    ([status, rows]) =>
      Effect.gen(function* () {
        const ref = yield* campaignIn(status)
        for (const row of rows) yield* upsert(ref, [row])
        const page = (after: string | null) => Leads.list({ workspaceId, after, limit: 3 })
        const found = (yield* everyPage(page)).map(({ email }) => emailKey(email))
        yield* same(found.length, new Set(found).size, "leads per key")
        for (const { email } of rows) {
          const lead = yield* Leads.get({ workspaceId, email: String(email) })
          yield* same(lead.key, emailKey(String(email)), "the lead that a spelling finds")
        }
      })
  ),
  law(
    "last writer wins",
    "UP-3: a field is what the last row that names it says, null included, and no other field moves",
    fc.tuple(status, given.validRows),
    ([status, rows]) =>
      Effect.gen(function* () {
        const ref = yield* campaignIn(status)
        yield* inBatches(ref, rows, [Math.ceil(rows.length / 2)])
        for (const [email, { custom, ...standard }] of lastWriter(rows)) {
          const { company, customFields, firstName, jobTitle, lastName } = yield* Leads.get({
            workspaceId,
            email
          })
          yield* same({ firstName, lastName, company, jobTitle }, standard, "standard fields")
          yield* same(
            sorted(mapOf(customFields)),
            sorted(custom as ReadonlyMap<string, unknown>),
            "custom fields"
          )
        }
      })
  ),
  law(
    "position never moves by an upsert",
    "SQ-1, UP-4: place, state and pending message of an enrolment stay",
    batch,
    (input) =>
      Effect.gen(function* () {
        const ref = yield* arrange(input)
        const before = (yield* observe(workspaceId)).campaigns[0]?.enrollments ?? {}
        yield* upsert(ref, input.rows)
        const after = (yield* observe(workspaceId)).campaigns[0]?.enrollments ?? {}
        const kept = Object.fromEntries(Object.entries(after).filter(([key]) => Object.hasOwn(before, key)))
        yield* same(kept, before, "enrolments that were there before")
      })
  ),
  law("what is left out changes nothing", "UP-5: skipped and failed rows leave no trace", batch, (input) =>
    Effect.gen(function* () {
      const all = yield* arrange(input, "all")
      const kept = yield* arrange(input, "kept")
      const { outcomes } = yield* upsert(all, input.rows)
      const landed = input.rows.filter((_, index) => /enrolled|updated/.test(outcomes[index]?.outcome ?? ""))
      yield* upsert(kept, landed)
      yield* same(yield* observe("all"), yield* observe("kept"), "state")
      const suppressed = new Set(input.suppressed.map(normalise))
      const wrong = outcomes.filter(
        (row) =>
          row.outcome !== "failed" && row.outcome !== "skipped" && covers(suppressed, emailKey(row.email))
      )
      yield* same(wrong, [], "suppressed addresses that landed")
    })
  ),
  law(
    "reject writes nothing",
    "UP-6: under reject one failed row refuses them all, and every problem is listed; with none the batch lands",
    batch,
    (input) =>
      Effect.gen(function* () {
        const ref = yield* arrange(input)
        const before = yield* observe(workspaceId)
        const preview = yield* Leads.preview({ ...ref, leads: input.rows })
        const problems = preview.outcomes.flatMap((row) =>
          row.outcome === "failed" ? row.issues.map(({ path }) => [row.index, path]) : []
        )
        const answer = yield* Leads.bulkUpsert({ ...ref, leads: input.rows, onInvalid: "reject" }).pipe(
          Effect.catchTag("InvalidLeads", ({ issues }) =>
            Effect.succeed(issues.map(({ index, path }) => [index, path]))
          )
        )
        yield* same(answer, problems.length > 0 ? problems : preview, "answer")
        if (problems.length > 0) yield* same(yield* observe(workspaceId), before, "state")
      })
  ),
  law(
    "preview equals commit",
    "UP-9: a preview is the report that the commit then gives, and it writes nothing",
    batch,
    (input) =>
      Effect.gen(function* () {
        const ref = yield* arrange(input)
        const before = yield* observe(workspaceId)
        const preview = yield* Leads.preview({ ...ref, leads: input.rows })
        yield* same(yield* observe(workspaceId), before, "state after the preview")
        yield* same(preview, yield* upsert(ref, input.rows), "report")
      })
  ),
  law(
    "odd but legal rows round-trip",
    "UP-8: hostile names and values come back as they went in, with their type",
    fc.tuple(given.spelling, given.customFields),
    ([email, customFields]) =>
      Effect.gen(function* () {
        const ref = yield* campaignIn("running")
        yield* upsert(ref, [{ email, customFields }])
        const lead = yield* Leads.get({ workspaceId, email })
        yield* same(sorted(mapOf(lead.customFields)), sorted(mapOf(customFields)), "custom fields")
        yield* same(Object.getPrototypeOf(lead.customFields) === Object.prototype, true, "an ordinary object")
        yield* same(lead.email, email.trim(), "spelling")
      })
  )
]
