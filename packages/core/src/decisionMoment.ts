/** The one place in which time enters the decisions of the use cases. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Snapshot } from "./model/Snapshot.ts"
import { type Moment, momentIn } from "./rules/moment.ts"

/** Returns the moment of the decision on a snapshot, no earlier than a real time if one is given. */
export type MomentOf = (snapshot: Snapshot, earliest?: number) => Moment

/**
 * Gives the moments of decisions. The real time is read when a rule runs: a store may have been
 * waited for, or may run a rule again.
 */
export const decisionMoment: Effect.Effect<MomentOf> = Effect.map(
  Clock.Clock,
  (clock): MomentOf =>
    (snapshot, earliest = Number.NEGATIVE_INFINITY) =>
      momentIn(snapshot, Math.max(earliest, clock.currentTimeMillisUnsafe()))
)
