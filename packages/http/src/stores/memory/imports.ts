/** Import jobs in memory. It is the specification in code. */
import { type ImportJob, type ImportsStore, isOpen } from "../../imports/ImportsStore.ts"
import { ServerStoreError } from "../../ServerStore.ts"

/** The first of two jobs that wait. */
const byPlace = (a: ImportJob, b: ImportJob): number => a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : 1)

export const make = (): ImportsStore => {
  const jobs = new Map<string, ImportJob>()
  const all = () => Array.from(jobs.values())

  /** The jobs of a workspace, newest first. */
  const of = (workspaceId: string) =>
    all()
      .filter((job) => job.workspaceId === workspaceId)
      .sort((a, b) => (a.id < b.id ? 1 : -1))

  const find = ({ id, workspaceId }: { readonly id: string; readonly workspaceId: string }) => {
    const job = jobs.get(id)
    return job?.workspaceId === workspaceId ? job : undefined
  }

  return {
    add: async (job, { maxKept, maxOpen }) => {
      if (jobs.has(job.id)) throw new ServerStoreError("this import was added before: make another id")
      if (of(job.workspaceId).filter(isOpen).length >= maxOpen) return false
      jobs.set(job.id, job)
      for (const old of of(job.workspaceId).slice(maxKept)) if (!isOpen(old)) jobs.delete(old.id)
      return true
    },
    get: async (ref) => find(ref),
    list: async ({ before, limit, workspaceId }) =>
      of(workspaceId)
        .filter(({ id }) => before === undefined || id < before)
        .slice(0, limit),
    change: async (ref, rule) => {
      const job = find(ref)
      if (job === undefined) return undefined
      const changed = rule(job)
      jobs.set(job.id, changed)
      return changed
    },
    waiting: async ({ limit, spoolId }) => {
      const busy = new Set(all().flatMap((job) => (job.state === "running" ? [job.workspaceId] : [])))
      const first = new Map<string, ImportJob>()
      for (const job of all().sort(byPlace)) {
        const { state, workspaceId } = job
        if (state !== "queued" || job.spoolId !== spoolId || busy.has(workspaceId)) continue
        if (!first.has(workspaceId)) first.set(workspaceId, job)
      }
      return Array.from(first.values()).slice(0, limit)
    },
    due: async ({ at, limit }) =>
      all()
        .filter(({ dueAt }) => dueAt <= at)
        .sort((a, b) => a.dueAt - b.dueAt || (a.id < b.id ? -1 : 1))
        .slice(0, limit),
    remove: async (ref, rule) => {
      const job = find(ref)
      if (job !== undefined && rule(job)) jobs.delete(job.id)
    }
  }
}
