/** How a store is opened. */
export interface SqliteOptions {
  /**
   * The file; its folder must exist. A new one is readable by its owner alone, and one that exists
   * keeps its mode. `":memory:"` is a store that ends with its scope.
   */
  readonly filename: string
  /**
   * What a power loss or a crash of the operating system may take: under `"normal"` (default) the last commits,
   * under `"full"` none, at the cost of a sync per call. Never a part of a commit, and neither loses anything
   * when the process is killed.
   */
  readonly synchronous?: "normal" | "full" | undefined
  /** How long a call waits for another writer before it fails with `StoreBusy`; it blocks the thread. Default 5,000. */
  readonly busyTimeoutMillis?: number | undefined
  /**
   * Pages in the write-ahead log from which a checkpoint moves them into the file. A longer log is
   * truncated to this after its checkpoint. Default 16,000, some 65 MB; 0 never.
   */
  readonly walAutocheckpoint?: number | undefined
  /**
   * Whether a thread moves them beside the calls (default), or a commit does and its caller waits. The thread is started
   * when the log is long for the first time; where it cannot be, commits see to the log.
   */
  readonly checkpointThread?: boolean | undefined
}
