/** The use cases of imports: take a list, look at jobs, abort them and let them go on. */
import type { Engine } from "@leadterra/core/promise"
import { drawId } from "../keys/keyId.ts"
import { Room } from "../Room.ts"
import type { ServerStore } from "../ServerStore.ts"
import { sleep } from "./ImportRun.ts"
import { ImportRunner } from "./ImportRunner.ts"
import type { ImportJob, ImportRef, ImportsPage, ListOptions } from "./ImportsStore.ts"
import * as jobRules from "./jobRules.ts"
import * as limits from "./limits.ts"
import { readUpload } from "./readUpload.ts"
import type { Spool } from "./Spool.ts"
import { eraseImports, sweepFiles } from "./sweep.ts"

export interface ImportsOptions {
  readonly engine: Engine
  readonly store: ServerStore
  /** Undefined on a server that takes no imports. */
  readonly spool: Spool | undefined
  readonly report: (error: unknown) => void
  readonly now?: () => number
}

export interface Upload {
  readonly workspaceId: string
  readonly campaignId: string
  readonly options: ListOptions
  readonly from: number
  readonly body: ReadableStream<Uint8Array> | null
  /** Whether the key of the caller is valid still. */
  readonly isValid: () => Promise<boolean>
}

/** The answer to an upload: a job, or why there is none. */
export type Uploaded =
  | { readonly job: ImportJob }
  | { readonly refusal: "TooManyUploads" | "TooManyJobs" | "KeyRevoked" }

const uploadTimes = { idleMillis: limits.uploadIdleMillis, totalMillis: limits.uploadMillis }

/** The time between two looks at a job that is to end. */
const abortPollMillis = 50

export class Imports {
  readonly spool: Spool | undefined
  readonly #options: ImportsOptions
  readonly #now: () => number
  readonly #runner: ImportRunner | undefined
  readonly #uploads = new Room(limits.maxUploads)

  constructor(options: ImportsOptions) {
    const { engine, report, spool, store } = options
    this.#options = options
    this.#now = options.now ?? Date.now
    this.spool = spool
    if (spool !== undefined)
      this.#runner = new ImportRunner({ engine, store: store.imports, spool, now: this.#now, report })
  }

  /**
   * Keeps a list, and adds its job once all of it is there. Rejects with `UploadError` and `SpoolError`,
   * and with `CampaignNotFound` before a byte is read; nothing of the list is kept then.
   */
  async upload(spool: Spool, upload: Upload): Promise<Uploaded> {
    const { body, campaignId, from, isValid, options, workspaceId } = upload
    const { engine, store } = this.#options
    const { totalEnrolled } = await engine.campaigns.stats({ workspaceId, campaignId })
    if (!this.#uploads.take(workspaceId, 1)) return { refusal: "TooManyUploads" }
    const now = this.#now()
    const ref = { workspaceId, id: drawId("imp", now) }
    try {
      const bytes = await spool.write(ref, readUpload(body, uploadTimes))
      try {
        if (!(await isValid())) return { refusal: "KeyRevoked" }
        const job = jobRules.queuedJob({
          ...ref,
          ...{ campaignId, spoolId: spool.id, options, bytes, from },
          ...{ totalInCampaign: totalEnrolled, now: this.#now() }
        })
        const { maxKeptJobs: maxKept, maxOpenJobs: maxOpen } = limits
        if (!(await store.imports.add(job, { maxKept, maxOpen }))) return { refusal: "TooManyJobs" }
        this.#runner?.wake()
        return { job }
      } finally {
        if ((await store.imports.get(ref)) === undefined) await spool.remove(ref, "list")
      }
    } finally {
      this.#uploads.give(workspaceId, 1)
    }
  }

  /** Returns a job as it is by now; undefined when it is not there, or no longer kept. */
  async get(ref: ImportRef): Promise<ImportJob | undefined> {
    const job = await this.#options.store.imports.get(ref)
    return job === undefined ? undefined : jobRules.at(job, this.#now())
  }

  /** Returns jobs of a workspace, newest first, and the id to go on behind; null on the last page. */
  async list(
    page: ImportsPage
  ): Promise<{ readonly jobs: ReadonlyArray<ImportJob>; readonly next: string | null }> {
    const now = this.#now()
    const jobs = await this.#options.store.imports.list(page)
    return {
      jobs: jobs.flatMap((job) => jobRules.at(job, now) ?? []),
      next: jobs.length < page.limit ? null : (jobs.at(-1)?.id ?? null)
    }
  }

  /**
   * Aborts a job, and returns it once it has ended, or after some seconds as it is then. A job that is
   * over stays as it is, unless it could go on.
   */
  async abort(ref: ImportRef): Promise<ImportJob | undefined> {
    const asked = await this.#change(ref, (job, now) => jobRules.aborted(job, now))
    if (asked === undefined) return undefined
    this.#runner?.interrupt(ref)
    const until = performance.now() + limits.abortWaitMillis
    let job: ImportJob | undefined = asked
    while (job !== undefined && !jobRules.isOver(job) && performance.now() < until) {
      await sleep(abortPollMillis, never)
      job = await this.get(ref)
    }
    await this.#sweepFiles((found) => found.id === ref.id)
    return job
  }

  /** Lets a failed job go on. A job that waits or runs stays as it is. */
  async resume(ref: ImportRef): Promise<ImportJob | undefined> {
    const job = await this.#change(ref, (found, now) => jobRules.resumed(found, now))
    this.#runner?.wake()
    return job
  }

  /** Removes what an erasure in a workspace must not leave. */
  erase(workspaceId: string): Promise<void> {
    return eraseImports(this.#options.store.imports, workspaceId, this.#files)
  }

  /** Ends the runs behind their batches; their jobs wait for another process. */
  async stop(): Promise<void> {
    await this.#runner?.stop()
  }

  get #files() {
    const { spool, store } = this.#options
    return spool === undefined ? undefined : { store: store.imports, spool, now: this.#now }
  }

  async #sweepFiles(isMeant: (ref: ImportRef) => boolean): Promise<void> {
    const files = this.#files
    if (files !== undefined) await sweepFiles(files, isMeant)
  }

  /** Changes a job as it is by now. */
  async #change(
    ref: ImportRef,
    rule: (job: ImportJob, now: number) => ImportJob
  ): Promise<ImportJob | undefined> {
    const now = this.#now()
    const changed = await this.#options.store.imports.change(ref, (job) => {
      const current = jobRules.at(job, now)
      return current === undefined ? job : rule(current, now)
    })
    return changed === undefined ? undefined : jobRules.at(changed, now)
  }
}

const never = new AbortController().signal
