/** The times of a decision (TC-3, TC-4). */
import type { Snapshot } from "../model/Snapshot.ts"

/** Two times in milliseconds since 1970, which differ in a test workspace alone. */
export interface Moment {
  /** The time that the decision writes, and by which messages are due: the test clock where there is one. */
  readonly now: number
  /** The time by which leases begin and end. */
  readonly realNow: number
}

/** Returns the moment of a decision on this snapshot, made at a real time. */
export const momentIn = ({ workspace }: Pick<Snapshot, "workspace">, realNow: number): Moment => ({
  now: workspace?.testClock ?? realNow,
  realNow
})
