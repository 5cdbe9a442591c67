/** The laws of the suppression list (SU). */
import { Leads, Suppression } from "@leadterra/core"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import * as given from "../arbitraries.ts"
import { type Law, law } from "../Law.ts"
import { everyEvent, observe } from "../observe.ts"
import { campaignIn, covers, normalise, same, suppress, upsert, workspaceId } from "../scene.ts"

export const suppressionLaws: ReadonlyArray<Law> = [
  law(
    "suppression is complete",
    "SU-1, SU-2, SU-4: once suppressed, an address has no active enrolment and no message, whatever comes after",
    fc.tuple(given.validRows, fc.array(fc.oneof(given.validRows, given.entries), { maxLength: 4 })),
    ([first, then]) =>
      Effect.gen(function* () {
        const campaigns = [
          yield* campaignIn("running", workspaceId, "a"),
          yield* campaignIn("draft", workspaceId, "b")
        ]
        const suppressed = new Set<string>()
        for (const ref of campaigns) yield* upsert(ref, first)
        for (const action of then) {
          const entries = action.filter((item) => typeof item === "string")
          if (entries.length > 0) {
            yield* suppress(entries)
            for (const entry of entries) suppressed.add(normalise(entry))
          } else {
            for (const ref of campaigns) yield* upsert(ref, action)
          }
          for (const { enrollments } of (yield* observe(workspaceId)).campaigns) {
            const live = Object.entries(enrollments).filter(
              ([key, { pending, state }]) =>
                covers(suppressed, key) && (state === "active" || pending !== null)
            )
            yield* same(live, [], "suppressed, yet active")
            const ended = Object.entries(enrollments).filter(
              ([key, { state }]) => !covers(suppressed, key) && state !== "active"
            )
            yield* same(ended, [], "not suppressed, yet ended")
          }
        }
        const checked = yield* Suppression.check({ workspaceId, emails: given.keys })
        const expected = given.keys.map((key) => covers(suppressed, key))
        yield* same(
          checked.map((entry) => entry.suppressed),
          expected,
          "check"
        )
      })
  ),
  law(
    "suppression is idempotent",
    "SU-1: an entry counts once, its first reason stays, and total is the size of the list",
    fc.array(given.entries, { maxLength: 4 }),
    (calls) =>
      Effect.gen(function* () {
        const reasons = new Map<string, string>()
        for (const [index, entries] of calls.entries()) {
          const reason = `call ${index}`
          const known = reasons.size
          for (const entry of entries.map(normalise)) if (!reasons.has(entry)) reasons.set(entry, reason)
          const suppressed = reasons.size - known
          yield* same(
            yield* Suppression.add({ workspaceId, entries, reason }),
            { suppressed, alreadySuppressed: entries.length - suppressed, total: reasons.size },
            "answer"
          )
        }
        const { items } = yield* Suppression.list({ workspaceId, limit: 1_000 })
        const listed = items.map(({ entry, reason }): [string, string] => [entry, reason])
        yield* same(new Map(listed), reasons, "list")
      })
  ),
  law(
    "invalid entries hold up no others",
    "SU-1: under report the valid entries land and the answer lists the others; under reject one refuses them all",
    fc.array(fc.oneof(given.entry, given.invalidEntry), { maxLength: 6 }),
    (entries) =>
      Effect.gen(function* () {
        const isInvalid = (entry: string) => given.invalidEntries.includes(entry)
        const index = entries.flatMap((entry, position) => (isInvalid(entry) ? [position] : []))
        const keys = [...new Set(entries.filter((entry) => !isInvalid(entry)).map(normalise))].toSorted()
        const listed = Effect.map(Suppression.list({ workspaceId, limit: 1_000 }), ({ items }) =>
          items.map(({ entry }): string => entry).toSorted()
        )
        const rejected = yield* Suppression.add({ workspaceId, entries }).pipe(
          Effect.as<ReadonlyArray<number>>([]),
          Effect.catchTag("InvalidSuppressionEntries", ({ issues }) =>
            Effect.succeed(issues.map((issue) => issue.index))
          )
        )
        yield* same(rejected, index, "invalid entries under reject")
        yield* same(yield* listed, index.length > 0 ? [] : keys, "list under reject")
        const { invalid = [], total } = yield* Suppression.add({ workspaceId, entries, onInvalid: "report" })
        const reported = invalid.map((issue) => issue.index)
        yield* same(reported, index, "invalid entries under report")
        yield* same([yield* listed, total], [keys, keys.length], "list under report")
      })
  ),
  law(
    "a removal restarts nothing",
    "SU-4, EV-1: only remove lifts a suppression, and tells who did so; what has ended stays ended, and new enrolments are free again",
    fc.tuple(given.validRows, given.entries),
    ([rows, entries]) =>
      Effect.gen(function* () {
        const ref = yield* campaignIn("running")
        yield* upsert(ref, rows)
        yield* suppress(entries)
        const { campaigns } = yield* observe(workspaceId)
        const total = new Set(entries.map(normalise)).size
        const named = new Set(entries.map(normalise))
        const { items: leads } = yield* Leads.list({ workspaceId, limit: 1_000 })
        const { length } = yield* everyEvent(workspaceId)
        yield* same(
          yield* Suppression.remove({ workspaceId, entries, actor: "operator 7" }),
          { removed: total, total: 0 },
          "answer"
        )
        const news = (yield* everyEvent(workspaceId)).slice(length)
        const leadIds = leads.filter(({ key }) => named.has(key)).map(({ id }) => id)
        const told = news.map(({ at: _, sequence: _s, ...event }) => ({
          ...event,
          ...("leadIds" in event ? { leadIds: event.leadIds.toSorted() } : {})
        }))
        yield* same(
          told,
          total === 0
            ? []
            : [
                {
                  kind: "suppression.removed",
                  actor: "operator 7",
                  entries: total,
                  leadIds: leadIds.toSorted()
                }
              ],
          "events"
        )
        yield* Suppression.remove({ workspaceId, entries, actor: "operator 7" })
        yield* same((yield* everyEvent(workspaceId)).length, length + news.length, "events, a second time")
        yield* same((yield* observe(workspaceId)).campaigns, campaigns, "enrolments")
        const report = yield* Leads.preview({ ...ref, leads: rows })
        yield* same(report.skipped, 0, "skipped after the removal")
      })
  )
]
