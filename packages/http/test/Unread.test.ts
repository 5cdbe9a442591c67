import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Unread } from "../src/Unread.ts"

describe("unread answers", () => {
  it("a workspace that holds a quarter has no room, until its answers were read", () => {
    const unread = new Unread(100)
    const read = unread.hold("a", 24, () => {})
    expect([unread.hasRoom("a"), unread.hasRoom("b")]).toEqual([true, true])
    const readNext = unread.hold("a", 30, () => {})
    expect([unread.hasRoom("a"), unread.hasRoom("b")]).toEqual([false, true])
    readNext()
    readNext()
    expect([unread.hasRoom("a"), unread.bytes]).toEqual([true, 24])
    read()
    expect(unread.bytes).toBe(0)
  })

  it("beyond the bound the oldest answer of the workspace with the most is cut off, and never one that is small beside it", () => {
    const unread = new Unread(100)
    const cut: Array<string> = []
    const hold = (workspace: string, name: string, bytes: number) =>
      unread.hold(workspace, bytes, () => cut.push(name))
    const small = hold("b", "small", 10)
    hold("a", "first", 40)
    hold("a", "second", 40)
    hold("c", "third", 20)
    expect(cut).toEqual(["first"])
    expect(unread.bytes).toBe(70)
    small()
    hold("d", "alone", 1_000)
    expect(cut).toEqual(["first", "alone"])
    expect(new Unread(10).hold("a", 1_000, () => expect.unreachable())).toBeTypeOf("function")
  })

  it("stays within the bound, or at one answer, and forgets each answer once", () => {
    const step = fc.record({
      workspace: fc.constantFrom("a", "b", "c"),
      bytes: fc.integer({ min: 1, max: 60 }),
      reads: fc.nat({ max: 20 })
    })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const unread = new Unread(100)
        const open = new Map<number, { readonly bytes: number; readonly read: () => void }>()
        for (const [name, { bytes, reads, workspace }] of steps.entries()) {
          const isCut = { yes: false }
          const read = unread.hold(workspace, bytes, () => {
            expect(open.delete(name) || !isCut.yes).toBe(true)
            isCut.yes = true
          })
          if (!isCut.yes) open.set(name, { bytes, read })
          const sum = Array.from(open.values()).reduce((sum, each) => sum + each.bytes, 0)
          expect(unread.bytes).toBe(sum)
          expect(sum <= 100 || open.size === 1).toBe(true)
          const [left] = Array.from(open.keys()).slice(reads)
          if (left !== undefined) {
            open.get(left)?.read()
            open.delete(left)
          }
        }
        for (const { read } of open.values()) read()
        expect([unread.bytes, unread.hasRoom("a")]).toEqual([0, true])
      })
    )
  })
})
