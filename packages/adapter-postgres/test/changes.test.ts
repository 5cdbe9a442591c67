/** Changes that name what the snapshot has not shown: written where it exists, refused where it does not. */
import { Campaigns, type Change, EmailAddress, Ids, Leads, type Message, Repository } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { Pool } from "pg"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"
import { tables } from "../src/migrations.ts"
import { databasesOn, using } from "./databases.ts"

const server = await startPostgres()
afterAll(() => server.stop())
const newDatabase = databasesOn(server)

const workspaceId = Ids.WorkspaceId.make("w")
const steps = [
  { subject: "s", bodyHtml: "b" },
  { subject: "t", bodyHtml: "c" }
]

/** A campaign that runs and has one of two leads in it, whose first message is queued. */
const setUp = async () => {
  const pool = new Pool({ connectionString: await newDatabase() })
  onTestFinished(() => pool.end())
  const on = <A, E>(effect: Effect.Effect<A, E, Repository>): Promise<A> => using({ pool }, effect)
  const shown = await on(
    Effect.gen(function* () {
      const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c", steps })
      const { id: other } = yield* Campaigns.create({ workspaceId, name: "other", steps })
      yield* Leads.bulkUpsert({ workspaceId, campaignId, leads: [{ email: "ava@example.com" }] })
      yield* Leads.bulkUpsert({ workspaceId, campaignId: other, leads: [{ email: "ben@example.com" }] })
      yield* Campaigns.start({ workspaceId, campaignId })
      const { items } = yield* Leads.list({ workspaceId })
      const [ava, ben] = items
      if (ava === undefined || ben === undefined) return yield* Effect.die("both leads are there")
      const repository = yield* Repository
      const messageId = Ids.messageId(workspaceId, campaignId, ava.id, 0)
      const { messages } = yield* repository.read({ workspaceId, messages: [messageId] })
      const context = messages.get(messageId)
      if (context === undefined) return yield* Effect.die("the message is there")
      return { campaignId, ava, ben, ...context }
    })
  )
  const decide = (...changes: ReadonlyArray<Change>) =>
    on(
      Effect.flatMap(Repository, (repository) =>
        repository.decide({ workspaceId }, () => Result.succeed({ changes, answer: null }))
      )
    )
  const dump = async () =>
    Promise.all(tables.map(async (table) => (await pool.query(`SELECT * FROM ${table}`)).rows))
  return { on, decide, dump, shown }
}

type Shown = Awaited<ReturnType<typeof setUp>>["shown"]

const stranger = Result.getOrThrow(EmailAddress.parse("stranger@example.com")).key
const nobody = Result.getOrThrow(EmailAddress.parse("nobody@example.com")).key

/** A change of something that exists, or else of something like it that does not: another lead, or the next step. */
const cases: ReadonlyArray<readonly [Change["_tag"], (shown: Shown, exists: boolean) => Change]> = [
  [
    "LeadsChanged",
    ({ ava }, exists) => ({
      _tag: "LeadsChanged",
      leads: [{ ...ava, key: exists ? ava.key : stranger, company: "Acme" }]
    })
  ],
  [
    "LeadsErased",
    ({ ava }, exists) => ({
      _tag: "LeadsErased",
      leads: [{ key: exists ? ava.key : stranger, anonymised: { ...ava, key: nobody } }]
    })
  ],
  [
    "EnrollmentsChanged",
    ({ ava, ben, enrollment }, exists) => ({
      _tag: "EnrollmentsChanged",
      enrollments: [
        { ...enrollment, leadId: exists ? ava.id : ben.id, state: "ended", endReason: "replied", endedAt: 1 }
      ]
    })
  ],
  [
    "MessagesChanged",
    ({ message }, exists) => ({
      _tag: "MessagesChanged",
      messages: [{ ...message, ...named(message, exists ? 0 : 1), state: "sent", sentAt: 1 }]
    })
  ],
  [
    "MessagesLeased",
    ({ message }, exists) => ({
      _tag: "MessagesLeased",
      ids: [named(message, exists ? 0 : 1).id],
      lease: { token: Ids.ClaimToken.make("claim"), until: 60_000 }
    })
  ],
  [
    "MessagesQueued",
    ({ ava, ben, message }, exists) => {
      const leadId = exists ? ava.id : ben.id
      const next = named({ ...message, leadId }, 1)
      return { _tag: "MessagesQueued", messages: [{ ...message, ...next, leadId, state: "cancelled" }] }
    }
  ]
]

const named = ({ campaignId, leadId }: Pick<Message, "campaignId" | "leadId">, step: number) => ({
  id: Ids.messageId(workspaceId, campaignId, leadId, step),
  step
})

describe("a change that names what the snapshot has not shown", () => {
  it.each(cases)("is refused whole where that does not exist: %s", async (_, changeOf) => {
    const { decide, dump, shown } = await setUp()
    const before = await dump()
    const suppressed: Change = {
      _tag: "SuppressionsAdded",
      suppressions: [{ entry: "@example.net", reason: "manual", suppressedAt: 0 }]
    }
    const error = await decide(suppressed, changeOf(shown, false)).catch((error: unknown) => error)
    expect(error).toMatchObject({ _tag: "RepositoryError", reason: { _tag: "ConstraintViolated" } })
    expect(await dump()).toEqual(before)
  })

  it.each(cases)("is written where it does: %s", async (tag, changeOf) => {
    const { decide, on, shown } = await setUp()
    const { ava, campaignId, message } = shown
    await decide(changeOf(shown, true))
    const scope = {
      workspaceId,
      campaignId,
      addresses: [ava.key, nobody],
      messages: [message.id, named(message, 1).id]
    }
    const { counters, leads, messages } = await on(
      Effect.flatMap(Repository, (repository) => repository.read(scope))
    )
    expect({
      counters,
      leads: Array.from(leads.values(), ({ company, key }) => [key, company]),
      messages: Array.from(messages.values(), ({ enrollment, message: { attempt, state } }) => [
        state,
        attempt,
        enrollment.state
      ])
    }).toMatchObject({ ...unchanged(shown), ...written(shown)[tag] })
  })
})

const unchanged = ({ ava }: Shown) => ({
  counters: { enrolled: 1, active: 1, pending: 1, sent: 0 },
  leads: [[ava.key, null]],
  messages: [["pending", 0, "active"]]
})

const written = ({ ava }: Shown): Readonly<Record<string, object>> => ({
  LeadsChanged: { leads: [[ava.key, "Acme"]] },
  LeadsErased: { leads: [[nobody, null]] },
  EnrollmentsChanged: {
    counters: { enrolled: 1, active: 0, pending: 0, sent: 0 },
    messages: [["cancelled", 0, "ended"]]
  },
  MessagesChanged: {
    counters: { enrolled: 1, active: 1, pending: 0, sent: 1 },
    messages: [["sent", 0, "active"]]
  },
  MessagesLeased: { messages: [["pending", 1, "active"]] },
  MessagesQueued: {
    messages: [
      ["pending", 0, "active"],
      ["cancelled", 0, "active"]
    ]
  }
})
