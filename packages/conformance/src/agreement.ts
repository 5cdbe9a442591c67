/**
 * The law that stands over the others: any sequence of commands gives the same answers and the same state on this
 * store and on the model, which is the memory store.
 */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { Campaigns } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import fc from "fast-check"
import { anyCommand, Call, createdBy, firstCampaign } from "./commands.ts"
import { at, type Law, noon, onFreshStore, type StoreLayer } from "./Law.ts"
import { everyEvent, observe } from "./observe.ts"
import { type Ref, same } from "./scene.ts"

const workspaces = ["one", "two"]

const calls = fc.array(
  fc
    .tuple(anyCommand, fc.constantFrom("one", "one", "one", "two"), fc.nat({ max: 3 }), fc.nat({ max: 1e6 }))
    .map((call) => new Call(...call)),
  { minLength: 1, maxLength: 14 }
)

/** The first campaign exists from the start, so that short sequences reach it. */
const play = Effect.fnUntraced(function* (calls: ReadonlyArray<Call>) {
  const made: Array<Ref> = []
  made.push(...createdBy(yield* Campaigns.create({ workspaceId: "one", ...firstCampaign })))
  const answers: Array<unknown> = []
  for (const call of calls) answers.push(yield* call.run(made))
  const states: Array<unknown> = []
  for (const workspaceId of workspaces) {
    const events = yield* everyEvent(workspaceId)
    states.push({ ...(yield* observe(workspaceId)), events })
  }
  return { answers, states }
}, Random.withSeed("agreement"))

const modelled = (calls: ReadonlyArray<Call>) => Effect.provide(play(calls), MemoryRepository.layer)

export const agreement: Law = {
  name: "agreement with the model",
  examples: [],
  title: "ID-1, UP-1, SU-1, SQ-2: any sequence of calls gives the answers and the state of the model",
  property: (layer: StoreLayer) =>
    fc.asyncProperty(calls, async (calls) => {
      const expected = await Effect.runPromise(modelled(calls).pipe(at(noon)))
      const actual = await onFreshStore(layer, play(calls))
      await Effect.runPromise(same(actual, expected, "answers and state"))
    }) as fc.IAsyncProperty<[unknown]>
}
