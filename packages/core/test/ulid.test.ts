/** FAULTS 57: ids cannot be foretold. */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { Campaigns, Delivery, Leads } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { expect, it, onTestFinished, vi } from "vitest"
import { drawUlid } from "../src/ulid.ts"

it("ID-1: ids and claim tokens do not follow from Math.random", async () => {
  const random = vi.spyOn(Math, "random").mockReturnValue(0.5)
  onTestFinished(() => random.mockRestore())
  const drawn = await Effect.runPromise(
    Effect.gen(function* () {
      const steps = [{ subject: "s", bodyHtml: "b" }]
      const ids: Array<string> = []
      for (const name of ["one", "two"]) {
        const { id: campaignId } = yield* Campaigns.create({ workspaceId: name, name, steps })
        yield* Leads.bulkUpsert({ workspaceId: name, campaignId, leads: [{ email: "ava@example.com" }] })
        yield* Campaigns.start({ workspaceId: name, campaignId })
        const { id } = yield* Leads.get({ workspaceId: name, email: "ava@example.com" })
        const [claimed] = yield* Delivery.claim({ workspaceId: name })
        ids.push(campaignId, id, claimed?.claimToken ?? "")
      }
      // Ten digits of a ULID are the time. The last three of a lead's id count within its batch.
      return ids.map((id) => id.slice(id.indexOf("_") + 11, id.indexOf("_") + 24))
    }).pipe(Effect.provide(MemoryRepository.layer))
  )
  expect(new Set(drawn).size).toBe(drawn.length)
  expect(drawn.join("")).toMatch(/^[0-9A-HJKMNP-TV-Z]{78}$/)
})

it("ID-1: every digit of what is drawn takes every value", async () => {
  const digits = Array.from({ length: 16 }, () => new Set<string>())
  for (let i = 0; i < 1_000; i++) {
    const ulid = await Effect.runPromise(drawUlid)
    expect(ulid).toHaveLength(26)
    digits.forEach((seen, index) => {
      seen.add(ulid.charAt(10 + index))
    })
  }
  expect(digits.map(({ size }) => size)).toEqual(digits.map(() => 32))
})

it("ID-1: a seed of the host draws the same ids again", async () => {
  const draw = () => Effect.runPromise(Random.withSeed(drawUlid, "seed"))
  expect((await draw()).slice(10)).toBe((await draw()).slice(10))
})
