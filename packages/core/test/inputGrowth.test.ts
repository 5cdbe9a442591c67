/**
 * Every regular expression and loop of core that reads untrusted input, and the test of its growth:
 *
 * | where | what | its test |
 * | --- | --- | --- |
 * | model/EmailAddress, emailDomain, emailCharacters, addressText, joiners | addresses of at most 320 characters | EmailAddress.test, addressCharacters.test |
 * | model/suggestion | repairs of a refused address | suggestion.test |
 * | rules/parseLead, mergeLead, leadSize | fields of a row, and a lead's after many rows | rows.test |
 * | takeRow | what a row holds before it is parsed | importBytes.test |
 * | rules/tokens, rules/lint | templates: scanning, rendering, lints of syntax and of places | Template.test |
 * | rules/upsert, rules/idempotency | rows of a batch: decision, fingerprint, recall | here |
 * | rules/record | reports of one call, of many messages and of one | here |
 * | rules/parseReport, model/Ids, rules/eventCursor | ids, times and cursors as text of any length | here |
 * | rules/suppression | entries of one call | here |
 * | model/Lead | custom fields from JSON with escapes | here |
 * | model/Campaign, request | names and subjects of any length, lists of an argument | here |
 * | Unsubscribe | tokens: longer ones than 300 characters are refused by their length | here |
 * | inTurns, batches, failedRows | each element once | here |
 */
import { MemoryRepository } from "@leadterra/adapter-memory"
import {
  type Campaign,
  Campaigns,
  customFieldsOf,
  Events,
  emptySnapshot,
  Ids,
  Leads,
  type MessageInContext,
  queuedMessage,
  type Repository,
  type Snapshot,
  Unsubscribe
} from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { describe, it } from "vitest"
import { sortOut } from "../src/failedRows.ts"
import { mapInTurns } from "../src/inTurns.ts"
import { idempotencyKey } from "../src/model/Idempotency.ts"
import { decideUpsertOnce, piecesOf } from "../src/rules/idempotency.ts"
import { createLead } from "../src/rules/mergeLead.ts"
import { parseLead } from "../src/rules/parseLead.ts"
import { parseReport } from "../src/rules/parseReport.ts"
import { decideRecord } from "../src/rules/record.ts"
import { addSuppressions, allOf, parseEntry } from "../src/rules/suppression.ts"
import { batchOf } from "../src/rules/upsert.ts"
import { doubling, expectLinear } from "./growth.ts"

const ulid = "01JXCQ00000000000000000000"
const campaignId = Ids.campaignId(ulid)
const campaign: Campaign = {
  id: campaignId,
  workspaceId: Ids.WorkspaceId.make("ws_1"),
  name: "Spring",
  status: "running",
  steps: [{ subject: "s", bodyHtml: "b", delayDays: 0 }],
  createdAt: 1,
  startedAt: 2,
  pausedAt: null
}
const seen: Snapshot = { ...emptySnapshot, campaign }
const call = { campaignId, onInvalid: "report", ulid } as const
const batch = (rows: ReadonlyArray<unknown>) =>
  batchOf(
    rows.map((row) => parseLead(row)),
    call
  )
const some = <A>(size: number, each: (index: number) => A): ReadonlyArray<A> =>
  Array.from({ length: size }, (_, index) => each(index))

/** The message of a lead, claimed and not yet sent. */
const contextOf = (id: Ids.MessageId, leadId: Ids.LeadId): MessageInContext => {
  const row = Result.getOrThrow(parseLead({ email: `${leadId.slice(-8).toLowerCase()}@x.com` }))
  const enrollment = {
    campaignId,
    leadId,
    position: 0,
    state: "active" as const,
    endReason: null,
    enrolledAt: 1,
    repliedAt: null,
    endedAt: null
  }
  const message = { ...queuedMessage(id, enrollment, 0, 1), attempt: 1 }
  return { message, campaign, lead: createLead(row, leadId, 1), enrollment }
}

describe("growth with the input of strangers", () => {
  const lists: Record<string, (size: number) => ReadonlyArray<unknown>> = {
    "new people": (size) => some(size, (index) => ({ email: `${index}@x.com`, firstName: "a" })),
    "one person": (size) => some(size, (index) => ({ email: "a@x.com", firstName: `a${index}` })),
    "rows that fail": (size) => some(size, (index) => ({ email: `${index}` }))
  }
  it.each(Object.entries(lists))("UP-1, UP-10: the decision on a batch, of %s", (name, make) => {
    const record = { key: idempotencyKey("k"), fingerprint: "f" }
    expectLinear(
      `${name}: decision`,
      doubling(8_000),
      (size) => batch(make(size)),
      (rows) => decideUpsertOnce(seen, rows, record, 9)
    )
    expectLinear(
      `${name}: fingerprint`,
      doubling(8_000),
      (size) => batch(make(size)),
      (rows) => [...piecesOf(rows)]
    )
  })

  it("UP-10: the recall of a report", () => {
    const record = { key: idempotencyKey("k"), fingerprint: "f" }
    const again = (size: number) => {
      const rows = batch(some(size, (index) => ({ email: `${index}@x.com` })))
      const answer = `${size} ${"e".repeat(size)}`
      return { rows, snapshot: { ...seen, idempotency: { ...record, answer, keptAt: 8 } } }
    }
    expectLinear("recall", doubling(8_000), again, ({ rows, snapshot }) =>
      Result.getOrThrow(decideUpsertOnce(snapshot, rows, record, 9))
    )
  })

  it("UP-3: custom fields with escapes from JSON", () => {
    const json = (size: number) =>
      JSON.stringify(Object.fromEntries(some(size, (index) => [`\n${index}`, `"${index}\\`])))
    expectLinear("fields", doubling(8_000), json, customFieldsOf)
    const long = (size: number) => JSON.stringify({ '"a': '"\\'.repeat(size), b: "x".repeat(size) })
    expectLinear("long values", doubling(100_000), long, customFieldsOf)
  })

  it("SU-1: the entries of a call, distinct and the same", () => {
    for (const entry of [
      (index: number) => `${index}@x.com`,
      () => "@x.com",
      (index: number) => `@${index}`
    ]) {
      const add = (entries: ReadonlyArray<string>) => {
        const parsed = allOf(entries.map(parseEntry))
        if (Result.isSuccess(parsed)) addSuppressions(seen, parsed.success, "manual", 9)
      }
      expectLinear("entries", doubling(8_000), (size) => some(size, entry), add)
    }
  })

  it("DE-3: the text of a report, and reports of many messages and of one", () => {
    const units = ["msg_", "msg_a_", "a", "_", `_${ulid}`, "0", "2025-06-10T00:00:00.", "1", "Z"]
    for (const unit of units) {
      const text = (size: number) => `msg_${unit.repeat(size / unit.length)}`
      expectLinear(`an id of ${unit}`, doubling(100_000), text, (messageId) => {
        parseReport({ messageId, type: messageId, at: messageId, class: messageId })
      })
    }
    for (const spread of [8_000, 1]) {
      const reports = (size: number) =>
        some(size, (index) => {
          const id = `msg_ws_1_${ulid}_01JXCQ000000000000000${String(index % spread).padStart(5, "0")}_0`
          return Result.getOrThrow(parseReport({ messageId: id, type: "opened" }))
        })
      const inContext = (size: number) => {
        const list = reports(size)
        const messages = new Map(
          list.map(({ messageId, name }) => [messageId, contextOf(messageId, name.leadId)])
        )
        return { list, snapshot: { ...seen, messages } }
      }
      expectLinear(`reports of ${spread}`, doubling(4_000), inContext, ({ list, snapshot }) =>
        decideRecord(snapshot, list, { now: 9, realNow: 9 })
      )
    }
  })

  it("SQ-8, EV-2, UN-1: names, ids, cursors and tokens that are too long are refused in linear time", () => {
    const calls: Record<string, (text: string) => Effect.Effect<unknown, unknown, Repository>> = {
      "a name": (name) => Campaigns.create({ workspaceId: "w", name }),
      "a new name": (name) => Campaigns.update({ workspaceId: "w", campaignId, name }),
      "a revision": (ifRevision) => Campaigns.update({ workspaceId: "w", campaignId, name: "n", ifRevision }),
      "a subject": (subject) =>
        Campaigns.create({ workspaceId: "w", name: "n", steps: [{ subject, bodyHtml: subject }] }),
      "a workspace": (workspaceId) => Campaigns.get({ workspaceId, campaignId }),
      "a cursor": (after) => Events.read({ workspaceId: "w", after: `1${after}.00000000` }),
      "an address": (email) => Leads.get({ workspaceId: "w", email }),
      "a token": (token) => Unsubscribe.verify({ secret: "s".repeat(32), token })
    }
    for (const [name, call] of Object.entries(calls)) {
      for (const unit of ["a", " ", "1", "\ud83d\ude00", "\u2028", "u1."]) {
        const text = (size: number) => unit.repeat(size / unit.length)
        expectLinear(`${name} of ${JSON.stringify(unit)}`, doubling(400_000), text, (input) => {
          Effect.runSyncExit(Effect.provide(call(input), MemoryRepository.layer))
        })
      }
    }
  })

  it("UP-8: a list is mapped in pieces, and failed rows are put back into their order", () => {
    const elements = (size: number) => some(size, (index) => index)
    expectLinear("pieces", doubling(80_000), elements, (list) => Effect.runSync(mapInTurns(list, String)))
    const batches = (size: number) => some(size, (index) => ({ lead: index, row: index, bytes: 1 }))
    expectLinear("failed rows", doubling(8_000), batches, (rows) => {
      const outcomes = rows.map((_, index) => ({
        index,
        email: null,
        outcome: "failed" as const,
        issues: []
      }))
      const report = {
        enrolled: 0,
        updated: 0,
        skipped: 0,
        failed: rows.length,
        totalInCampaign: 0,
        outcomes
      }
      sortOut(rows, 0).failedWith(report)
    })
  })
})
