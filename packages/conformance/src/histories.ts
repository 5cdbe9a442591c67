/**
 * Histories: what may happen to running campaigns over days, and how it is lived through. Claims, reports, suppressions,
 * enrolments, erasures, starts and pauses come at moments that only grow.
 */
import { Campaigns, Delivery, Leads, type Repository } from "@leadterra/core"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import * as given from "./arbitraries.ts"
import { at, noon } from "./Law.ts"
import { type Ref, suppress, upsert, workspaceId } from "./scene.ts"

export const day = 86_400_000

/** What happens at a moment: the moments of a history only grow. */
const act = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ claim: given.claim, reports: fc.array(given.report, { maxLength: 4 }) })
  },
  fc.record({ suppress: given.entries }),
  fc.record({ enroll: given.validRows }),
  fc.record({ erase: fc.array(given.spelling, { minLength: 1, maxLength: 2 }) }),
  fc.constantFrom({ turn: "start" } as const, { turn: "pause" } as const)
)
export type Act = typeof act extends fc.Arbitrary<infer A> ? A : never

const history = fc.array(fc.tuple(fc.constantFrom(0, 1_000, 61_000, 301_000, day, 3 * day), act), {
  maxLength: 8
})

export const scene = fc.tuple(fc.array(given.steps, { minLength: 1, maxLength: 2 }), given.validRows, history)

/** What a history has been told: every message handed out, in order, and the outcome of every report. */
export interface Told {
  readonly handed: Array<{ readonly at: number; readonly message: Delivery.ClaimedMessage }>
  readonly outcomes: Array<{
    readonly type: string
    readonly report: object
    readonly outcome: Delivery.ReportOutcome
  }>
}

/** A workspace, and how programs are run in it at a time. */
export interface World {
  readonly workspaceId: string
  readonly at: (
    now: number
  ) => <A, E>(program: Effect.Effect<A, E, Repository>) => Effect.Effect<A, E, Repository>
}

/** Runs a history on campaigns that have started, looking at the state after each of its acts. */
export const lived = Effect.fnUntraced(function* <E>(
  [sequences, rows, acts]: typeof scene extends fc.Arbitrary<infer S> ? S : never,
  look: (now: number, act: Act, told: Told) => Effect.Effect<void, E, Repository>,
  world: World = { workspaceId, at }
) {
  const refs: Array<Ref> = []
  const begin = Effect.gen(function* () {
    for (const [index, steps] of sequences.entries()) {
      const { id } = yield* Campaigns.create({ workspaceId: world.workspaceId, name: `c${index}`, steps })
      const ref = { workspaceId: world.workspaceId, campaignId: id }
      yield* upsert(ref, rows)
      yield* Campaigns.start(ref)
      refs.push(ref)
    }
  })
  yield* begin.pipe(world.at(noon))
  const told: Told = { handed: [], outcomes: [] }
  let now = noon
  for (const [wait, next] of acts) {
    now += wait
    yield* live(world, refs, next, now, told).pipe(world.at(now))
    yield* look(now, next, told).pipe(world.at(now))
  }
  return refs
})

const live = Effect.fnUntraced(function* (
  { workspaceId }: World,
  refs: ReadonlyArray<Ref>,
  act: Act,
  now: number,
  told: Told
) {
  if ("claim" in act) {
    for (const message of yield* Delivery.claim({ workspaceId, ...act.claim }))
      told.handed.push({ at: now, message })
    const reports = aboutLast(told, act.reports)
    const { outcomes } = yield* Delivery.record({ reports })
    for (const [index, outcome] of outcomes.entries()) {
      const report = reports[index]
      if (report !== undefined) told.outcomes.push({ type: report.type, report, outcome })
    }
  } else if ("suppress" in act) yield* suppress(act.suppress, workspaceId)
  else if ("erase" in act) yield* Leads.erase({ workspaceId, emails: act.erase })
  else if ("enroll" in act) for (const ref of refs) yield* upsert(ref, act.enroll)
  else for (const ref of refs) yield* act.turn === "start" ? Campaigns.start(ref) : Campaigns.pause(ref)
})

/** Reports of the messages handed out last, some under the token of their claim and some under an older one. */
const aboutLast = ({ handed }: Told, facts: ReadonlyArray<object>): ReadonlyArray<Delivery.Report> =>
  facts.flatMap((fact, index) => {
    const about = handed[handed.length - 1 - index]?.message
    const { claimToken, messageId } = about ?? {}
    return about === undefined ? [] : [{ messageId, claimToken, ...fact } as object as Delivery.Report]
  })
