import { MemoryRepository } from "@leadterra/adapter-memory"
import { Campaigns, Delivery, Leads, type Repository, Suppression } from "@leadterra/core"
import { open } from "@leadterra/core/promise"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { expect, it } from "vitest"

const workspaceId = "w"
const steps = [{ subject: "Hi", bodyHtml: "<p>x</p>" }]

const run = <A, E>(program: Effect.Effect<A, E, Repository>) =>
  Effect.runPromise(Effect.provide(program, MemoryRepository.layer))

it("SQ-2: the enrolled leads of a campaign are its list, page after page, each as Leads.enrollment shows it", async () => {
  await run(
    Effect.gen(function* () {
      const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c", steps })
      const { id: other } = yield* Campaigns.create({ workspaceId, name: "other" })
      const ref = { workspaceId, campaignId }
      const people = Array.from({ length: 2_100 }, (_, index) => ({ email: `lead${index}@example.com` }))
      yield* Leads.importAll({ ...ref, leads: people })
      yield* Leads.bulkUpsert({ workspaceId, campaignId: other, leads: [{ email: "other@example.com" }] })
      yield* Campaigns.start(ref)
      yield* Suppression.add({ workspaceId, entries: ["lead7@example.com"] })
      const claimed = yield* Delivery.claim({ workspaceId, limit: 2 })
      yield* Delivery.record({ reports: claimed.map(({ messageId }) => ({ messageId, type: "sent" })) })
      yield* Leads.erase({ workspaceId, emails: ["lead9@example.com"] })
      const all = yield* Stream.runCollect(Leads.enrolled(ref))
      expect(all.map(({ lead }) => lead.email)).toEqual(
        people.map(({ email }) => email).filter((email) => email !== "lead9@example.com")
      )
      for (const index of [0, 1, 2, 7, 2_098]) {
        const one = all[index]
        const view = yield* Leads.enrollment({ ...ref, email: one?.lead.email ?? "" })
        expect({ ...one?.enrollment, pending: one?.pending }).toEqual(view)
      }
    })
  )
})

it("SQ-2: of an unknown campaign there is no list, also as promises", async () => {
  const unknown = { workspaceId, campaignId: "camp_none" }
  expect(await run(Effect.flip(Stream.runDrain(Leads.enrolled(unknown))))).toMatchObject({
    _tag: "CampaignNotFound"
  })
  await using engine = await open(MemoryRepository.layer)
  const loop = async () => {
    for await (const each of engine.leads.enrolled(unknown)) expect(each).toBeUndefined()
  }
  await expect(loop()).rejects.toMatchObject({ _tag: "CampaignNotFound" })
})
