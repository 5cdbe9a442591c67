/**
 * The life of an import job, as pure functions from one record to the next. A function whose job is
 * not in a state for it returns the job as it is, and its caller looks at what came back.
 */
import type { JobFailureCode } from "./failureCodes.ts"
import type { FailedRowsFile, ImportCounts, ImportFailure, ImportJob, ListOptions } from "./ImportsStore.ts"
import { jobLifeMillis, leaseMillis, listLifeMillis, queueLifeMillis } from "./limits.ts"

export interface NewJob {
  readonly id: string
  readonly workspaceId: string
  readonly campaignId: string
  readonly spoolId: string
  readonly options: ListOptions
  readonly bytes: number
  /** Rows to pass over. */
  readonly from: number
  readonly totalInCampaign: number
  readonly now: number
}

/** Makes a job that waits for its turn. */
export const queuedJob = ({ from, now, totalInCampaign, ...given }: NewJob): ImportJob =>
  dated({
    ...given,
    state: "queued",
    bytesRead: 0,
    counts: { rows: 0, enrolled: 0, updated: 0, skipped: 0, failed: 0, totalInCampaign },
    next: from,
    hasList: true,
    failedRows: null,
    isErased: false,
    isAborting: false,
    failure: null,
    lease: null,
    createdAt: now,
    queuedAt: now,
    startedAt: null,
    endedAt: null,
    dueAt: 0
  })

/** Computes when time alone next changes a job. */
const dated = (job: ImportJob): ImportJob => ({ ...job, dueAt: dueAt(job) })

const dueAt = ({ endedAt, hasList, lease, queuedAt }: ImportJob): number => {
  if (lease !== null) return lease.until
  if (endedAt === null) return queuedAt + queueLifeMillis
  return endedAt + (hasList ? listLifeMillis : jobLifeMillis)
}

export const isOver = ({ state }: ImportJob): boolean => state !== "queued" && state !== "running"

/** Whether a job can go on: it has stopped for a reason that is none of its list, and the list is kept. */
export const isResumable = ({ hasList, state }: ImportJob): boolean => state === "failed" && hasList

/** Whether a process runs the job. */
export const isRunBy = ({ lease, state }: ImportJob, owner: string): boolean =>
  state === "running" && lease?.owner === owner

interface Turn {
  /** The process that runs the job. */
  readonly owner: string
  readonly now: number
}

/** A process takes a job that waits. */
export const claimed = (job: ImportJob, { now, owner }: Turn): ImportJob =>
  job.state === "queued"
    ? dated({
        ...job,
        state: "running",
        lease: { owner, until: now + leaseMillis },
        startedAt: job.startedAt ?? now
      })
    : job

/** The process that runs a job lives. */
export const renewed = (job: ImportJob, { now, owner }: Turn): ImportJob =>
  isRunBy(job, owner) ? dated({ ...job, lease: { owner, until: now + leaseMillis } }) : job

export interface Advance {
  readonly counts: ImportCounts
  readonly next: number
  readonly bytesRead: number
  readonly failedRows: FailedRowsFile | null
}

/** A batch has landed. Failed rows that an erasure removed stay removed. */
export const advanced = (job: ImportJob, turn: Turn, { failedRows, ...advance }: Advance): ImportJob =>
  isRunBy(job, turn.owner)
    ? renewed({ ...job, ...advance, failedRows: job.isErased ? null : failedRows }, turn)
    : job

/** The process gives a job back, which goes on when its turn comes again. */
export const requeued = (job: ImportJob, { now, owner }: Turn): ImportJob => {
  if (!isRunBy(job, owner)) return job
  if (job.isAborting) return ended(job, "aborted", now)
  return dated({ ...job, state: "queued", lease: null, queuedAt: now })
}

/** The list is at its end. */
export const completed = (job: ImportJob, { now, owner }: Turn): ImportJob =>
  isRunBy(job, owner) ? ended(job, "completed", now) : job

/** A job has failed. The list is kept where going on can help. */
export const failed = (
  job: ImportJob,
  { now, owner }: Turn,
  failure: ImportFailure,
  { keepsList }: { readonly keepsList: boolean }
): ImportJob => {
  if (!isRunBy(job, owner)) return job
  return stopped(job, now, failure, keepsList)
}

/** An erasure while a job runs lets go of its list as well, once the job has stopped. */
const stopped = (job: ImportJob, now: number, failure: ImportFailure, keepsList: boolean): ImportJob =>
  dated({ ...ended(job, "failed", now), failure, hasList: keepsList && !job.isErased })

const ended = (job: ImportJob, state: ImportJob["state"], now: number): ImportJob =>
  dated({ ...job, state, lease: null, endedAt: now, hasList: false, isAborting: false })

/** The caller aborts a job: at once, or behind the batch that is under way. */
export const aborted = (job: ImportJob, now: number): ImportJob => {
  if (job.state === "running") return { ...job, isAborting: true }
  if (job.state === "queued") return ended(job, "aborted", now)
  return job.state === "failed" ? dated({ ...ended(job, "aborted", job.endedAt ?? now), failure: null }) : job
}

/** The caller lets a failed job go on. */
export const resumed = (job: ImportJob, now: number): ImportJob =>
  isResumable(job) ? dated({ ...job, state: "queued", failure: null, endedAt: null, queuedAt: now }) : job

/**
 * An erasure in the workspace: failed rows go, and so does the list of a job that has failed. The list
 * of a job that waits or runs stays until its end: the erased addresses in it are suppressed.
 */
export const erased = (job: ImportJob): ImportJob => {
  if (!isOver(job)) return { ...job, isErased: true, failedRows: null }
  if (job.failedRows === null && !job.hasList) return job
  return dated({ ...job, failedRows: null, hasList: false })
}

const interrupted: ImportFailure & { readonly code: JobFailureCode } = {
  code: "interrupted",
  message: "the process that ran the import has ended, or stood still for too long: let it go on by /resume",
  line: null
}

const neverRun: ImportFailure & { readonly code: JobFailureCode } = {
  code: "expired",
  message: "no server with the list of this import has run it: upload the list again",
  line: null
}

/**
 * A job as time has changed it: a lease that ran out stops it, and lists end after a while. Undefined
 * when the job is no longer kept.
 */
export const at = (job: ImportJob, now: number): ImportJob | undefined => {
  if (job.dueAt > now) return job
  const next = changedByTime(job)
  return next === undefined ? undefined : at(next, now)
}

/** The change that comes with `dueAt`. */
const changedByTime = (job: ImportJob): ImportJob | undefined => {
  const { dueAt, endedAt, hasList, isAborting, lease } = job
  if (lease !== null)
    return isAborting ? ended(job, "aborted", dueAt) : stopped(job, dueAt, interrupted, true)
  if (endedAt === null) return stopped(job, dueAt, neverRun, false)
  return hasList ? dated({ ...job, hasList: false }) : undefined
}
