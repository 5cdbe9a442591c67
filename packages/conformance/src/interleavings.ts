/**
 * The law of calls at once: fast-check's scheduler picks whose decision comes next, among all that are waiting, and the calls
 * must end as one after the other would, in the order in which the store decided them: the same answers, the same state.
 */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { Campaigns, Leads, Repository, type WorkspaceMode, Workspaces } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import fc from "fast-check"
import * as given from "./arbitraries.ts"
import { Call, createdBy, decision, firstCampaign, mode } from "./commands.ts"
import { at, type Law, noon, onFreshStore, type StoreLayer } from "./Law.ts"
import { everyEvent, observe } from "./observe.ts"
import { same } from "./scene.ts"

const workspaceId = "one"

const calls = fc.array(
  fc.tuple(decision, fc.nat({ max: 1e6 })).map(([command, time]) => new Call(command, workspaceId, 0, time)),
  { minLength: 2, maxLength: 6 }
)

/** How the campaign stands before the calls: whether it runs, and the mode of its workspace. */
interface Opening {
  readonly runs: boolean
  readonly mode: WorkspaceMode
}

/** The whole crowd in a draft, or in a campaign that runs, so that each call among the calls can meet what another has done. */
const opening = ({ mode, runs }: Opening) =>
  Effect.gen(function* () {
    yield* Workspaces.create({ workspaceId, mode })
    const made = createdBy(yield* Campaigns.create({ workspaceId, ...firstCampaign }))
    const leads = given.keys.map((email) => ({ email }))
    for (const ref of made) {
      yield* Leads.bulkUpsert({ ...ref, leads })
      if (runs) yield* Campaigns.start(ref)
    }
    const leadIds = new Map((yield* Leads.list({ workspaceId })).items.map(({ id, key }) => [key, id]))
    return { refs: made, leadIds }
  }).pipe(Random.withSeed("interleavings"))

/** The state, and what the events tell of the way to it. */
const observeAll = Effect.gen(function* () {
  const events = idsAside(yield* everyEvent(workspaceId))
  return { ...(yield* observe(workspaceId)), events }
})

const atOnce = Effect.fnUntraced(function* (
  scheduler: fc.Scheduler,
  begun: Opening,
  calls: ReadonlyArray<Call>
) {
  const { leadIds, refs } = yield* opening(begun)
  const repository = yield* Repository
  const order: Array<Call> = []
  const scheduled = (call: Call): Repository["Service"] => ({
    ...repository,
    decide: (scope, rule) =>
      Effect.andThen(
        Effect.promise(() => scheduler.schedule(Promise.resolve(), call.toString())),
        repository.decide(scope, (snapshot) => {
          order.push(call)
          return rule(snapshot)
        })
      )
  })
  const run = (call: Call) => Effect.provideService(call.run([...refs], leadIds), Repository, scheduled(call))
  const context = yield* Effect.context<Repository>()
  const all = Effect.runPromiseWith(context)(Effect.forEach(calls, run, { concurrency: "unbounded" }))
  const answers = yield* Effect.promise(() => scheduler.waitFor(all))
  return {
    order,
    answers: new Map(calls.map((call, index) => [call, answers[index]])),
    state: yield* observeAll
  }
})

/** The calls one after the other, on the model. A store that runs a rule again has decided the call when it ran last. */
const inTurn = Effect.fnUntraced(function* (begun: Opening, calls: ReadonlyArray<Call>) {
  const { leadIds, refs } = yield* opening(begun)
  const made = [...refs]
  const answers = new Map<Call, unknown>()
  for (const call of calls) answers.set(call, yield* call.run(made, leadIds))
  return { answers, state: yield* observeAll }
})

/** Which call drew which ULID is not part of the answer. */
const idsAside = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer).replace(/[0-9A-HJKMNP-TV-Z]{26}/g, "ULID"))

export const interleavings: Law = {
  name: "any interleaving is some serial order",
  examples: [],
  title:
    "ID-1, UP-6, SU-2, SU-3, SQ-4, DE-1: calls at once end as one after the other, in the order in which the store decided them",
  property: (layer: StoreLayer) =>
    fc.asyncProperty(
      fc.tuple(fc.scheduler(), fc.record({ runs: fc.boolean(), mode }), calls),
      async ([scheduler, begun, calls]) => {
        const { order, ...actual } = await onFreshStore(layer, atOnce(scheduler, begun, calls))
        const last = calls.toSorted((a, b) => order.lastIndexOf(a) - order.lastIndexOf(b))
        const expected = await Effect.runPromise(
          inTurn(begun, last).pipe(at(noon), Effect.provide(MemoryRepository.layer))
        )
        for (const call of calls) {
          await Effect.runPromise(
            same(
              idsAside(actual.answers.get(call)),
              idsAside(expected.answers.get(call)),
              `the answer of ${call}`
            )
          )
        }
        await Effect.runPromise(same(actual.state, expected.state, "the state"))
      }
    ) as fc.IAsyncProperty<[unknown]>
}
