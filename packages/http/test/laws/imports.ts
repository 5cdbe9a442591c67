/** The laws of `ServerStore.imports`, for each store. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { ImportJob, ImportsStore } from "../../src/imports/ImportsStore.ts"
import * as jobRules from "../../src/imports/jobRules.ts"
import type { ServerStore } from "../../src/index.ts"
import * as MemoryImports from "../../src/stores/memory/imports.ts"

const now = Date.UTC(2026, 4, 1)
const limits = { maxOpen: 20, maxKept: 1_000 }

export const jobOf = (number: number, more: Partial<ImportJob> = {}): ImportJob => ({
  ...jobRules.queuedJob({
    id: `imp_${String(number).padStart(26, "0")}`,
    workspaceId: "acme",
    campaignId: "camp_1",
    spoolId: "spool-1",
    options: { format: "csv", map: { "Work Mail": "email", Notes: null } },
    bytes: 10 + number,
    from: 0,
    totalInCampaign: 7,
    now: now + number
  }),
  ...more
})

const idsOf = (jobs: ReadonlyArray<ImportJob>) => jobs.map(({ id }) => Number(id.slice(4)))

const finished = (job: ImportJob): ImportJob =>
  jobRules.completed(jobRules.claimed(job, { owner: "a", now }), { owner: "a", now })

/** One call of a store, with its arguments drawn. */
type Step = (store: ImportsStore) => Promise<unknown>

const number = fc.nat({ max: 9 })
const workspace = fc.constantFrom("acme", "oak")
const ref = fc.record({ workspaceId: workspace, id: number.map((drawn) => jobOf(drawn).id) })
const turn = fc.record({ owner: fc.constantFrom("a", "b"), now: fc.integer({ min: now, max: now + 99 }) })
const rule = fc.oneof(
  turn.map((given) => (job: ImportJob) => jobRules.claimed(job, given)),
  turn.map((given) => (job: ImportJob) => jobRules.requeued(job, given)),
  turn.map((given) => (job: ImportJob) => jobRules.completed(job, given)),
  turn.map((given) => (job: ImportJob) => jobRules.aborted(job, given.now)),
  fc.constant(jobRules.erased),
  fc.constant((job: ImportJob) => job)
)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({ number, workspaceId: workspace, spoolId: fc.constantFrom("spool-1", "spool-2") })
      .map(
        ({ number, ...more }): Step =>
          async (store) => {
            if ((await store.get({ workspaceId: "acme", id: jobOf(number).id })) !== undefined) return "known"
            if ((await store.get({ workspaceId: "oak", id: jobOf(number).id })) !== undefined) return "known"
            return store.add(jobOf(number, more), { maxOpen: 3, maxKept: 4 })
          }
      )
  },
  {
    weight: 4,
    arbitrary: fc.tuple(ref, rule).map(
      ([ref, rule]): Step =>
        (store) =>
          store.change(ref, rule)
    )
  },
  fc.tuple(ref, fc.boolean()).map(
    ([ref, isOver]): Step =>
      (store) =>
        store.remove(ref, (job) => jobRules.isOver(job) === isOver)
  ),
  fc
    .record({
      workspaceId: workspace,
      before: fc.option(
        number.map((drawn) => jobOf(drawn).id),
        { nil: undefined }
      ),
      limit: fc.integer({ min: 1, max: 4 })
    })
    .map(
      (page): Step =>
        (store) =>
          store.list(page)
    ),
  fc.record({ spoolId: fc.constantFrom("spool-1", "spool-2"), limit: fc.integer({ min: 1, max: 3 }) }).map(
    (of): Step =>
      (store) =>
        store.waiting(of)
  ),
  fc
    .record({
      at: fc.integer({ min: now, max: now + 9 * 86_400_000 }),
      limit: fc.integer({ min: 1, max: 4 })
    })
    .map(
      (of): Step =>
        (store) =>
          store.due(of)
    )
)

export const importsLaws = (newStore: () => Promise<() => Promise<ServerStore>>): void => {
  describe("of import jobs", () => {
    it("gives them back, newest first and to their workspace alone", async () => {
      const { imports } = await (await newStore())()
      const jobs = [jobOf(2), jobOf(1), jobOf(3), jobOf(4, { workspaceId: "oak" })]
      for (const job of jobs) expect(await imports.add(job, limits)).toBe(true)
      expect(await imports.get({ workspaceId: "acme", id: jobOf(1).id })).toEqual(jobOf(1))
      expect(await imports.get({ workspaceId: "oak", id: jobOf(1).id })).toBeUndefined()
      expect(await imports.get({ workspaceId: "acme", id: "imp_unknown" })).toBeUndefined()
      expect(idsOf(await imports.list({ workspaceId: "acme", limit: 2 }))).toEqual([3, 2])
      expect(idsOf(await imports.list({ workspaceId: "acme", before: jobOf(2).id, limit: 2 }))).toEqual([1])
      expect(await imports.list({ workspaceId: "elsewhere", limit: 2 })).toEqual([])
      await expect(imports.add(jobOf(1), limits)).rejects.toMatchObject({ _tag: "ServerStoreError" })
    })

    it("lets a workspace have so many open ones, and forgets the oldest that are over", async () => {
      const { imports } = await (await newStore())()
      const few = { maxOpen: 2, maxKept: 3 }
      expect(await imports.add(jobOf(1), few)).toBe(true)
      expect(await imports.add(jobOf(2), few)).toBe(true)
      expect(await imports.add(jobOf(3), few)).toBe(false)
      expect(await imports.add(jobOf(3, { workspaceId: "oak" }), few)).toBe(true)
      await imports.change({ workspaceId: "acme", id: jobOf(2).id }, finished)
      for (const drawn of [4, 5, 6]) {
        expect(await imports.add(jobOf(drawn), few)).toBe(true)
        await imports.change({ workspaceId: "acme", id: jobOf(drawn).id }, finished)
      }
      expect(idsOf(await imports.list({ workspaceId: "acme", limit: 9 }))).toEqual([6, 5, 4, 1])
      expect(idsOf(await imports.list({ workspaceId: "oak", limit: 9 }))).toEqual([3])
    })

    it("makes every change once, whoever makes them at the same time", async () => {
      const opener = await newStore()
      const [a, b] = [await opener(), await opener()]
      await a.imports.add(jobOf(1), limits)
      const ref = { workspaceId: "acme", id: jobOf(1).id }
      const count = (job: ImportJob): ImportJob => ({ ...job, next: job.next + 1 })
      await Promise.all(
        Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? a : b).imports.change(ref, count))
      )
      expect((await a.imports.get(ref))?.next).toBe(20)
      expect(await a.imports.change({ ...ref, workspaceId: "oak" }, count)).toBeUndefined()
    })

    it("lets one of two processes have a job", async () => {
      const opener = await newStore()
      const processes = [await opener(), await opener()]
      for (let round = 0; round < 5; round++) {
        const job = jobOf(round, { workspaceId: `w${round}` })
        await processes[0]?.imports.add(job, limits)
        const claims = await Promise.all(
          processes.map(({ imports }, index) =>
            imports.change(job, (found) => jobRules.claimed(found, { owner: `p${index}`, now }))
          )
        )
        const owners = claims.map((claimed) => claimed?.lease?.owner)
        expect(new Set(owners).size).toBe(1)
      }
    })

    it("gives each workspace its turn, the first that waits, and none to one that runs", async () => {
      const { imports } = await (await newStore())()
      const jobs = [
        jobOf(1),
        jobOf(2, { queuedAt: now - 1 }),
        jobOf(3, { workspaceId: "oak" }),
        jobOf(4, { workspaceId: "elm", spoolId: "spool-2" })
      ]
      for (const job of jobs) await imports.add(job, limits)
      const waiting = async (limit = 9) => idsOf(await imports.waiting({ spoolId: "spool-1", limit }))
      expect(await waiting()).toEqual([2, 3])
      expect(await waiting(1)).toEqual([2])
      await imports.change({ workspaceId: "acme", id: jobOf(2).id }, (job) =>
        jobRules.claimed(job, { owner: "a", now })
      )
      expect(await waiting()).toEqual([3])
      expect(idsOf(await imports.waiting({ spoolId: "spool-2", limit: 9 }))).toEqual([4])
    })

    it("does what the store in memory does, whatever is called", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          const { imports } = await (await newStore())()
          const model = MemoryImports.make()
          for (const run of steps) expect(await run(imports)).toEqual(await run(model))
        }),
        { numRuns: process.env["NIGHTLY"] === undefined ? 8 : 100 }
      )
    })
  })
}
