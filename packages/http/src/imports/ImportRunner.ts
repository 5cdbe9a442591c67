/**
 * Runs the jobs that wait, one of each workspace at a time, and sweeps jobs and files whose time is
 * over. Each process with a spool has one.
 */
import type { Engine } from "@leadterra/core/promise"
import { runImport, sleep } from "./ImportRun.ts"
import type { ImportJob, ImportRef, ImportsStore } from "./ImportsStore.ts"
import * as jobRules from "./jobRules.ts"
import { maxRunning, pollMillis, renewMillis, sliceMillis, sweepMillis } from "./limits.ts"
import type { Spool } from "./Spool.ts"
import { sweep, sweepFiles } from "./sweep.ts"

export interface RunnerOptions {
  readonly engine: Engine
  readonly store: ImportsStore
  readonly spool: Spool
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Told of an error that nothing foresees. */
  readonly report: (error: unknown) => void
}

export class ImportRunner {
  readonly #options: RunnerOptions
  readonly #owner = crypto.randomUUID()
  readonly #stopping = new AbortController()
  readonly #runs = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>()
  /** Aborted to look for jobs at once. */
  #nap = new AbortController()
  #doOthersWait = false
  #sweptAt = Number.NEGATIVE_INFINITY
  readonly #ended: Promise<void>

  constructor(options: RunnerOptions) {
    this.#options = options
    this.#ended = this.#loop()
  }

  /** Looks for jobs at once. */
  wake(): void {
    this.#nap.abort()
  }

  /** Ends the run of a job behind the batch that is under way. */
  interrupt({ id }: ImportRef): void {
    this.#runs.get(id)?.stop.abort()
  }

  /** Ends all runs behind their batches. Their jobs wait for another process. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.wake()
    for (const { stop } of this.#runs.values()) stop.abort()
    await this.#ended
    await Promise.all(Array.from(this.#runs.values(), ({ ended }) => ended))
  }

  async #loop(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#nap = new AbortController()
      const { signal } = this.#nap
      await this.#look().catch((error) => this.#tell(error))
      await sleep(pollMillis, signal)
    }
  }

  /** A store that is away for a while is no news: the next look finds the jobs. */
  #tell(error: unknown): void {
    const isRetryable =
      typeof error === "object" && error !== null && "isRetryable" in error && error.isRetryable === true
    if (!isRetryable) this.#options.report(error)
  }

  async #look(): Promise<void> {
    const { now, spool, store } = this.#options
    if (now() - this.#sweptAt >= sweepMillis) {
      this.#sweptAt = now()
      await sweep(this.#options)
    }
    const waiting = await store.waiting({ spoolId: spool.id, limit: maxRunning + 1 })
    let free = maxRunning - this.#runs.size
    this.#doOthersWait = waiting.length > free
    for (const job of waiting) {
      if (free <= 0 || this.#stopping.signal.aborted) return
      if (await this.#start(job)) free--
    }
  }

  /** Claims a job, and begins to run it. Returns false when another process was first. */
  async #start(job: ImportJob): Promise<boolean> {
    const turn = { owner: this.#owner, now: this.#options.now() }
    const claimed = await this.#options.store.change(job, (found) => jobRules.claimed(found, turn))
    if (claimed === undefined || !jobRules.isRunBy(claimed, this.#owner)) return false
    const stop = new AbortController()
    if (this.#stopping.signal.aborted) stop.abort()
    const ended = this.#run(claimed, stop)
      .catch((error) => this.#tell(error))
      .finally(() => {
        this.#runs.delete(job.id)
        this.wake()
      })
    this.#runs.set(job.id, { stop, ended })
    return true
  }

  async #run(job: ImportJob, stop: AbortController): Promise<void> {
    const over = new AbortController()
    const renewing = this.#renew(job, stop, over.signal)
    const endsAt = this.#options.now() + sliceMillis
    try {
      await runImport(job, {
        ...this.#options,
        owner: this.#owner,
        signal: stop.signal,
        isTurnOver: () => this.#doOthersWait && this.#options.now() >= endsAt
      })
    } finally {
      over.abort()
      await renewing
    }
    await sweepFiles(this.#options, (ref) => ref.id === job.id)
  }

  /** Keeps the lease of a job until it is over, and ends the run of one that is lost or aborted. */
  async #renew(job: ImportJob, stop: AbortController, over: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(renewMillis, over)
      if (over.aborted) return
      const turn = { owner: this.#owner, now: this.#options.now() }
      // A store that is away for longer than the lease has lost the job, which its next record tells.
      const renewed = await this.#options.store
        .change(job, (found) => jobRules.renewed(found, turn))
        .catch(() => job)
      if (renewed === undefined || renewed.isAborting || !jobRules.isRunBy(renewed, this.#owner)) stop.abort()
    }
  }
}
