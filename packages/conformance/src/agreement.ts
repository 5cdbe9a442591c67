/**
 * The law that stands over the others: any sequence of commands gives the same answers and the same state on this
 * store and on the model, which is the memory store.
 */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { Campaigns, type WorkspaceMode, Workspaces } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import fc from "fast-check"
import { anyCommand, Call, createdBy, firstCampaign, mode } from "./commands.ts"
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

type Played = readonly [mode: WorkspaceMode, calls: ReadonlyArray<Call>]

/** The first campaign exists from the start, so that short sequences reach it. It may be of a test workspace. */
const play = Effect.fnUntraced(function* ([mode, calls]: Played) {
  const made: Array<Ref> = []
  yield* Workspaces.create({ workspaceId: "one", mode })
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

const modelled = (played: Played) => Effect.provide(play(played), MemoryRepository.layer)

export const agreement: Law = {
  name: "agreement with the model",
  examples: [],
  title: "ID-1, UP-1, SU-1, SQ-2: any sequence of calls gives the answers and the state of the model",
  property: (layer: StoreLayer) =>
    fc.asyncProperty(fc.tuple(mode, calls), async (played) => {
      const expected = await Effect.runPromise(modelled(played).pipe(at(noon)))
      const actual = await onFreshStore(layer, play(played))
      await Effect.runPromise(same(actual, expected, "answers and state"))
    }) as fc.IAsyncProperty<[unknown]>
}
