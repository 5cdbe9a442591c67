/** Calls as values: what the laws about any sequence, and about any interleaving, are made of. They print as the calls that they are. */
import { Campaigns, Leads, type Repository, Suppression } from "@leadterra/core"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import * as given from "./arbitraries.ts"
import { at, noon } from "./Law.ts"
import type { Ref } from "./scene.ts"

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

/** Commands that are one decision each, on the campaign that they are given. */
const decisions = [
  {
    weight: 6,
    arbitrary: command("Leads.bulkUpsert", given.rows, (ref, leads) => Leads.bulkUpsert({ ...ref, leads }))
  },
  command("Leads.bulkUpsert (reject)", given.rows, (ref, leads) =>
    Leads.bulkUpsert({ ...ref, leads, onInvalid: "reject" })
  ),
  { weight: 2, arbitrary: command("Campaigns.start", nothing, (ref) => Campaigns.start(ref)) },
  command("Campaigns.pause", nothing, (ref) => Campaigns.pause(ref)),
  command("Campaigns.replaceSteps", given.steps, (ref, steps) => Campaigns.replaceSteps({ ...ref, steps })),
  {
    weight: 2,
    arbitrary: command("Suppression.add", given.entries, ({ workspaceId }, entries) =>
      Suppression.add({ workspaceId, entries })
    )
  },
  command("Suppression.remove", given.entries, ({ workspaceId }, entries) =>
    Suppression.remove({ workspaceId, entries })
  )
]

export const decision: fc.Arbitrary<Command> = fc.oneof(...decisions)

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  ...decisions,
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

export const createdBy = (answer: unknown): ReadonlyArray<Ref> =>
  typeof answer === "object" &&
  answer !== null &&
  "lints" in answer &&
  "id" in answer &&
  "workspaceId" in answer
    ? [{ workspaceId: String(answer.workspaceId), campaignId: answer.id } as Ref]
    : []
