import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { type Slot, Slots } from "../src/Slots.ts"

const limits = { atOnce: 2, waiting: 3, waitMillis: 1_000 }

/** The states of slots by now. */
const statesOf = async (slots: ReadonlyArray<Slot | undefined>) => {
  const states = slots.map(() => "waits")
  for (const [index, slot] of slots.entries()) {
    if (slot === undefined) states[index] = "refused"
    void slot?.begun.then((hasBegun) => {
      states[index] = hasBegun ? "begun" : "late"
    })
  }
  await vi.advanceTimersByTimeAsync(0)
  return states
}

describe("slots", () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it("a workspace has so many, its next calls wait in their order, and others do not wait for it", async () => {
    const slots = new Slots(limits)
    const calls = Array.from({ length: 6 }, () => slots.enter("a"))
    expect(await statesOf(calls)).toEqual(["begun", "begun", "waits", "waits", "waits", "refused"])
    expect(await statesOf([slots.enter("b")])).toEqual(["begun"])
    calls[1]?.end()
    calls[1]?.end()
    expect(await statesOf(calls)).toEqual(["begun", "begun", "begun", "waits", "waits", "refused"])
    expect(await statesOf([slots.enter("a"), slots.enter("a")])).toEqual(["waits", "refused"])
  })

  it("a call that leaves while it waits, or has waited too long, makes room for the next", async () => {
    const slots = new Slots(limits)
    const calls = Array.from({ length: 4 }, () => slots.enter("a"))
    calls[2]?.end()
    calls[0]?.end()
    expect(await statesOf(calls)).toEqual(["begun", "begun", "late", "begun"])
    const last = slots.enter("a")
    await vi.advanceTimersByTimeAsync(999)
    expect(await statesOf([last])).toEqual(["waits"])
    await vi.advanceTimersByTimeAsync(1)
    expect(await statesOf([last])).toEqual(["late"])
    last?.end()
    calls[1]?.end()
    calls[3]?.end()
    expect(await statesOf([slots.enter("a"), slots.enter("a"), slots.enter("a")])).toEqual([
      "begun",
      "begun",
      "waits"
    ])
  })

  it("no more calls than slots are under way at any time, and each that waits begins once there is one", async () => {
    const step = fc.record({ workspace: fc.constantFrom("a", "b"), ends: fc.nat({ max: 9 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const slots = new Slots(limits)
        const open: Array<{ readonly workspace: string; readonly slot: Slot }> = []
        for (const { ends, workspace } of steps) {
          const [left] = open.splice(ends, 1)
          left?.slot.end()
          const slot = slots.enter(workspace)
          const own = open.filter((each) => each.workspace === workspace)
          expect(slot === undefined).toBe(own.length >= limits.atOnce + limits.waiting)
          if (slot !== undefined) open.push({ workspace, slot })
          for (const name of ["a", "b"]) {
            const states = await statesOf(
              open.filter((each) => each.workspace === name).map((each) => each.slot)
            )
            const expected = states.map((_, index) => (index < limits.atOnce ? "begun" : "waits"))
            expect(states).toEqual(expected)
          }
        }
      })
    )
  })
})
