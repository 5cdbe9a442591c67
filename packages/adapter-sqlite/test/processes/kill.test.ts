import { setTimeout as sleep } from "node:timers/promises"
import Database from "better-sqlite3"
import fc from "fast-check"
import { expect, it } from "vitest"
import { type Plan, traceOf } from "../../../../test/crew/calls.ts"
import { type Member, type Seen, scene } from "../../../../test/crew/crew.ts"

const rounds = process.env["NIGHTLY"] === undefined ? 10 : 100
const members = [0, 1]
const seed = fc.readConfigureGlobal().seed ?? 0
const plan: Plan = { seed, size: 1_000, traced: true }

/** When a member is killed: some time after it set out, or some time after its n-th transaction began. */
interface Moment {
  readonly transaction: number | undefined
  readonly millis: number
}

const moment: fc.Arbitrary<Moment> = fc.record({
  transaction: fc.option(fc.nat({ max: 4 }), { nil: undefined, freq: 4 }),
  millis: fc.nat({ max: 12 })
})

const workUntilKilled = async ({ began, child, work }: Member, at: Moment): Promise<Seen> => {
  const seen = work()
  if (at.transaction !== undefined) await began(at.transaction)
  await sleep(at.millis)
  child.kill("SIGKILL")
  return seen
}

/** The addresses by which the calls that landed are known. */
const traces = (filename: string): ReadonlySet<string> => {
  const db = new Database(filename)
  try {
    const found = db
      .prepare<[], string>(
        "SELECT key FROM lead WHERE key LIKE 'trace-%' UNION SELECT entry FROM suppression WHERE entry LIKE 'trace-%'"
      )
      .pluck()
      .all()
    expect(db.pragma("integrity_check", { simple: true })).toBe("ok")
    return new Set(found)
  } finally {
    db.close()
  }
}

it(`UP-6: ${rounds * members.length} processes, killed while two at a time work on one file, lose nothing that was answered and leave no call half`, async () => {
  const { filename, journal, member, replay, states } = await scene(plan)
  const moments = fc.sample(fc.tuple(moment, moment), { seed, numRuns: rounds })
  const next = members.map(() => 0)
  let replayed = 0
  let inside = 0
  let unanswered = 0
  for (const at of moments) {
    const crew = await Promise.all(members.map((index) => member(index, next[index] ?? 0, 1e9)))
    const seen = await Promise.all(crew.map((one, index) => workUntilKilled(one, at[index] ?? at[0])))
    const landed = traces(filename)
    const round = journal().slice(replayed)
    replayed += round.length
    for (const { call, member } of round) {
      const digest = seen[member]?.ended.get(call)
      const what = `call ${call} of ${member}`
      if (landed.has(traceOf(member, call))) {
        const expected = await replay(member, call)
        if (digest === undefined) unanswered++
        else expect(digest, what).toBe(expected)
      } else {
        inside++
        expect(digest, `${what} was answered`).toBeUndefined()
      }
      next[member] = call + 1
    }
    const answered = seen.reduce((sum, { ended }) => sum + ended.size, 0)
    expect(round.length - answered, "at most one call of each was under way").toBeLessThanOrEqual(2)
  }
  const { model, stored } = await states()
  expect(stored).toEqual(model)
  console.log(
    `${rounds * members.length} kills: ${inside} inside an open transaction, ${unanswered} after the commit and before the answer, ${replayed - inside} calls landed`
  )
  expect(inside).toBeGreaterThan(0)
})
