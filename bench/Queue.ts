/** Whoever queues and hands out messages of one campaign: ours and the limit, each opened on a file that does not exist yet. */
import type { Batch } from "./workload.ts"

export interface Rendered {
  readonly to: string
  readonly subject: string
  readonly html: string
}

/** What one claim has handed out. */
export interface Claimed {
  readonly messages: ReadonlyArray<Rendered>
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

/** Does some work that tells how many messages it was about, and gives messages per second. */
export const rateOf = async (work: () => number | Promise<number>): Promise<number> => {
  const started = performance.now()
  const messages = await work()
  return (messages * 1_000) / (performance.now() - started)
}
