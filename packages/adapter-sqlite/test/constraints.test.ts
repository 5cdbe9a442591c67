import { Campaigns, EmailAddress, Ids, Leads, Repository } from "@leadterra/core"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { beforeEach, describe, expect, it } from "vitest"
import { on } from "../../../test/on.ts"
import { migrations } from "../src/migrations.ts"
import { repositoryOn } from "../src/repositoryOn.ts"

let db: Database.Database
let campaignId: Ids.CampaignId
const workspaceId = Ids.WorkspaceId.make("w")
const keyOf = (email: string) => Result.getOrThrow(EmailAddress.parse(email)).key

beforeEach(async () => {
  db = new Database(":memory:")
  for (const migration of migrations) db.exec(migration)
  campaignId = await on(
    repositoryOn(db),
    Effect.gen(function* () {
      const { id } = yield* Campaigns.create({
        workspaceId,
        name: "c",
        steps: [{ subject: "s", bodyHtml: "b" }]
      })
      yield* Leads.bulkUpsert({ workspaceId, campaignId: id, leads: [{ email: "ava@example.com" }] })
      yield* Campaigns.start({ workspaceId, campaignId: id })
      return id
    })
  )
})

describe("below the port", () => {
  const lead = "INSERT INTO lead (id, workspace, key, created_at, updated_at)"
  it.each([
    ["ID-1", "a second lead of an address", `${lead} VALUES (1, 1, 'ava@example.com', 0, 0)`, "UNIQUE"],
    ["ID-1", "a second lead of an id", `${lead} SELECT id, 1, 'other', 0, 0 FROM lead`, "UNIQUE"],
    [
      "ID-1",
      "a second batch of an id",
      "INSERT INTO lead_batch (workspace, ulid) SELECT workspace, ulid FROM lead_batch",
      "UNIQUE"
    ],
    [
      "ID-1",
      "a second enrolment",
      "INSERT INTO enrollment (campaign, lead, enrolled_at) VALUES (1, 32768, 0)",
      "UNIQUE"
    ],
    [
      "SQ-3",
      "a second message of a step",
      "INSERT INTO message (campaign, lead, step, state, due_at) VALUES (1, 32768, 0, 'cancelled', 0)",
      "UNIQUE"
    ],
    [
      "SQ-2",
      "a second queued message",
      "INSERT INTO message (campaign, lead, step, state, due_at) VALUES (1, 32768, 1, 'queued', 0)",
      "UNIQUE"
    ],
    [
      "SQ-2",
      "a message without an enrolment",
      "INSERT INTO message (campaign, lead, step, state, due_at) VALUES (1, 9, 0, 'queued', 0)",
      "FOREIGN KEY"
    ],
    [
      "ID-1",
      "an enrolment without a lead",
      "INSERT INTO enrollment (campaign, lead, enrolled_at) VALUES (1, 9, 0)",
      "FOREIGN KEY"
    ],
    ["SQ-1", "a negative position", "UPDATE enrollment SET position = -1", "CHECK"],
    ["SQ-8", "an unknown state", "UPDATE enrollment SET state = 'asleep'", "CHECK"],
    [
      "SQ-2",
      "an end without a time",
      "UPDATE enrollment SET state = 'ended', end_reason = 'suppressed'",
      "CHECK"
    ],
    ["UP-7", "more active enrolments than there are", "UPDATE campaign SET active = enrolled + 1", "CHECK"],
    [
      "SQ-7",
      "a paused campaign without the time of its pause",
      "UPDATE campaign SET status = 'paused'",
      "CHECK"
    ]
  ])("%s: the schema refuses %s", (_, __, sql, constraint) => {
    expect(() => db.exec(sql)).toThrow(`${constraint} constraint failed`)
  })

  it("SQ-3: a cancelled message keeps its key, so that no other ever takes it", () => {
    db.exec("UPDATE message SET state = 'cancelled'")
    expect(() =>
      db.exec("INSERT INTO message (campaign, lead, step, state, due_at) VALUES (1, 32768, 0, 'queued', 0)")
    ).toThrow("UNIQUE constraint failed")
  })
})

describe("a decision that names what does not exist", () => {
  const email = Effect.map(Leads.list({ workspaceId }), ({ items }) => items[0])

  it.each(["LeadsEnrolled", "LeadsChanged", "CampaignChanged", "FirstStepQueued"] as const)(
    "is refused with ConstraintViolated, whole, for %s",
    async (tag) => {
      const before = db.serialize()
      const error = await on(
        repositoryOn(db),
        Effect.gen(function* () {
          const repository = yield* Repository
          const known = yield* email
          if (known === undefined) return yield* Effect.die("the lead is there")
          const { campaign } = yield* repository.read({ workspaceId, campaignId })
          if (campaign === null) return yield* Effect.die("the campaign is there")
          const stranger = { ...known, key: keyOf("stranger@example.com") }
          const elsewhere = Ids.CampaignId.make("camp_none")
          const change = {
            LeadsEnrolled: {
              _tag: "LeadsEnrolled",
              campaignId,
              keys: [stranger.key],
              enrolledAt: 0,
              dueAt: 0
            },
            LeadsChanged: { _tag: "LeadsChanged", leads: [stranger] },
            CampaignChanged: { _tag: "CampaignChanged", campaign: { ...campaign, id: elsewhere } },
            FirstStepQueued: { _tag: "FirstStepQueued", campaignId: elsewhere, dueAt: 0 }
          } as const
          const suppressed = {
            _tag: "SuppressionsAdded",
            suppressions: [{ entry: "@example.com", reason: "manual", suppressedAt: 0 }]
          } as const
          return yield* Effect.flip(
            repository.decide({ workspaceId }, () =>
              Result.succeed({ changes: [suppressed, change[tag]], answer: null })
            )
          )
        })
      )
      expect(error.reason._tag).toBe("ConstraintViolated")
      expect(db.serialize().equals(before)).toBe(true)
    }
  )

  it("resolves a lead that the snapshot did not load", async () => {
    const { counters } = await on(
      repositoryOn(db),
      Effect.gen(function* () {
        const repository = yield* Repository
        const known = yield* email
        const other = yield* Campaigns.create({ workspaceId, name: "other" })
        yield* repository.decide({ workspaceId }, () =>
          Result.succeed({
            changes: [
              {
                _tag: "LeadsEnrolled",
                campaignId: other.id,
                keys: known === undefined ? [] : [known.key],
                enrolledAt: 0,
                dueAt: null
              }
            ],
            answer: null
          })
        )
        return yield* repository.read({ workspaceId, campaignId: other.id })
      })
    )
    expect(counters).toMatchObject({ enrolled: 1, active: 1, pending: 0 })
  })
})
