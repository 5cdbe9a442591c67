/**
 * FAULTS 39: lists and imports whose parts are as large as the limits allow fit into a small heap.
 */
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { type Change, Ids, type Lead, Repository } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { afterAll, beforeAll, expect, it } from "vitest"

const folder = mkdtempSync(join(tmpdir(), "leadterra-large-"))
const filename = join(folder, "leads.db")
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const workspaceId = Ids.WorkspaceId.make("w")
const campaignOf = (index: number) => Ids.campaignId(String(index).padStart(26, "0"))
const text = "x".repeat(5_000)

const lead = (index: number, isLarge: boolean): Lead => ({
  id: Ids.leadId("0".repeat(26), index),
  key: `lead${index}@example.com` as Lead["key"],
  email: `lead${index}@example.com`,
  firstName: null,
  lastName: null,
  company: null,
  jobTitle: null,
  customFields: isLarge
    ? Object.fromEntries(Array.from({ length: 13 }, (_, field) => [`f${field}`, text]))
    : {},
  createdAt: 1,
  updatedAt: 1
})

const large = 1_000
const eventsOfEachKind = 60

/** Written past the use cases, which would take long for as much. */
function* changes(): Generator<ReadonlyArray<Change>> {
  for (let index = 0; index < 200; index++) {
    const campaign = {
      id: campaignOf(index),
      workspaceId,
      name: "c",
      status: "draft",
      steps: Array(5).fill({ subject: "s", bodyHtml: "x".repeat(199_000), delayDays: 0 }),
      createdAt: 1,
      startedAt: null,
      pausedAt: null
    } as const
    yield [{ _tag: "CampaignCreated", campaign }]
  }
  const leads = Array.from({ length: 10_000 }, (_, index) => lead(index, index < large))
  const keys = leads.slice(0, large).map(({ key }) => key)
  const campaignId = campaignOf(0)
  yield [
    { _tag: "LeadsCreated", leads },
    { _tag: "LeadsEnrolled", campaignId, keys, enrolledAt: 1, dueAt: null }
  ]
  const leadIds = leads.map(({ id }) => id)
  const messageIds = leadIds.map((id) => Ids.messageId(workspaceId, campaignId, id, 0))
  for (let at = 0; at < eventsOfEachKind; at++)
    yield [
      {
        _tag: "EventsRecorded",
        at,
        events: [
          { kind: "lead.enrolled", campaignId, leadIds },
          { kind: "message.sent", messageIds, leadIds }
        ]
      }
    ]
}

beforeAll(async () => {
  const write = Effect.gen(function* () {
    const repository = yield* Repository
    for (const each of changes())
      yield* repository.decide({ workspaceId }, () => Result.succeed({ changes: each, answer: null }))
  })
  await Effect.runPromise(Effect.provide(write, SqliteRepository.layer({ filename })))
})

it.each([
  ["EV-2: events of 10,000 ids each, by pages", "events", 2 * eventsOfEachKind],
  ["EV-2: events of 10,000 ids each, as a stream", "followed", 2 * eventsOfEachKind],
  ["ID-1: campaigns of a megabyte each", "campaigns", 200],
  ["ID-1: leads as large as they may be", "leads", 10_000],
  ["SQ-2: enrolled leads as large as they may be", "enrolled", large],
  ["IM-2: three hundred rows of a megabyte each", "imported", 300]
])("%s pass through a heap of 80 MB", async (_, task, count) => {
  const script = join(import.meta.dirname, "largeLists.ts")
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--max-old-space-size=80",
    script,
    task,
    filename
  ])
  expect(stdout).toBe(String(count))
})
