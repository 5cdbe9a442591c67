/** Removes jobs and files whose time is over, and files that no job has. */
import type { ImportJob, ImportRef, ImportsStore } from "./ImportsStore.ts"
import * as jobRules from "./jobRules.ts"
import { maxSwept, orphanMillis } from "./limits.ts"
import type { Spool, SpoolFile } from "./Spool.ts"

export interface SweepOptions {
  readonly store: ImportsStore
  readonly spool: Spool
  readonly now: () => number
}

/** Files between two turns of the event loop. */
const filesPerTurn = 50

const turn = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 0))

/** Changes the jobs of all workspaces that time has changed, then looks at the files of the spool. */
export const sweep = async (options: SweepOptions): Promise<void> => {
  const now = options.now()
  const { store } = options
  for (const job of await store.due({ at: now, limit: maxSwept })) {
    const isForgotten = (found: ImportJob) => jobRules.at(found, now) === undefined
    if (isForgotten(job)) await store.remove(job, isForgotten)
    else await store.change(job, (found) => jobRules.at(found, now) ?? found)
  }
  await sweepFiles(options, () => true)
}

/** Removes the files of some jobs that these no longer have. */
export const sweepFiles = async (
  { now, spool, store }: SweepOptions,
  isMeant: (ref: ImportRef) => boolean
): Promise<void> => {
  const files = (await spool.files()).filter(({ ref }) => isMeant(ref))
  for (const [index, file] of files.entries()) {
    if (index % filesPerTurn === filesPerTurn - 1) await turn()
    if (!isNeeded(file, await store.get(file.ref), now())) await spool.remove(file.ref, file.kind)
  }
}

/** Whether a file is needed. One without a job may be that of an upload under way. */
const isNeeded = ({ kind, modifiedAt }: SpoolFile, job: ImportJob | undefined, now: number): boolean => {
  if (job === undefined) return now < modifiedAt + orphanMillis
  if (kind === "list") return job.hasList
  // A job that runs writes failed rows before it tells of them.
  return job.failedRows !== null || (job.state === "running" && !job.isErased)
}

/** Removes what an erasure in a workspace must not leave. */
export const eraseImports = async (
  store: ImportsStore,
  workspaceId: string,
  files: SweepOptions | undefined
): Promise<void> => {
  let before: string | undefined
  for (;;) {
    const jobs = await store.list({ workspaceId, before, limit: jobsPerPage })
    for (const job of jobs)
      if (jobRules.erased(job) !== job) await store.change(job, (found) => jobRules.erased(found))
    before = jobs.at(-1)?.id
    if (jobs.length < jobsPerPage) break
    await turn()
  }
  if (files !== undefined) await sweepFiles(files, (ref) => ref.workspaceId === workspaceId)
}

const jobsPerPage = 100
