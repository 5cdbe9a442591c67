import fc from "fast-check"
import { expect, it } from "vitest"
import { scene } from "../../../../test/crew/crew.ts"

const seed = fc.readConfigureGlobal().seed ?? 0

const calls = process.env["NIGHTLY"] === undefined ? 40 : 400

it.each([2, 4])(
  "ID-1, UP-6, SU-2: %i processes on one file end as one after the other would, in answers and state",
  async (size) => {
    const { journal, member, replay, states } = await scene({ seed, size: 40, traced: false })
    const members = await Promise.all(Array.from({ length: size }, (_, index) => member(index, 0, calls)))
    const seen = await Promise.all(members.map(({ work }) => work()))
    const order = journal()
    expect(order).toHaveLength(size * calls)
    for (const { call, member } of order) {
      expect(await replay(member, call), `call ${call} of ${member}`).toBe(seen[member]?.ended.get(call))
    }
    // Each member made its calls in turn, and the members' calls came between each other's.
    const turns = order.filter(({ member }, index) => member !== order[index - 1]?.member).length
    expect(turns).toBeGreaterThan(size)
    const { model, stored } = await states()
    expect(stored).toEqual(model)
  }
)
