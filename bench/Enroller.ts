/** Whoever enrols leads into one campaign of one workspace: ours, the limits and the peers, each opened on an empty folder. */
import type { Batch } from "./workload.ts"

export interface Enroller {
  /** Enrols a batch, atomically: new addresses, changed fields; suppressed addresses are left out. */
  readonly upsert: (batch: Batch) => unknown
  /** Who is enrolled, each as `address|job title`, sorted: what the tests compare. */
  readonly enrolled: () => ReadonlyArray<string> | Promise<ReadonlyArray<string>>
  readonly close: () => unknown
}

/** Opens an enroller on a file that does not exist yet, with a suppression list. */
export type Open = (file: string, suppressed: ReadonlyArray<string>) => Enroller | Promise<Enroller>
