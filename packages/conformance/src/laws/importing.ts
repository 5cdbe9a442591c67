/** The laws of idempotency keys and of imports (UP-10, IM). */
import {
  type ImportStopped,
  Leads,
  Repository,
  RepositoryError,
  StoreBusy,
  StoreDisconnected,
  StoreUnavailable,
  Suppression
} from "@leadterra/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import fc from "fast-check"
import * as given from "../arbitraries.ts"
import { at, type Law, law, noon } from "../Law.ts"
import { everyEvent, observe } from "../observe.ts"
import { campaignIn, countsOf, type Ref, type Status, same, suppress, upsert, workspaceId } from "../scene.ts"

const status: fc.Arbitrary<Status> = fc.constantFrom("draft", "running", "paused")

const stranger = { email: "stranger@example.net" }
const week = 7 * 86_400_000

const keyed = (ref: Ref, leads: ReadonlyArray<unknown>, idempotencyKey = "key") =>
  Leads.bulkUpsert({ ...ref, leads, idempotencyKey })

/** All that there is to see, its events included. */
const everything = Effect.fnUntraced(function* (workspace: string = workspaceId) {
  return { state: yield* observe(workspace), events: yield* everyEvent(workspace) }
})

const conflicts = (call: Effect.Effect<unknown, { readonly _tag: string }, Repository>, what: string) =>
  Effect.gen(function* () {
    const { _tag } = yield* Effect.flip(call)
    yield* same(_tag, "IdempotencyConflict", what)
  })

/** A number of busy answers before the batch lands; no landing; or a landing whose answer is lost. */
type Fate = number | "fails" | "loses its answer"

/** What becomes of an import: of its decisions, of its source, of who listens. */
interface Disturbance {
  /** For each batch in turn: how often the store is busy first, or how it fails. */
  readonly fates: ReadonlyArray<Fate>
  readonly sourceBreaksAt: number | null
  readonly leavesAfter: number | null
}

const disturbance: fc.Arbitrary<Disturbance> = fc.record({
  fates: fc.array(fc.constantFrom<Fate>(0, 1, 3, "fails", "loses its answer"), { maxLength: 4 }),
  sourceBreaksAt: fc.option(fc.nat({ max: 1_300 })),
  leavesAfter: fc.option(fc.nat({ max: 3 }))
})

const batchSize = 500

/** Some rows among many that fail, so that a few of them make three batches. */
const spread = (rows: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
  const list: Array<unknown> = Array(1_200).fill(null)
  rows.forEach((row, index) => {
    list[Math.floor((index * list.length) / rows.length)] = row
  })
  return list
}

const disconnected = Effect.fail(
  new RepositoryError({ operation: "decide", reason: new StoreDisconnected() })
)

/** The store, with the fates that its decisions have from here on. */
const failing = (fates: ReadonlyArray<Fate>) =>
  Effect.map(Repository, (sound): Repository["Service"] => {
    const left = [...fates]
    return {
      ...sound,
      decide: (scope, rule) =>
        Effect.suspend(() => {
          const [fate = 0] = left
          if (fate === 0) {
            left.shift()
            return sound.decide(scope, rule)
          }
          if (typeof fate === "number") left[0] = fate - 1
          else left.shift()
          if (fate === "loses its answer") return Effect.andThen(sound.decide(scope, rule), disconnected)
          const reason =
            fate === "fails" ? new StoreUnavailable({ why: "gone", cause: "gone" }) : new StoreBusy()
          return Effect.fail(new RepositoryError({ operation: "decide", reason }))
        })
    }
  })

function* breakingAt(list: ReadonlyArray<unknown>, place: number | null) {
  for (const [index, row] of list.entries()) {
    if (index === place) throw new Error("the source breaks")
    yield row
  }
}

/** Waits take no time. */
const withoutWaits = <A, E, R>(program: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(Clock.Clock, (clock) =>
    Effect.provideService(program, Clock.Clock, { ...clock, sleep: () => Effect.void })
  )

/** Runs an import that may be stopped, and gives where the next one goes on; null when it came to its end. */
const disturbed = Effect.fnUntraced(function* (
  input: Leads.ImportInput & { readonly leads: ReadonlyArray<unknown> },
  { fates, leavesAfter, sourceBreaksAt }: Disturbance
) {
  const store = yield* failing(fates)
  let told: Leads.ImportProgress | null = null
  const all = Leads.importStream({ ...input, leads: breakingAt(input.leads, sourceBreaksAt), retries: 2 })
  const heard = leavesAfter === null ? all : Stream.take(all, leavesAfter)
  const stopped: ImportStopped | null = yield* heard.pipe(
    Stream.runForEach((progress) =>
      Effect.sync(() => {
        told = progress
      })
    ),
    Effect.as(null),
    Effect.catchTag("ImportStopped", Effect.succeed),
    Effect.provideService(Repository, store)
  )
  return { told: told as Leads.ImportProgress | null, stopped }
})

export const importLaws: ReadonlyArray<Law> = [
  law(
    "a key lands once",
    "UP-10: the same key and rows give the first report, marked as replayed, and change nothing; other rows, or another campaign, are a conflict; after a week the key is new",
    fc.record({
      status,
      before: given.rows,
      rows: given.rows,
      between: given.rows,
      suppressed: given.entries
    }),
    ({ before, between, rows, status, suppressed }) =>
      Effect.gen(function* () {
        const ref = yield* campaignIn(status)
        const other = yield* campaignIn("draft", workspaceId, "other")
        yield* upsert(ref, before)
        const first = yield* keyed(ref, rows)
        yield* suppress(suppressed)
        yield* upsert(ref, between)
        const then = yield* everything()
        yield* same("replayed" in first, false, "a first report that is marked")
        const again = { ...first, replayed: true }
        yield* same(yield* Leads.preview({ ...ref, leads: rows, idempotencyKey: "key" }), again, "preview")
        yield* same(yield* keyed(ref, rows), again, "report of the same call")
        yield* conflicts(keyed(ref, [...rows, stranger]), "other rows")
        yield* conflicts(keyed(other, rows), "another campaign")
        yield* same(yield* everything(), then, "all that there is to see")
        const elsewhere = yield* campaignIn("draft", "elsewhere")
        yield* same((yield* keyed(elsewhere, [stranger])).enrolled, 1, "enrolled under the key elsewhere")
        const later = <A, E>(call: Effect.Effect<A, E, Repository>) => call.pipe(at(noon + week))
        const second = yield* later(keyed(ref, [stranger]))
        yield* same(second.enrolled, 1, "enrolled under the key a week later")
        yield* same("replayed" in second, false, "a new report that is marked")
        const repeated = { ...second, replayed: true }
        yield* same(yield* later(keyed(ref, [stranger])), repeated, "report of the second call")
      })
  ),
  law(
    "a refused batch uses up no key",
    "UP-10: a batch that is refused is not remembered under its key, which is free for other rows",
    fc.tuple(status, given.validRows),
    ([status, rows]) =>
      Effect.gen(function* () {
        const ref = yield* campaignIn(status)
        const refused = {
          ...ref,
          leads: [...rows, null],
          idempotencyKey: "key",
          onInvalid: "reject"
        } as const
        const { _tag } = yield* Effect.flip(Leads.bulkUpsert(refused))
        yield* same(_tag, "InvalidLeads", "the refusal")
        const report = yield* keyed(ref, [stranger])
        yield* same(report.enrolled, 1, "enrolled")
        const again = { ...report, replayed: true }
        yield* same(yield* keyed(ref, [stranger]), again, "report of the same call")
      })
  ),
  law(
    "an import ends as undisturbed",
    "IM-1, IM-3: an import that is stopped and run again, from its beginning or from where it stopped, ends in the state of one batch of all rows; where it goes on, the counts add up to those of the batch, unless the answer to a batch was lost and the import has no resume key",
    fc.record({
      status,
      suppressed: given.entries,
      rows: given.rows,
      disturbances: fc.array(disturbance, { maxLength: 4 }),
      goesOn: fc.boolean(),
      hasKey: fc.boolean()
    }),
    ({ disturbances, goesOn, hasKey, rows, status, suppressed }) =>
      Effect.gen(function* () {
        const arrange = Effect.fnUntraced(function* (workspace: string) {
          const ref = yield* campaignIn(status, workspace)
          yield* Suppression.add({ workspaceId: workspace, entries: suppressed })
          return ref
        })
        const list = spread(rows)
        const whole = yield* Leads.bulkUpsert({ ...(yield* arrange("whole")), leads: list })
        const isKeyed = hasKey && goesOn
        const resumeKey = isKeyed ? "import" : undefined
        const input = { ...(yield* arrange("stopped")), leads: list, batchSize, resumeKey }
        let from = 0
        const landed = { enrolled: 0, updated: 0, skipped: 0, failed: 0 }
        const add = (by: typeof landed) => {
          landed.enrolled += by.enrolled
          landed.updated += by.updated
          landed.skipped += by.skipped
          landed.failed += by.failed
        }
        for (const each of disturbances) {
          // A key is for the same rows at the same place: a source that breaks cuts a batch short.
          const disturbance = isKeyed ? { ...each, sourceBreaksAt: null } : each
          const { stopped, told } = yield* disturbed({ ...input, from }, disturbance)
          if (stopped !== null && told !== null) {
            yield* same([stopped.landed.rows, stopped.next], [told.rows, told.next], "what was told")
          }
          if (told === null || !goesOn) continue
          from = told.next
          add(countsOf(told))
        }
        const summary = yield* Leads.importAll({ ...input, from })
        add(countsOf(summary))
        yield* same(yield* observe("stopped"), yield* observe("whole"), "state")
        yield* same(summary.totalInCampaign, whole.totalInCampaign, "total")
        yield* same(summary.failedRows.length, summary.failed, "failed rows")
        yield* same(
          Object.values(countsOf(summary)).reduce((sum, count) => sum + count),
          list.length - from,
          "rows that were told"
        )
        const isCounted = isKeyed || disturbances.every(({ fates }) => !fates.includes("loses its answer"))
        if ((goesOn && isCounted) || disturbances.length === 0)
          yield* same(landed, countsOf(whole), "counts, added up")
      }).pipe(withoutWaits)
  )
]
