import fc from "fast-check"
import { afterAll, expect, it } from "vitest"
import { scene } from "../../../../test/crew/crew.ts"
import { startPostgres } from "../../../../test/postgres.ts"

const server = await startPostgres()
afterAll(() => server.stop())

const seed = fc.readConfigureGlobal().seed ?? 0
const calls = process.env["NIGHTLY"] === undefined ? 15 : 100

it.each(process.env["NIGHTLY"] === undefined ? [6] : [2, 12])(
  "ID-1, UP-6, SU-2: %i processes on one database end as one after the other would, in answers and state",
  async (size) => {
    const database = `company_${process.pid}_${size}`
    await server.run(`CREATE DATABASE ${database}`)
    const plan = { seed, size: 40, traced: false }
    const { journal, member, replay, states } = await scene(plan, { url: server.url(database) })
    const members = await Promise.all(Array.from({ length: size }, (_, index) => member(index, 0, calls)))
    const seen = await Promise.all(members.map(({ work }) => work()))
    const order = journal()
    expect(order).toHaveLength(size * calls)
    for (const { call, member } of order) {
      expect(await replay(member, call), `call ${call} of ${member}`).toBe(seen[member]?.ended.get(call))
    }
    const turns = order.filter(({ member }, index) => member !== order[index - 1]?.member).length
    expect(turns).toBeGreaterThan(size)
    const { model, stored } = await states()
    expect(stored).toEqual(model)
    await server.run(`DROP DATABASE ${database} WITH (FORCE)`)
  }
)
