/** Whoever queues and hands out messages of one campaign: ours and the limit, each opened on a file that does not exist yet. */
import type { Batch } from "./workload.ts"

/** What one claim has handed out, rendered. */
export interface Claimed {
  readonly messages: ReadonlyArray<{ readonly to: string; readonly subject: string; readonly html: string }>
  /** Records all of them as sent. */
  readonly record: () => unknown
}

export interface Queue {
  readonly enroll: (batch: Batch) => unknown
  /** Starts the campaign: a message for every lead. Gives how many. */
  readonly start: () => number | Promise<number>
  readonly claim: (limit: number) => Claimed | Promise<Claimed>
  readonly close: () => unknown
}

export type OpenQueue = (file: string) => Queue | Promise<Queue>
