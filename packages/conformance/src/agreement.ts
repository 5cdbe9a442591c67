/**
 * The law that stands over the others: any sequence of commands gives the same answers and the same state on this
 * store and on the model, which is the memory store. Commands print as the calls that they are.
 */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { Campaigns, Leads, type Repository, Suppression } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import fc from "fast-check"
import * as given from "./arbitraries.ts"
import { at, type Law, noon, onFreshStore, type StoreLayer } from "./Law.ts"
import { observe } from "./observe.ts"
import { type Ref, same } from "./scene.ts"

const workspaces = ["one", "two"]

/** One call, for a campaign picked from those made so far. */
interface Command {
  readonly name: string
  readonly input: unknown
  readonly run: (ref: Ref) => Effect.Effect<unknown, unknown, Repository>
}

const command = <I>(
  name: string,
  input: fc.Arbitrary<I>,
  run: (ref: Ref, input: I) => Effect.Effect<unknown, unknown, Repository>
): fc.Arbitrary<Command> => input.map((value) => ({ name, input: value, run: (ref) => run(ref, value) }))

const nothing = fc.constant(null)
const email = given.spelling

const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: command("Leads.bulkUpsert", given.rows, (ref, leads) => Leads.bulkUpsert({ ...ref, leads }))
  },
  command("Leads.bulkUpsert (reject)", given.rows, (ref, leads) =>
    Leads.bulkUpsert({ ...ref, leads, onInvalid: "reject" })
  ),
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
  { weight: 2, arbitrary: command("Campaigns.start", nothing, (ref) => Campaigns.start(ref)) },
  command("Campaigns.pause", nothing, (ref) => Campaigns.pause(ref)),
  command("Campaigns.replaceSteps", given.steps, (ref, steps) => Campaigns.replaceSteps({ ...ref, steps })),
  command("Campaigns.list", nothing, ({ workspaceId }) => Campaigns.list({ workspaceId })),
  {
    weight: 2,
    arbitrary: command("Suppression.add", given.entries, ({ workspaceId }, entries) =>
      Suppression.add({ workspaceId, entries })
    )
  },
  command("Suppression.remove", given.entries, ({ workspaceId }, entries) =>
    Suppression.remove({ workspaceId, entries })
  ),
  command("Suppression.check", fc.array(email, { maxLength: 3 }), ({ workspaceId }, emails) =>
    Suppression.check({ workspaceId, emails })
  )
)

/** A call at a moment, in one of the workspaces, on one of the campaigns made so far. */
class Call {
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

  /** Runs the call and gives its answer or its error; campaigns made are remembered under both. */
  readonly run = (made: Array<Ref>): Effect.Effect<unknown, never, Repository> => {
    const { campaignId } = made[this.pick % made.length] ?? { campaignId: "" }
    const ref = { workspaceId: this.workspaceId, campaignId } as Ref
    return this.command.run(ref).pipe(
      Effect.tap((answer) => Effect.sync(() => made.push(...createdBy(answer)))),
      Effect.match({
        onSuccess: (answer): unknown => ({ answer }),
        onFailure: (error): unknown => ({ error })
      }),
      at(noon + this.time)
    )
  }
}

const createdBy = (answer: unknown): ReadonlyArray<Ref> =>
  typeof answer === "object" &&
  answer !== null &&
  "lints" in answer &&
  "id" in answer &&
  "workspaceId" in answer
    ? [{ workspaceId: String(answer.workspaceId), campaignId: answer.id } as Ref]
    : []

const calls = fc.array(
  fc
    .tuple(anyCommand, fc.constantFrom("one", "one", "one", "two"), fc.nat({ max: 3 }), fc.nat({ max: 1e6 }))
    .map((call) => new Call(...call)),
  { minLength: 1, maxLength: 14 }
)

/** The first campaign exists from the start, so that short sequences reach it. */
const play = Effect.fnUntraced(function* (calls: ReadonlyArray<Call>) {
  const made: Array<Ref> = []
  const steps = [{ subject: "Hi {{firstName}}", bodyHtml: "<p>{{plan}}</p>" }]
  made.push(...createdBy(yield* Campaigns.create({ workspaceId: "one", name: "first", steps })))
  const answers: Array<unknown> = []
  for (const call of calls) answers.push(yield* call.run(made))
  const states: Array<unknown> = []
  for (const workspace of workspaces) states.push(yield* observe(workspace))
  return { answers, states }
}, Random.withSeed("agreement"))

const modelled = (calls: ReadonlyArray<Call>) => Effect.provide(play(calls), MemoryRepository.layer)

export const agreement: Law = {
  name: "agreement with the model",
  title: "ID-1, UP-1, SU-1, SQ-2: any sequence of calls gives the answers and the state of the model",
  property: (layer: StoreLayer) =>
    fc.asyncProperty(calls, async (calls) => {
      const expected = await Effect.runPromise(modelled(calls).pipe(at(noon)))
      const actual = await onFreshStore(layer, play(calls))
      await Effect.runPromise(same(actual, expected, "answers and state"))
    }) as fc.IAsyncProperty<[unknown]>
}
