/** Whoever queues a message for each of some people on PostgreSQL and hands them out by 1,000: ours and the peers. */
import type { Person } from "./claimAndRecord.ts"
import type { Rendered } from "./Queue.ts"
import type { Batch } from "./workload.ts"

export interface JobQueue {
  /** What comes before the clock starts. */
  readonly prepare: (batches: ReadonlyArray<Batch>) => unknown
  /** Queues a message for each of them. */
  readonly queue: () => Promise<unknown>
  /** Hands out all of them, rendered, and reports each thousand as done. */
  readonly work: () => Promise<ReadonlyArray<Rendered>>
  readonly close: () => unknown
}

/** One whose claims can be told from its reports. */
export interface ClaimQueue extends JobQueue {
  /** Hands out all of them, rendered, and reports nothing. */
  readonly claim: () => Promise<ReadonlyArray<Rendered>>
}

export type OpenJobQueue<Q extends JobQueue = JobQueue> = (url: string) => Promise<Q>

/** Jobs carry whom they are about, as one who uses a queue has them do. */
export const isPerson = (payload: unknown): payload is Person =>
  typeof payload === "object" && payload !== null && "email" in payload
