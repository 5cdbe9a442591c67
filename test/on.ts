/** Runs a use case on a given repository. */
import { Repository } from "@leadterra/core"
import * as Effect from "effect/Effect"

export const on = <A, E>(
  repository: Repository["Service"],
  effect: Effect.Effect<A, E, Repository>
): Promise<A> => Effect.runPromise(Effect.provideService(effect, Repository, repository))
