/** The life of an import job: whatever happens to it, in any order. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { ImportJob } from "../src/imports/ImportsStore.ts"
import * as jobRules from "../src/imports/jobRules.ts"
import * as limits from "../src/imports/limits.ts"
import { jobOf } from "./laws/imports.ts"

const start = jobOf(1).createdAt
const failure = { code: "unavailable", message: "the store is away: let it go on", line: null }

type Step = (job: ImportJob, now: number) => ImportJob | undefined

const owner = fc.constantFrom("a", "b")
const step: fc.Arbitrary<Step> = fc.oneof(
  owner.map(
    (owner): Step =>
      (job, now) =>
        jobRules.claimed(job, { owner, now })
  ),
  owner.map(
    (owner): Step =>
      (job, now) =>
        jobRules.renewed(job, { owner, now })
  ),
  fc.tuple(owner, fc.nat({ max: 9 })).map(
    ([owner, rows]): Step =>
      (job, now) => {
        const counts = { ...job.counts, rows: job.counts.rows + rows, enrolled: job.counts.enrolled + rows }
        const advance = {
          counts,
          next: job.next + rows,
          bytesRead: 1,
          failedRows: { format: "csv" as const, rows: 1, bytes: 9 }
        }
        return jobRules.advanced(job, { owner, now }, advance)
      }
  ),
  owner.map(
    (owner): Step =>
      (job, now) =>
        jobRules.requeued(job, { owner, now })
  ),
  owner.map(
    (owner): Step =>
      (job, now) =>
        jobRules.completed(job, { owner, now })
  ),
  fc.tuple(owner, fc.boolean()).map(
    ([owner, keepsList]): Step =>
      (job, now) =>
        jobRules.failed(job, { owner, now }, failure, { keepsList })
  ),
  fc.constant<Step>(jobRules.aborted),
  fc.constant<Step>(jobRules.resumed),
  fc.constant<Step>((job) => jobRules.erased(job)),
  fc.constant<Step>(jobRules.at)
)
const life = fc.array(fc.tuple(step, fc.nat({ max: 20_000 })), { maxLength: 30 })

/** All records of a life, each with its time. */
const lifeOf = (steps: ReadonlyArray<readonly [Step, number]>) => {
  const records: Array<readonly [ImportJob, number]> = [[jobOf(1), start]]
  let now = start
  for (const [step, millis] of steps) {
    now += millis
    const [job] = records.at(-1) ?? [jobOf(1)]
    const next = step(job, now)
    if (next === undefined) break
    records.push([next, now])
  }
  return records
}

describe("an import job", () => {
  it("has a lease while it runs, an end when it is over, and its list as long as it may go on", () => {
    fc.assert(
      fc.property(life, (steps) => {
        for (const [job] of lifeOf(steps)) {
          expect(job.lease !== null).toBe(job.state === "running")
          expect(job.endedAt !== null).toBe(jobRules.isOver(job))
          expect(job.failure !== null).toBe(job.state === "failed")
          if (job.state === "queued" || job.state === "running") expect(job.hasList).toBe(true)
          else if (job.state !== "failed") expect(job.hasList).toBe(false)
          if (job.isErased) expect(job.failedRows).toBeNull()
        }
      })
    )
  })

  it("keeps its rows and its place once it is completed or aborted, for ever", () => {
    fc.assert(
      fc.property(life, (steps) => {
        const records = lifeOf(steps)
        const final = records.findIndex(([{ state }]) => state === "completed" || state === "aborted")
        if (final === -1) return
        const [end] = records[final] ?? [jobOf(1)]
        for (const [job] of records.slice(final))
          expect([job.state, job.next, job.counts]).toEqual([end.state, end.next, end.counts])
      })
    )
  })

  it("is changed by its owner alone while it runs, but for an abort and an erasure", () => {
    const running = jobRules.claimed(jobOf(1), { owner: "a", now: start })
    const other = { owner: "b", now: start + 1 }
    const advance = { counts: running.counts, next: 9, bytesRead: 9, failedRows: null }
    expect(jobRules.claimed(running, other)).toBe(running)
    expect(jobRules.renewed(running, other)).toBe(running)
    expect(jobRules.advanced(running, other, advance)).toBe(running)
    expect(jobRules.requeued(running, other)).toBe(running)
    expect(jobRules.completed(running, other)).toBe(running)
    expect(jobRules.failed(running, other, failure, { keepsList: true })).toBe(running)
    expect(jobRules.resumed(running, other.now)).toBe(running)
  })

  it("fails when its lease runs out, keeps its place, and goes on", () => {
    const turn = { owner: "a", now: start }
    const claimed = jobRules.claimed(jobOf(1), turn)
    const counts = { ...claimed.counts, rows: 500, enrolled: 500 }
    const running = jobRules.advanced(claimed, turn, { counts, next: 500, bytesRead: 9, failedRows: null })
    expect(jobRules.at(running, start + limits.leaseMillis - 1)).toBe(running)
    const dead = jobRules.at(running, start + limits.leaseMillis)
    expect(dead).toMatchObject({ state: "failed", next: 500, counts, failure: { code: "interrupted" } })
    const again = jobRules.resumed(dead ?? running, start + limits.leaseMillis + 5)
    expect(again).toMatchObject({ state: "queued", next: 500, counts, failure: null, endedAt: null })
  })

  it("is aborted behind its batch, also when its process dies before", () => {
    const turn = { owner: "a", now: start }
    const asked = jobRules.aborted(jobRules.claimed(jobOf(1), turn), start)
    expect(asked).toMatchObject({ state: "running", isAborting: true })
    expect(jobRules.requeued(asked, turn)).toMatchObject({ state: "aborted", hasList: false })
    expect(jobRules.at(asked, start + limits.leaseMillis)).toMatchObject({ state: "aborted" })
  })

  it("loses its list after a while, and is forgotten later, at the times that it names itself", () => {
    fc.assert(
      fc.property(life, (steps) => {
        for (const [job, now] of lifeOf(steps)) {
          if (job.dueAt > now) expect(jobRules.at(job, now)).toBe(job)
          const end = now + limits.queueLifeMillis + limits.jobLifeMillis + limits.leaseMillis
          expect(jobRules.at(job, end)).toBeUndefined()
        }
      })
    )
    const failed = jobRules.failed(
      jobRules.claimed(jobOf(1), { owner: "a", now: start }),
      { owner: "a", now: start },
      failure,
      { keepsList: true }
    )
    expect(jobRules.isResumable(failed)).toBe(true)
    const later = jobRules.at(failed, start + limits.listLifeMillis)
    expect(later).toMatchObject({ state: "failed", hasList: false })
    expect(jobRules.at(failed, start + limits.jobLifeMillis)).toBeUndefined()
  })

  it("loses its failed rows and the list of a stop by an erasure, and keeps none from then on", () => {
    const turn = { owner: "a", now: start }
    const running = jobRules.claimed(jobOf(1), turn)
    const advance = {
      counts: running.counts,
      next: 9,
      bytesRead: 9,
      failedRows: { format: "csv" as const, rows: 1, bytes: 9 }
    }
    const erased = jobRules.erased(jobRules.advanced(running, turn, advance))
    expect(erased).toMatchObject({ state: "running", failedRows: null, hasList: true })
    expect(jobRules.advanced(erased, turn, advance).failedRows).toBeNull()
    expect(jobRules.failed(erased, turn, failure, { keepsList: true }).hasList).toBe(false)
    const stopped = jobRules.failed(running, turn, failure, { keepsList: true })
    expect(jobRules.isResumable(jobRules.erased(stopped))).toBe(false)
  })
})
