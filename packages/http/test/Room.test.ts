import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Room } from "../src/Room.ts"

describe("room", () => {
  it("one workspace holds a quarter, and leaves the rest to others", () => {
    const room = new Room(100)
    expect([room.take("a", 20), room.take("a", 5), room.take("a", 1)]).toEqual([true, true, false])
    expect([room.take("b", 25), room.take("c", 25), room.take("d", 25)]).toEqual([true, true, true])
    expect(room.take("e", 1)).toBe(false)
    room.give("a", 20)
    expect([room.take("a", 20), room.take("e", 1)]).toEqual([true, false])
  })

  it("one call of a workspace may be larger than its share, and one alone than the room", () => {
    const room = new Room(100)
    expect([room.take("a", 60), room.take("a", 1), room.take("b", 40), room.take("b", 1)]).toEqual([
      true,
      false,
      true,
      false
    ])
    expect(new Room(100).take("a", 1_000)).toBe(true)
  })

  it("given back, all of it is free again", () => {
    const calls = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: 1, max: 60 })))
    fc.assert(
      fc.property(calls, (calls) => {
        const room = new Room(100)
        const held = calls.filter(([workspaceId, amount]) => room.take(workspaceId, amount))
        const sum = held.reduce((sum, [, amount]) => sum + amount, 0)
        expect(sum <= 100 || held.length === 1).toBe(true)
        for (const [workspaceId, amount] of held) room.give(workspaceId, amount)
        expect([room.take("a", 100), room.take("b", 1)]).toEqual([true, false])
      })
    )
  })
})
